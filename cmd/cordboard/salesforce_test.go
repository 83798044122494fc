package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	simsalesforce "cordboard/sim/salesforce"
	"cordboard/sim/stage/stagetest"
)

// orgConfig writes a configuration for a simulated org that runs for the length of the test.
func orgConfig(t *testing.T, more string) (*simsalesforce.Server, string) {
	t.Helper()
	org := simsalesforce.New(simsalesforce.Config{ClientID: "consumer", ClientSecret: "hush"})
	stagetest.Run(t, org)
	file := filepath.Join(t.TempDir(), "cordboard.yaml")
	src := "salesforce:\n  url: " + org.URL() + "\n  client_id: consumer\n  client_secret: hush\n" + more
	if err := os.WriteFile(file, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	return org, file
}

// Ensure that an org is looked at through the recommended workflows' eyes, and that the exit code says how it stands.
func TestSalesforceCheck(t *testing.T) {
	org, file := orgConfig(t, "")
	code, out, stderr := command(t, t.Context(), "", "salesforce", "check", "--config", file)
	for _, want := range []string{"ok          sign-in: ", "workflows may set CallDisposition, ", "Task.Cordboard_Key__c: is an external id", "Lead: is found by ", "cannot see  duplicate rules: "} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if code != exitOK || strings.Contains(out+stderr, "missing") {
		t.Errorf("exit code %d\n%s%s", code, out, stderr)
	}
	if err := org.AddFault(simsalesforce.Fault{Kind: simsalesforce.HiddenField, Object: "Task", Field: "Cordboard_Key__c"}); err != nil {
		t.Fatal(err)
	}
	code, out, _ = command(t, t.Context(), "", "salesforce", "check", "--json", "--config", file)
	missing := 0
	for _, line := range jsonLines(t, out) {
		if line["state"] == "missing" {
			missing++
			if line["about"] != "Task.Cordboard_Key__c" || !strings.Contains(line["do"].(string), "objects/Activity/fields") {
				t.Errorf("missing: %v", line)
			}
		}
	}
	if code != exitFailed || missing != 1 {
		t.Errorf("exit code %d, %d missing\n%s", code, missing, out)
	}
}

// Ensure that a configuration without an org, or with wrong credentials, is told so.
func TestSalesforceCheckRefused(t *testing.T) {
	_, file := orgConfig(t, "")
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(src), "client_secret: hush", "client_secret: other", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, _ := command(t, t.Context(), "", "salesforce", "check", "--config", file)
	if code != exitFailed || !strings.Contains(out, "missing     sign-in: ") || !strings.Contains(out, "→ check client_secret") {
		t.Errorf("exit code %d\n%s", code, out)
	}
	empty := filepath.Join(t.TempDir(), "cordboard.yaml")
	if err := os.WriteFile(empty, []byte("listen: 127.0.0.1:0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := command(t, t.Context(), "", "salesforce", "check", "--config", empty); code != exitFailed || !strings.Contains(stderr, "no section salesforce") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

// Ensure that the program carries the package, and puts the server's address into it.
func TestSalesforcePackage(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "package")
	args := []string{"salesforce", "package", "--server", "https://calls.acme.example", folder}
	if code, _, stderr := command(t, t.Context(), "", args...); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	text, err := os.ReadFile(filepath.Join(folder, "force-app", "main", "default", "callCenters", "CordboardLightning.callCenter-meta.xml"))
	if err != nil || !strings.Contains(string(text), "<adapterUrl>https://calls.acme.example/desk/?host=lightning</adapterUrl>") {
		t.Errorf("%v\n%s", err, text)
	}
	if code, _, stderr := command(t, t.Context(), "", args...); code != exitFailed || !strings.Contains(stderr, "not empty") {
		t.Errorf("written over: exit code %d\n%s", code, stderr)
	}
}
