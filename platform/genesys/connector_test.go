package genesys_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cordboard/config"
	"cordboard/platform"
	"cordboard/platform/genesys"
	"cordboard/platform/platformtest"
	"cordboard/sim/scenario"
	"cordboard/sim/stage/stagetest"

	sim "cordboard/sim/genesys"
)

const secret = "hush-4711"

// org is a simulated Genesys Cloud org behind a gate, with the configuration of a connection to it.
type org struct {
	*sim.Server
	gate  *platformtest.Gate
	cfg   genesys.Config
	quick bool // conversations that are silent are asked about soon
}

func newOrg(t testing.TB, cfg sim.Config) *org {
	t.Helper()
	gate, err := platformtest.ListenGate()
	if err != nil {
		t.Fatal(err)
	}
	cfg.Listener, cfg.ClientSecret = gate, secret
	if cfg.RateLimit == 0 {
		cfg.RateLimit = -1
	}
	o := &org{Server: sim.New(cfg), gate: gate}
	stagetest.Run(t, o)
	o.cfg = genesys.Config{
		Name: "cloud", URL: o.URL(), LoginURL: o.URL(), ClientID: o.Ready()["client_id"].(string), ClientSecret: config.NewSecret(secret),
	}
	return o
}

func (o *org) open(t testing.TB, log *slog.Logger) *genesys.Connector {
	t.Helper()
	c, err := genesys.Open(o.cfg, log)
	if err != nil {
		t.Fatal(err)
	}
	genesys.Hurry(c)
	if o.quick {
		genesys.AskSoon(c)
	}
	return c
}

// play plays the first steps of a built-in script, all of them when steps is 0.
func (o *org) play(t testing.TB, name string, steps int) sim.Result {
	t.Helper()
	script, ok := sim.Script(name)
	if !ok {
		t.Fatalf("no script %s", name)
	}
	if steps > 0 {
		script = scenario.Script{Name: name, Steps: script.Steps[:steps]}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	got, err := o.Play(ctx, script, sim.Call{Agents: []string{"1", "2"}})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// playScaled plays a whole script with a share of its pauses.
func (o *org) playScaled(t testing.TB, name string, scale float64) sim.Result {
	t.Helper()
	script, ok := sim.Script(name)
	if !ok {
		t.Fatalf("no script %s", name)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	got, err := o.Play(ctx, script, sim.Call{Agents: []string{"1", "2"}, Scale: scale})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func subject(t *testing.T) platformtest.Subject {
	o := newOrg(t, sim.Config{Users: 3})
	return platformtest.Subject{
		Connector: func(t *testing.T, log *slog.Logger) platform.Connector { return o.open(t, log) },
		Refused: func(t *testing.T, log *slog.Logger) platform.Connector {
			o.cfg.ClientSecret = config.NewSecret("not-" + secret)
			return o.open(t, log)
		},
		Call: func(t *testing.T) int {
			o.play(t, "predictive", 0)
			return 6
		},
		Begin: func(t *testing.T) func(t *testing.T) {
			got := o.play(t, "inbound", 2) // only the offer, so that nothing is under way when the agent's leg is known
			return func(t *testing.T) {
				o.answer(t, got)
				o.hangUp(t, got)
			}
		},
		Cut: func(t *testing.T) {
			if err := o.Cut(""); err != nil {
				t.Error(err)
			}
			o.gate.Cut()
		},
		Gate: o.gate,
		Down: func(t *testing.T) func() {
			o.gate.Shut(true)
			return func() { o.gate.Shut(false) }
		},
		Nonsense: func(*testing.T) {
			const text = `{"topicName":"v2.users.u1.conversations","eventBody":{}}`
			o.gate.Say(string([]byte{0x81, byte(len(text))}) + text) // a WebSocket text frame
		},
		Logins:  o.Logins,
		Secrets: []string{secret},
	}
}

func TestContract(t *testing.T) { platformtest.Run(t, subject) }

// rest asks the org without its network, with a token of its own.
func (o *org) rest(t testing.TB, method, path, body string) []byte {
	t.Helper()
	req := httptest.NewRequest(http.MethodPost, "/oauth/token", strings.NewReader("grant_type=client_credentials"))
	req.SetBasicAuth(o.cfg.ClientID, secret)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rec := httptest.NewRecorder()
	o.Handler().ServeHTTP(rec, req)
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &token); err != nil {
		t.Fatal(err)
	}
	req = httptest.NewRequest(method, path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+token.AccessToken)
	req.Header.Set("Content-Type", "application/json")
	rec = httptest.NewRecorder()
	o.Handler().ServeHTTP(rec, req)
	if rec.Code >= 300 {
		t.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body)
	}
	return rec.Body.Bytes()
}

// answer answers the call as its first agent.
func (o *org) answer(t testing.TB, call sim.Result) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	id, err := o.AwaitState(ctx, call.Conversation, call.Agents[0], "alerting")
	if err != nil {
		t.Fatal(err)
	}
	o.rest(t, http.MethodPatch, "/api/v2/conversations/calls/"+call.Conversation+"/participants/"+id, `{"state":"connected"}`)
}

// hangUp ends the call of its first agent, wrap-up included.
func (o *org) hangUp(t testing.TB, call sim.Result) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	id, err := o.AwaitState(ctx, call.Conversation, call.Agents[0], "connected")
	if err != nil {
		t.Fatal(err)
	}
	path := "/api/v2/conversations/calls/" + call.Conversation + "/participants/" + id
	o.rest(t, http.MethodPatch, path, `{"state":"disconnected"}`)
	if _, err := o.AwaitState(ctx, call.Conversation, call.Agents[0], "pending"); err != nil {
		t.Fatal(err)
	}
	o.rest(t, http.MethodPatch, path, `{"wrapup":{"code":"`+o.Ready()["wrapup_codes"].(map[string]string)["Sale"]+`"}}`)
	if err := o.AwaitOver(ctx, call.Conversation); err != nil {
		t.Fatal(err)
	}
}
