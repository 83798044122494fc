package salesforce_test

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"cordboard/desk"
	"cordboard/salesforce"

	"github.com/google/go-cmp/cmp"
)

// TestWrittenWithTheServersAddress looks whether the written package is the shipped one with another address everywhere.
func TestWrittenWithTheServersAddress(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "org")
	if err := salesforce.Write(folder, "https://calls.acme.example:8443", salesforce.OwnChannel); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	places := 0
	for path, text := range texts(t, source) {
		places += strings.Count(text, "https://cordboard.example.com")
		want["force-app/main/default/"+path] = strings.ReplaceAll(text, "https://cordboard.example.com", "https://calls.acme.example:8443")
	}
	got := texts(t, folder)
	if !strings.Contains(got["sfdx-project.json"], `"force-app"`) {
		t.Errorf("the project file is %q", got["sfdx-project.json"])
	}
	delete(got, "sfdx-project.json")
	if diff := cmp.Diff(want, got); diff != "" || places < 6 {
		t.Errorf("%d places (-want +got):\n%s", places, diff)
	}
	if err := salesforce.Write(folder, "https://calls.acme.example", salesforce.OwnChannel); err == nil {
		t.Error("a package was written over another")
	}
	for _, server := range []string{"", "calls.acme.example", "http://calls.acme.example", "https://calls.acme.example/", "https://calls.acme.example/desk", "https://a@b", "https://", `https://a"b`, "https://a<b", "https://Calls.acme.example", "https://calls.acme.example:443"} {
		if err := salesforce.Write(filepath.Join(t.TempDir(), "org"), server, salesforce.OwnChannel); err == nil {
			t.Errorf("%q was taken for a server's address", server)
		}
	}
}

// TestWrittenForAnotherChannel looks whether the bridge, and nothing else, names the channel that was asked for.
func TestWrittenForAnotherChannel(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "org")
	if err := salesforce.Write(folder, "https://calls.acme.example", "purecloud__ClientEvent__c"); err != nil {
		t.Fatal(err)
	}
	for path, text := range texts(t, folder) {
		bridge := strings.HasSuffix(path, "/cordboardBridge.js")
		if n := strings.Count(text, "@salesforce/messageChannel/purecloud__ClientEvent__c"); bridge != (n == 1) || strings.Contains(text, "@salesforce/messageChannel/Cordboard") {
			t.Errorf("%s names it %d times", path, n)
		}
	}
	for _, channel := range []string{"", "ClientEvent", "a'; x__c", "../x__c"} {
		if err := salesforce.Write(filepath.Join(t.TempDir(), "org"), "https://calls.acme.example", channel); err == nil {
			t.Errorf("%q was taken for a channel's name", channel)
		}
	}
}

// TestCallCenters looks whether each call center opens a panel that the server serves, in the size that the panel is made
// for, and whether the two ways in which the format tells settings agree ("Call Center Definition Files", Open CTI
// Developer Guide: 240 to 2560 high, 200 to 1920 wide, https).
func TestCallCenters(t *testing.T) {
	hub := desk.NewHub(desk.Config{})
	panel := hub.Panel(map[string]desk.Org{"main": {URL: "https://acme.my.salesforce.com"}})
	paths, err := filepath.Glob(source + "/callCenters/*")
	if err != nil || len(paths) != 2 {
		t.Fatalf("%d call centers: %v", len(paths), err)
	}
	for _, path := range paths {
		center, items := read(t, path), map[string]string{}
		for _, section := range center.all("sections") {
			for _, item := range section.all("items") {
				items[item.get("name")] = item.get("value")
			}
		}
		var settings map[string]string
		if err := json.NewDecoder(bytes.NewReader([]byte(center.get("customSettings")))).Decode(&settings); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		for name, value := range settings {
			if items[name] != value {
				t.Errorf("%s: %s is %q in one place, %q in the other", path, name, value, items[name])
			}
		}
		url, onServer := strings.CutPrefix(items["reqAdapterUrl"], "https://cordboard.example.com")
		if url == "" || !onServer || center.get("adapterUrl") != items["reqAdapterUrl"] {
			t.Errorf("%s: its address is %q and %q", path, center.get("adapterUrl"), items["reqAdapterUrl"])
		}
		answer := httptest.NewRecorder()
		panel.ServeHTTP(answer, httptest.NewRequest("GET", url, nil))
		if open := strings.Contains(guide(t), "does not know Classic yet"); answer.Code != 200 && !(open && strings.Contains(url, "classic")) {
			t.Errorf("%s opens %s, and the server answers %d: %s", path, url, answer.Code, answer.Body)
		}
		height, _ := strconv.Atoi(items["reqSoftphoneHeight"])
		width, _ := strconv.Atoi(items["reqSoftphoneWidth"])
		if height < 240 || height > 2560 || width < 200 || width > 1920 {
			t.Errorf("%s is %d × %d", path, height, width)
		}
		mode := regexp.MustCompile(`host=(\w+)`).FindStringSubmatch(url)[1]
		if !strings.EqualFold(mode, items["reqSalesforceCompatibilityMode"]) {
			t.Errorf("%s is for %s and opens the panel of %s", path, items["reqSalesforceCompatibilityMode"], mode)
		}
	}
}
