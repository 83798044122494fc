package connect_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cordboard/sim/connect"
	"cordboard/sim/scenario"
	"cordboard/sim/stage/stagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// limit bounds every wait for a fact: far above what is needed, so that it decides nothing on a slow machine.
const limit = time.Minute

// start runs an instance until the test ends.
func start(t *testing.T, cfg connect.Config) *connect.Server {
	t.Helper()
	s := connect.New(cfg)
	stagetest.Run(t, s)
	return s
}

// play plays a built-in script as fast as possible.
func play(t *testing.T, s *connect.Server, name string, call connect.Call) connect.Result {
	t.Helper()
	script, ok := connect.Script(name)
	if !ok {
		t.Fatalf("there is no script %q", name)
	}
	ids, err := s.Play(stagetest.Within(t), script, call)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// steps plays a script of one's own.
func steps(t *testing.T, s *connect.Server, call connect.Call, list ...scenario.Step) (connect.Result, error) {
	t.Helper()
	return s.Play(stagetest.Within(t), scenario.Script{Name: "own", Steps: list}, call)
}

// ear collects what the instance sends.
type ear struct {
	mu   sync.Mutex
	list []connect.Message
}

func listen(s *connect.Server) *ear {
	e := &ear{}
	s.Tap(func(m connect.Message) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.list = append(e.list, m)
	})
	return e
}

func (e *ear) take(source string) []connect.Message {
	e.mu.Lock()
	defer e.mu.Unlock()
	var found []connect.Message
	for _, m := range e.list {
		if source == "" || m.Source == source {
			found = append(found, m)
		}
	}
	return found
}

// decode reads JSON or fails the test.
func decode[T any](t *testing.T, raw []byte) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return v
}

// do makes one request to the instance.
func do(t *testing.T, s *connect.Server, method, path, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(stagetest.Within(t), method, s.Ready()["url"].(string)+path, bytes.NewBufferString(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	defer http.DefaultClient.CloseIdleConnections()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(raw)
}
