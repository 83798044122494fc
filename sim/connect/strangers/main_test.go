package strangers

import (
	"bufio"
	"encoding/json"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cordboard/sim/connect"
	"cordboard/sim/stage/stagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// limit bounds every wait for a fact: far above what is needed, so that it decides nothing on a slow machine.
const limit = 2 * time.Minute

func serve(t *testing.T, cfg connect.Config) *connect.Server {
	t.Helper()
	s := connect.New(cfg)
	stagetest.Run(t, s)
	return s
}

// node runs a program until the test ends and returns the lines that it prints.
func node(t *testing.T, env []string, program string) *bufio.Scanner {
	t.Helper()
	stagetest.Install(t, ".", "amazon-connect-streams")
	return stagetest.StartNode(t, ".", env, program).Lines
}

// line reads one line that a program printed.
func line[T any](t *testing.T, lines *bufio.Scanner) T {
	t.Helper()
	var v T
	if !lines.Scan() {
		t.Fatalf("the program has ended: %v", lines.Err())
	}
	if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
		t.Fatalf("%v in %s", err, lines.Text())
	}
	return v
}
