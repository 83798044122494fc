package strangers_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"cordboard/sim/salesforce"
	"cordboard/sim/stage/stagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs a seeded org and returns the environment a stranger finds it by.
func start(t *testing.T) (*salesforce.Server, []string) {
	t.Helper()
	org := salesforce.New(salesforce.Config{QueryBatch: 10})
	org.Seed(60)
	stagetest.Run(t, org)
	ready := org.Ready()
	jwt := ready["jwt"].(map[string]any)
	return org, append(os.Environ(), "SF_URL="+org.URL(), "SF_CLIENT_ID="+ready["client_id"].(string),
		"SF_CLIENT_SECRET="+ready["client_secret"].(string), "SF_USERNAME="+ready["username"].(string),
		"SF_JWT_KEY="+jwt["private_key"].(string))
}

func run(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env = dir, env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func TestJSForce(t *testing.T) {
	stagetest.Install(t, "jsforce", "jsforce")
	org, env := start(t)
	if out := stagetest.RunNode(t, "jsforce", env, "stranger.js"); !strings.HasSuffix(out, "ok\n") {
		t.Fatalf("jsforce did not come to its end:\n%s", out)
	}
	if d := org.Duplicates(); len(d) != 0 {
		t.Errorf("duplicates %+v", d)
	}
}

func TestGoSalesforce(t *testing.T) {
	org, env := start(t)
	run(t, "gosalesforce", append(env, "GOWORK=off", "GOFLAGS="), "go", "test", "-count=1", "./...")
	if org.Counts()["Task"].Created == 0 {
		t.Error("go-salesforce wrote nothing: its test was skipped?")
	}
}
