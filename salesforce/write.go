package salesforce

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"cordboard/socket"
)

//go:embed sfdx-project.json force-app
var files embed.FS

// example is the server's address as it stands in the shipped files, channelImport where the bridge names its channel.
const (
	example       = "https://cordboard.example.com"
	channelImport = "@salesforce/messageChannel/"
)

// OwnChannel is the message channel that the package brings along.
const OwnChannel = "Cordboard_Client_Event__c"

var channelName = regexp.MustCompile(`^[A-Za-z]\w*__c$`)

// Write puts the project into a folder that is not there yet or is empty. server is the address of the Cordboard server
// as agents' browsers and the org reach it, such as https://cordboard.example.com. channel is the message channel that the
// bridge speaks on: [OwnChannel], or one that the org has already, such as purecloud__ClientEvent__c of Genesys Cloud for
// Salesforce.
func Write(folder, server, channel string) error {
	if err := checkServer(server); err != nil {
		return err
	}
	if !channelName.MatchString(channel) {
		return fmt.Errorf("%q is no name of a message channel, such as %s", channel, OwnChannel)
	}
	chosen := strings.NewReplacer(example, server, channelImport+OwnChannel, channelImport+channel)
	if there, err := os.ReadDir(folder); err == nil && len(there) > 0 {
		return fmt.Errorf("%s is not empty", folder)
	}
	return fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(folder, filepath.FromSlash(name))
		if d.IsDir() {
			return os.MkdirAll(to, 0o777)
		}
		text, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(to, []byte(chosen.Replace(string(text))), 0o666)
	})
}

// checkServer takes an origin by https, spelled as browsers spell it: the bridge compares it letter for letter.
func checkServer(server string) error {
	good, _ := socket.ParseOrigins([]string{server})
	if len(good) != 1 || good[0] != server || !strings.HasPrefix(server, "https://") || strings.HasSuffix(server, ":443") || strings.ContainsAny(server, "<>&") {
		return errors.New("the server's address looks like " + example + ": https, in lower case, without a path, and without / at its end")
	}
	return nil
}
