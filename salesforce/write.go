package salesforce

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

//go:embed sfdx-project.json force-app
var files embed.FS

// example is the server's address as it stands in the shipped files.
const example = "https://cordboard.example.com"

// Write puts the project into a folder that is not there yet or is empty. server is the address of the Cordboard server
// as agents' browsers and the org reach it, such as https://cordboard.example.com.
func Write(folder, server string) error {
	if err := checkServer(server); err != nil {
		return err
	}
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
		return os.WriteFile(to, bytes.ReplaceAll(text, []byte(example), []byte(server)), 0o666)
	})
}

// checkServer takes an origin by https and nothing but one: the bridge compares it letter for letter.
func checkServer(server string) error {
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.Scheme+"://"+u.Host != server {
		return errors.New("the server's address looks like " + example + ": https, without a path, and without / at its end")
	}
	return nil
}
