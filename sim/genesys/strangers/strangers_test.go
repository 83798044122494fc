package strangers_test

import (
	"encoding/json"
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
	stagetest.Install(t, ".", "purecloud-platform-client-v2")
	org := genesys.New(genesys.Config{FarEnd: 1, RecordDelay: -1, RateLimit: -1})
	stagetest.Run(t, org)
	ready, err := json.Marshal(org.Ready())
	if err != nil {
		t.Fatal(err)
	}
	if out := stagetest.RunNode(t, ".", []string{"GC_READY=" + string(ready)}, "stranger.js"); !strings.HasSuffix(out, "ok\n") {
		t.Fatalf("the vendor's client did not come to its end:\n%s", out)
	}
	for _, r := range org.Requests() {
		if r.Status >= 500 || r.Status == 404 && !strings.Contains(r.Path, "/contacts/") {
			t.Errorf("%s %s was answered %d", r.Method, r.Path, r.Status)
		}
	}
}
