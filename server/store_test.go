package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"cordboard/server"
	"cordboard/sim/finesse"
	"cordboard/store/postgres"
	"cordboard/store/postgres/pgtest"
)

// site starts a simulated Finesse site and returns the configuration of a connection to it.
func site(t *testing.T) (*finesse.Server, string) {
	t.Helper()
	s := finesse.New(finesse.Config{Agents: 2})
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); s.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	ready := s.Ready()
	return s, fmt.Sprintf(`connections:
  - name: finesse
    platform: cisco
    settings:
      url: %v
      xmpp: %v
      agents:
        - {id: "1001001", password: finesse, extension: "2001"}
        - {id: "1001002", password: finesse, extension: "2002"}
`, ready["url"], ready["ws_url"])
}

func onDatabase(db *pgtest.Server, node string) string {
	return fmt.Sprintf("store: {url: %q, node: %s, lease: 5s}\n", db.URL("postgres"), node)
}

// state is the state of the server's only connection.
func state(t *testing.T, url string) string {
	t.Helper()
	var c struct {
		Connections []struct{ State string }
	}
	ask(t, url+"/api/v1/connections", &c)
	return c.Connections[0].State
}

func ask(t *testing.T, url string, into any) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

// Two nodes share a database: one owns the connection, both show what was heard, and the other one takes over when the
// owner stops.
func TestTwoNodes(t *testing.T) {
	db := pgtest.Start(t)
	fin, connection := site(t)
	north, stopNorth := begin(t, onDatabase(db, "north")+connection)
	await(t, "north owns the connection", func() bool { return state(t, north) == "up" })
	south, _ := begin(t, onDatabase(db, "south")+connection)
	await(t, "south stands by", func() bool { return state(t, south) == "standby" })

	play(t, fin)
	events := func(url string) (n int64) {
		var c struct{ Events int64 }
		ask(t, url+"/api/v1/counts", &c)
		return c.Events
	}
	await(t, "both nodes know of the call", func() bool { return events(north) > 0 && events(south) == events(north) })
	heard := events(south)
	request{method: "GET", path: "/readyz", status: 200, kind: "application/json", holds: `"node":"ok"`}.do(t, south)
	request{method: "GET", path: "/metrics", status: 200, holds: "cordboard_node_lease_seconds"}.do(t, south)
	request{method: "GET", path: "/metrics", status: 200, holds: `state="standby"`}.do(t, south)

	stopNorth()
	began := time.Now()
	await(t, "south takes over", func() bool { return state(t, south) == "up" })
	t.Logf("south took over %v after north had stopped", time.Since(began).Round(time.Millisecond))
	play(t, fin)
	await(t, "south hears the next call", func() bool { return events(south) > heard })
}

func play(t *testing.T, fin *finesse.Server) {
	t.Helper()
	script, ok := finesse.Script("inbound")
	if !ok {
		t.Fatal("no such script")
	}
	if _, err := fin.Play(t.Context(), script, finesse.Call{Agents: []string{"1001001"}, Customer: "+14155550123", Scale: 0.01}); err != nil {
		t.Fatal(err)
	}
}

// A node whose database is away says so, and recovers by itself.
func TestReadyWithoutDatabase(t *testing.T) {
	db := pgtest.Start(t)
	url, _ := begin(t, onDatabase(db, "north"))
	ready := func(status int, word string) func() bool {
		return func() bool {
			resp, err := http.Get(url + "/readyz")
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			var parts map[string]string
			if err := json.NewDecoder(resp.Body).Decode(&parts); err != nil {
				t.Fatal(err)
			}
			return resp.StatusCode == status && strings.Contains(parts["node"], word)
		}
	}
	await(t, "ready", ready(200, "ok"))
	db.Stop(syscall.SIGQUIT)
	await(t, "not ready without a database", ready(503, "silent"))
	if err := db.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, "ready again", ready(200, "ok"))
}

// What is wrong with the database is said at the start.
func TestUnsafeDatabase(t *testing.T) {
	db := pgtest.Start(t, "fsync=off")
	cfg := load(t, onDatabase(db, "north"))
	_, err := server.New(t.Context(), cfg, server.Options{})
	if !errors.Is(err, postgres.ErrRefused) || !strings.Contains(err.Error(), "fsync is off") {
		t.Errorf("error %v", err)
	}
}

func TestStoreSettings(t *testing.T) {
	for text, want := range map[string]string{
		`{url: "postgres://cordboard:hunter2@db.example/x"}`:          "password_file",
		`{url: "postgres://cordboard@db.example/x?password=hunter2"}`: "password_file",
		`{url: "mysql://db.example/x"}`:                               "postgres://",
		`{url: "postgres://db.example/x", lease: 10ms}`:               "too short",
	} {
		file := filepath.Join(t.TempDir(), "cordboard.yaml")
		if err := os.WriteFile(file, []byte("store: "+text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, problems := server.LoadConfig(file)
		if err := problems.Err(); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want %s and no secret", text, err, want)
		}
	}
}
