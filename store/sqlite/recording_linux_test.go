package sqlite_test

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// op is one thing that a process did to a file in the folder of its journal, or the acknowledgement of a group. Begun
// and ended are lines of the recording: what ended before another thing began came before it.
type op struct {
	kind         string // write, truncate, sync, create, remove, ack
	file         string // its name; "" is the folder itself
	at           int64  // where a write begins, what a truncate leaves
	data         []byte
	acked        []string // event keys
	failed       bool     // by strace, on purpose
	begun, ended int
}

// strace returns the command that records what a child does, or skips the test where that is not possible.
func strace(t *testing.T, args ...string) []string {
	t.Helper()
	if out, err := exec.Command("strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=fsync", "-o", "/dev/null", "true").CombinedOutput(); err != nil {
		t.Skipf("this test needs strace and the right to use it: %v %s", err, out)
	}
	return append([]string{"strace", "-f", "--seccomp-bpf", "-qq", "-e", "signal=none"}, args...)
}

// record lets a child commit some groups, with a log that begins anew every few, and returns what it did and its exit
// code. More options of strace may make something fail.
func record(t *testing.T, path string, groups int, env []string, options ...string) (ops []op, code int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "recording")
	calls := "trace=open,openat,write,pwrite64,ftruncate,fsync,fdatasync,unlink,unlinkat"
	c := startCommitter(t, path, 1_000_000, append(env, childRest+"=12", fmt.Sprint(childEnd, "=", groups)),
		strace(t, append(options, "-y", "-xx", "-s", "70000", "-e", calls, "-o", file)...)...)
	_, code = c.wait()
	r := &recording{dir: filepath.Dir(path), open: map[string]op{}}
	if err := r.read(file); err != nil {
		t.Fatal(err)
	}
	return r.ops, code
}

// recording reads what strace wrote.
type recording struct {
	dir  string
	line int
	ops  []op
	open map[string]op // calls that have not returned, by thread
}

func (r *recording) read(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		r.line++
		if err := r.take(lines.Text()); err != nil {
			return fmt.Errorf("line %d of the recording: %w", r.line, err)
		}
	}
	return lines.Err()
}

// take reads one line: "PID name(arguments) = result", or one of the two halves of it, "PID name(arguments
// <unfinished ...>" and "PID <... name resumed>) = result".
func (r *recording) take(line string) error {
	thread, line, _ := strings.Cut(line, " ")
	line = strings.TrimLeft(line, " ")
	if rest, half := strings.CutPrefix(line, "<... "); half {
		if o, ok := r.open[thread]; ok {
			delete(r.open, thread)
			_, result, _ := cutLast(rest, " = ")
			r.add(o, result)
		}
		return nil
	}
	name, rest, _ := strings.Cut(line, "(")
	args, unfinished := strings.CutSuffix(rest, " <unfinished ...>")
	args, result, finished := cutLast(args, " = ")
	if !unfinished && !finished {
		return nil // a call that the end of the process cut off
	}
	o, err := r.call(name, strings.Split(strings.TrimRight(args, " )"), ", "))
	switch {
	case err != nil:
		return err
	case o.kind == "":
	case unfinished:
		r.open[thread] = o
	default:
		r.add(o, result)
	}
	return nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// add takes a call that returned; one that failed did nothing.
func (r *recording) add(o op, result string) {
	o.ended, o.failed = r.line, strings.HasSuffix(result, "(INJECTED)")
	if o.failed || !strings.HasPrefix(result, "-") {
		r.ops = append(r.ops, o)
	}
}

// call understands one call; its kind is empty when it is none of ours.
func (r *recording) call(name string, args []string) (o op, err error) {
	o.begun = r.line
	var ours bool
	path := args[0]
	if strings.HasSuffix(name, "at") {
		path = args[1]
	}
	switch name {
	case "write":
		if strings.HasPrefix(args[0], "1<") {
			text, err := unhex(args[1])
			o.kind, o.acked = "ack", strings.Split(strings.TrimSpace(string(text)), "\t")
			return o, err
		}
		return o, nil
	case "open", "openat":
		if !strings.Contains(args[len(args)-2]+args[len(args)-1], "O_CREAT") {
			return o, nil
		}
		o.kind = "create"
	case "unlink", "unlinkat":
		o.kind = "remove"
	case "fsync", "fdatasync":
		o.kind = "sync"
	case "pwrite64":
		o.kind = "write"
		if o.data, err = unhex(args[1]); err != nil {
			return o, err
		}
		o.at, err = strconv.ParseInt(args[3], 10, 64)
	case "ftruncate":
		o.kind = "truncate"
		o.at, err = strconv.ParseInt(args[1], 10, 64)
	}
	if err != nil {
		return o, err
	}
	if o.file, ours, err = r.name(path); !ours {
		o.kind = ""
	}
	return o, err
}

// name is the name of a file in the folder, from a path or a descriptor with its path.
func (r *recording) name(arg string) (name string, ours bool, err error) {
	if _, path, ok := strings.Cut(arg, "<"); ok {
		arg = strings.TrimSuffix(path, ">")
	}
	path, err := unhex(arg)
	if string(path) == r.dir {
		return "", true, err
	}
	name, ours = strings.CutPrefix(string(path), r.dir+"/")
	return name, ours && !strings.HasSuffix(name, "-shm") && !strings.HasSuffix(name, ".lock"), err // both mean nothing after a crash
}

// unhex reads a text that is written as "\x2f…", with or without quotes.
func unhex(text string) ([]byte, error) {
	return hex.DecodeString(strings.ReplaceAll(strings.Trim(text, `"`), `\x`, ""))
}
