package strangers

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
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
	modules(t)
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	cmd := exec.CommandContext(ctx, "node", program)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_, _ = io.Copy(io.Discard, out)
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v", program, err)
		}
		cancel()
	})
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	return lines
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

// modules installs the pinned programs when they are not there yet.
func modules(t *testing.T) {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed, so the programs that others wrote cannot run", tool)
		}
	}
	if _, err := os.Stat("node_modules/amazon-connect-streams"); err == nil {
		return
	}
	if out, err := exec.Command("npm", "ci", "--no-audit", "--no-fund").CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
}
