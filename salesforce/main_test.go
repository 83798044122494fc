package salesforce_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const source = "force-app/main/default"

// node runs a script of the strangers and reads the JSON that it prints. It skips the test where Node or the registry is
// missing.
func node(t *testing.T, into any, script string, args ...string) {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed: Salesforce's own tools need Node 20 and npm", tool)
		}
	}
	if _, err := os.Stat(filepath.Join("strangers", "node_modules", "@lwc", "compiler")); err != nil {
		ci := exec.CommandContext(t.Context(), "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
		ci.Dir = "strangers"
		if out, err := ci.CombinedOutput(); err != nil {
			if isOffline(out) {
				t.Skipf("the package registry cannot be reached: %v", err)
			}
			t.Fatalf("npm ci: %v\n%s", err, out)
		}
	}
	cmd := exec.CommandContext(t.Context(), "node", append([]string{script}, args...)...)
	cmd.Dir = "strangers"
	var errors strings.Builder
	cmd.Stderr = &errors
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node %s: %v\n%s", script, err, errors.String())
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatalf("node %s: %v\n%.500s", script, err, out)
	}
}

// isOffline tells an unreachable registry from an answer that it gave.
func isOffline(out []byte) bool {
	for _, sign := range []string{"ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH"} {
		if strings.Contains(string(out), sign) {
			return true
		}
	}
	return false
}

// absolute is a path that a script in another folder understands.
func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
