// Package pgtest runs a PostgreSQL server of a test's own: a real one, in a folder of its own, with the settings that an
// installation has. A test may stop it, crash it, and look into it beside the program that it tests.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Server is a PostgreSQL server. Its user is called cordboard, needs no password and may do everything; its database is
// called postgres. One goroutine at a time may start and stop it; the rest is safe for concurrent use.
type Server struct {
	// Port is where it listens on 127.0.0.1, also after a restart.
	Port string

	bin, dir string
	as       *syscall.SysProcAttr
	options  []string
	cmd      *exec.Cmd
	ended    chan struct{} // closed when the process has ended
}

// ErrNotInstalled means that there is nothing to test with.
var ErrNotInstalled = errors.New("PostgreSQL is not installed (no /usr/lib/postgresql/*/bin/initdb): apt-get install postgresql")

// Start starts a server for one test, with settings such as "fsync=off", and removes it at the test's end. The test is
// skipped where PostgreSQL is not installed.
func Start(t testing.TB, options ...string) *Server {
	t.Helper()
	s, err := New(options...)
	SkipOrFail(t, err)
	t.Cleanup(s.Remove)
	return s
}

// SkipOrFail ends a test that got no server.
func SkipOrFail(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, ErrNotInstalled) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// New makes and starts a server, for tests that share one; whoever calls it calls Remove.
func New(options ...string) (*Server, error) {
	dir, err := os.MkdirTemp("", "cordboard-pg")
	if err != nil {
		return nil, err
	}
	s, err := NewIn(dir, options...)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// NewIn is New in an empty folder of the test's.
func NewIn(dir string, options ...string) (*Server, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return nil, ErrNotInstalled
	}
	slices.Sort(found)
	s := &Server{bin: filepath.Dir(found[len(found)-1]), dir: dir, options: options}
	if err := s.create(); err != nil {
		s.Stop(syscall.SIGQUIT)
		return nil, err
	}
	return s, nil
}

func (s *Server) create() error {
	if os.Geteuid() == 0 { // PostgreSQL refuses to run as root
		if err := s.unprivileged(); err != nil {
			return err
		}
	}
	init := s.Command("initdb", "-D", s.Data(), "-A", "trust", "-U", "cordboard", "-E", "UTF8", "--locale=C", "--no-sync")
	if out, err := init.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	var err error
	for range 5 { // somebody else may take the port between the look and the start
		if s.Port, err = freePort(); err != nil {
			return err
		}
		if err = s.Start(); err == nil {
			return nil
		}
	}
	return err
}

// freePort finds a port below those that the system hands out by itself: nobody takes it while the server is down.
func freePort() (string, error) {
	for range 100 {
		l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(16384+rand.N(16384)))
		if err == nil {
			_, port, _ := net.SplitHostPort(l.Addr().String())
			return port, l.Close()
		}
	}
	return "", errors.New("no port of 100 is free")
}

// Data is the folder of the database cluster.
func (s *Server) Data() string { return filepath.Join(s.dir, "data") }

// Command is a program of PostgreSQL's, to be run as the server's user in the server's folder, which has the database
// cluster in "data".
func (s *Server) Command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir, cmd.SysProcAttr = s.dir, s.as
	return cmd
}

// Start starts the server again and waits until it answers.
func (s *Server) Start() error {
	args := []string{"-D", s.Data(), "-k", s.dir, "-h", "127.0.0.1", "-p", s.Port, "-c", "max_connections=100"}
	for _, o := range s.options {
		args = append(args, "-c", o)
	}
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	s.cmd, s.ended = s.Command("postgres", args...), make(chan struct{})
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		return err
	}
	go func(cmd *exec.Cmd, ended chan struct{}) {
		defer close(ended)
		_ = cmd.Wait()
	}(s.cmd, s.ended)
	return s.answers()
}

// answers waits until the server does.
func (s *Server) answers() error {
	for deadline := time.After(time.Minute); ; {
		conn, err := pgx.Connect(context.Background(), s.URL("postgres"))
		if err == nil {
			return conn.Close(context.Background())
		}
		select {
		case <-time.After(10 * time.Millisecond):
			continue
		case <-s.ended:
		case <-deadline:
			s.Stop(syscall.SIGQUIT)
		}
		text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
		return fmt.Errorf("PostgreSQL does not start: %w\n%s", err, text)
	}
}

// Stop ends the server: SIGINT is a fast shutdown, SIGQUIT an immediate one, which is a crash.
func (s *Server) Stop(how syscall.Signal) {
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	_ = s.cmd.Process.Signal(how)
	<-s.ended
	s.cmd = nil
}

// Die kills the server with all its processes, as when its disk is gone and some of them would wait for it for ever.
func (s *Server) Die() error {
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", s.cmd.Process.Pid))
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // it may have given up by itself
		return err
	}
	s.Stop(syscall.SIGKILL)
	for _, pid := range strings.Fields(string(children)) {
		n, err := strconv.Atoi(pid)
		if err != nil {
			return err
		}
		if p, err := os.FindProcess(n); err == nil {
			_ = p.Kill() // most have ended by themselves
		}
	}
	return nil
}

// Remove ends the server and deletes what it stored.
func (s *Server) Remove() {
	s.Stop(syscall.SIGQUIT)
	_ = os.RemoveAll(s.dir)
}

// URL is the connection string of a database: over the loopback.
func (s *Server) URL(database string) string {
	return fmt.Sprintf("postgres://cordboard@127.0.0.1:%s/%s?sslmode=disable", s.Port, database)
}

// Through is the same server as it is reached through a proxy that listens on another port.
func (s *Server) Through(port string) *Server { return &Server{Port: port} }

// Exec runs SQL beside the program that is tested.
func (s *Server) Exec(t testing.TB, text string, args ...any) {
	t.Helper()
	conn := s.connect(t)
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(context.Background(), text, args...); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// Count reads one number beside the program that is tested.
func (s *Server) Count(t testing.TB, text string, args ...any) (n int64) {
	t.Helper()
	conn := s.connect(t)
	defer func() { _ = conn.Close(context.Background()) }()
	if err := conn.QueryRow(context.Background(), text, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}

// Hold runs SQL in a transaction that stays open, with the locks that it took, until it is taken back.
func (s *Server) Hold(t testing.TB, text string, args ...any) (takeBack func()) {
	t.Helper()
	conn := s.connect(t)
	takeBack = sync.OnceFunc(func() { _ = conn.Close(context.Background()) })
	t.Cleanup(takeBack)
	for _, q := range []struct {
		text string
		args []any
	}{{"BEGIN", nil}, {text, args}} {
		if _, err := conn.Exec(context.Background(), q.text, q.args...); err != nil {
			t.Fatalf("%s: %v", q.text, err)
		}
	}
	return takeBack
}

func (s *Server) connect(t testing.TB) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), s.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	return conn
}
