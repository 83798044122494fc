package stagetest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// Programs that others wrote: a vendor's own client, or a server that a client of ours has to get along with. Each folder of
// them has a package.json and a package-lock.json that pins every version; npm installs them for the test, without running
// anything of theirs, and nothing of them is ever part of ours.

// Install installs the modules of a folder, unless module is there already. Without Node and npm the test is skipped.
func Install(t testing.TB, dir, module string) {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed, so %s, which others wrote, cannot run", tool, module)
		}
	}
	if err := install(dir, module); err != nil {
		t.Fatalf("npm ci: %v", err)
	}
}

// install lets one process at a time into the folder: tests of several packages share it.
func install(dir, module string) error {
	lock, err := os.OpenFile(filepath.Join(os.TempDir(), "cordboard-npm-"+filepath.Base(filepath.Dir(absolute(dir)))), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer lock.Close() // gives the lock back
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", filepath.FromSlash(module), "package.json")); err == nil {
		return nil
	}
	npm := exec.Command("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
	npm.Dir = dir
	if out, err := npm.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}

func absolute(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		return abs
	}
	return dir
}

// RunNode runs a Node program of the folder, with arguments, to its end and returns what it printed; env is added to the environment. A program
// that fails fails the test.
func RunNode(t testing.TB, dir string, env []string, program string, args ...string) string {
	t.Helper()
	cmd := command(t, dir, env, program)
	cmd.Args = append(cmd.Args, args...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
	return string(out)
}

// Program is a Node program that runs until it is told the end of its input.
type Program struct {
	In    io.WriteCloser
	Lines *bufio.Scanner // what it prints
}

// StartNode starts a Node program of the folder; env is added to the environment. When the test ends its input does, too, and it
// is waited for: one that fails then fails the test.
func StartNode(t testing.TB, dir string, env []string, program string) *Program {
	t.Helper()
	cmd := command(t, dir, env, program)
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
	})
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	return &Program{In: in, Lines: lines}
}

func command(t testing.TB, dir string, env []string, program string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(context.Background(), 2*Limit)
	t.Cleanup(cancel) // before it, what StartNode adds: the program is waited for
	cmd := exec.CommandContext(ctx, "node", program)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	return cmd
}
