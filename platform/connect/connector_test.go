package connect_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	connectapi "github.com/aws/aws-sdk-go-v2/service/connect"

	"cordboard/config"
	"cordboard/platform"
	"cordboard/platform/connect"
	"cordboard/platform/platformtest"
	"cordboard/sim/scenario"
	"cordboard/sim/stage/stagetest"

	sim "cordboard/sim/connect"
)

// key is what the API destination sends along.
const key = "a key that nobody guesses"

var silent = slog.New(slog.DiscardHandler)

// site is a simulated instance behind a gate, with the configuration of a connection to it.
type site struct {
	*sim.Server
	gate *platformtest.Gate
	cfg  connect.Config
}

func newSite(t testing.TB, cfg sim.Config) *site {
	t.Helper()
	gate, err := platformtest.ListenGate()
	if err != nil {
		t.Fatal(err)
	}
	cfg.Listener = gate
	if cfg.RequestsPerSecond == 0 {
		cfg.RequestsPerSecond = -1
	}
	s := &site{Server: sim.New(cfg), gate: gate}
	stagetest.Run(t, s)
	s.cfg = connect.Config{
		Name: "acme", Instance: s.told("instance_arn"), AccessKeyID: s.told("access_key_id"), SecretAccessKey: config.NewSecret(s.told("secret_access_key")),
		Stream: s.told("stream"), Queue: s.told("queue_url"), Endpoint: s.told("url"), RequestsPerSecond: 1000, ReceiveKey: config.NewSecret(key),
	}
	return s
}

func (s *site) told(name string) string { return s.Ready()[name].(string) }

func (s *site) open(t testing.TB, log *slog.Logger) *connect.Connector {
	t.Helper()
	c, err := connect.Open(s.cfg, log)
	if err != nil {
		t.Fatal(err)
	}
	connect.Hurry(c)
	return c
}

// play plays the first steps of a built-in script, all of them when steps is 0.
func (s *site) play(t testing.TB, name string, steps int, call sim.Call) sim.Result {
	t.Helper()
	script, ok := sim.Script(name)
	if !ok {
		t.Fatalf("no script %s", name)
	}
	if steps > 0 {
		script = scenario.Script{Name: name, Steps: script.Steps[:steps]}
	}
	got, err := s.Play(stagetest.Within(t), script, call)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// direct sends requests without the network, which may be down.
type direct struct{ s *site }

func (d direct) Do(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	d.s.Handler().ServeHTTP(rec, r)
	return rec.Result(), nil
}

// end ends a call that the first agent has, and clears the contact.
func (s *site) end(t *testing.T, contact string) {
	t.Helper()
	url := s.told("url")
	c := connectapi.New(connectapi.Options{Region: s.told("region"), BaseEndpoint: &url, HTTPClient: direct{s},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: s.told("access_key_id"), SecretAccessKey: "x"}, nil
		})})
	instance, agents := s.told("instance_id"), s.Ready()["agents"].(map[string]any)
	arn := agents["first_arn"].(string)
	user := arn[strings.LastIndex(arn, "/")+1:]
	if _, err := c.StopContact(stagetest.Within(t), &connectapi.StopContactInput{InstanceId: &instance, ContactId: &contact}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.DismissUserContact(stagetest.Within(t), &connectapi.DismissUserContactInput{InstanceId: &instance, UserId: &user, ContactId: &contact}); err != nil {
		t.Fatal(err)
	}
}

func subject(t *testing.T) platformtest.Subject {
	s := newSite(t, sim.Config{Agents: 3})
	first := []string{"agent1001"}
	return platformtest.Subject{
		Connector: func(t *testing.T, log *slog.Logger) platform.Connector { return s.open(t, log) },
		Refused: func(t *testing.T, log *slog.Logger) platform.Connector {
			s.cfg.AccessKeyID = "AKIAUNKNOWN"
			return s.open(t, log)
		},
		Call: func(t *testing.T) int {
			s.play(t, "progressive", 0, sim.Call{Agents: first})
			return 3 // connected, ACW, DROPPED
		},
		Begin: func(t *testing.T) func(t *testing.T) {
			got := s.play(t, "inbound", 3, sim.Call{Agents: first})
			return func(t *testing.T) { s.end(t, got.Contact) }
		},
		Cut: func(t *testing.T) { s.gate.Cut() },
		Down: func(t *testing.T) func() {
			s.gate.Shut(true)
			return func() { s.gate.Shut(false) }
		},
		Resends: true,
		Secrets: []string{s.told("secret_access_key"), key},
	}
}

// The contract, by the stream and the queue together. Both keep what was not acknowledged.
func TestContract(t *testing.T) { platformtest.Run(t, subject) }
