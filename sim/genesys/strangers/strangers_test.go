package strangers_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"cordboard/sim/genesys"
	"cordboard/sim/stage/stagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestVendorsClient runs stranger.js: login, users, a channel with its socket, control of calls and previews, contacts,
// analytics, triggers, refusals.
func TestVendorsClient(t *testing.T) {
	modules(t)
	org := genesys.New(genesys.Config{FarEnd: 1, RecordDelay: -1, RateLimit: -1})
	stagetest.Run(t, org)
	ready, err := json.Marshal(org.Ready())
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "stranger.js")
	cmd.Env = append(os.Environ(), "GC_READY="+string(ready))
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.HasSuffix(string(out), "ok\n") {
		t.Fatalf("the vendor's client did not come to its end: %v\n%s", err, out)
	}
	for _, r := range org.Requests() {
		if r.Status >= 500 || r.Status == 404 && !strings.Contains(r.Path, "/contacts/") {
			t.Errorf("%s %s was answered %d", r.Method, r.Path, r.Status)
		}
	}
}

// modules installs the pinned client when it is not there yet.
func modules(t *testing.T) {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed: the vendor's client, which proves the simulator, needs Node 20 and npm", tool)
		}
	}
	if _, err := os.Stat(filepath.Join("node_modules", "purecloud-platform-client-v2", "package.json")); err == nil {
		return
	}
	if out, err := exec.CommandContext(t.Context(), "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts").CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
}
