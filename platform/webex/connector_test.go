package webex_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/config"
	"cordboard/platform"
	"cordboard/platform/platformtest"
	"cordboard/platform/webex"
	"cordboard/sim/scenario"
	"cordboard/sim/stage/stagetest"

	sim "cordboard/sim/webex"
)

// org is a simulated organization behind a gate, with the configuration of a connection to it.
type org struct {
	*sim.Server
	gate *platformtest.Gate
	cfg  webex.Config
}

func newOrg(t testing.TB, cfg sim.Config) *org {
	t.Helper()
	gate, err := platformtest.ListenGate()
	if err != nil {
		t.Fatal(err)
	}
	cfg.Listener = gate
	o := &org{Server: sim.New(cfg), gate: gate}
	stagetest.Run(t, o)
	ready := o.Ready()
	o.cfg = webex.Config{
		Name: "wx", URL: fmt.Sprint(ready["url"]), TokenURL: fmt.Sprint(ready["token_url"]),
		ClientID: fmt.Sprint(ready["client_id"]), ClientSecret: config.NewSecret(fmt.Sprint(ready["client_secret"])),
		WebhookSecrets: []config.Secret{config.NewSecret(hookSecret)},
	}
	for _, a := range ready["agents"].([]sim.AgentToken) {
		o.cfg.Agents = append(o.cfg.Agents, webex.Agent{ID: a.ID, RefreshToken: config.NewSecret(a.RefreshToken)})
	}
	return o
}

const hookSecret = "hush-0815"

func (o *org) open(t testing.TB, log *slog.Logger) *webex.Connector {
	t.Helper()
	c, err := webex.Open(o.cfg, log)
	if err != nil {
		t.Fatal(err)
	}
	webex.Hurry(c)
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
	got, err := o.Play(ctx, script, sim.Call{
		Agents: []string{o.cfg.Agents[0].ID, o.cfg.Agents[1].ID}, Scale: 0.01, // so that what one agent causes is not heard of another's feed first
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// upToTalk is how many steps of the script lead up to the talk.
func upToTalk(name string) int {
	script, _ := sim.Script(name)
	return 1 + slices.IndexFunc(script.Steps, func(s scenario.Step) bool { return s.Verb == scenario.Answer })
}

// moments are the named events of one call of the script when all is heard.
func moments(t *testing.T, name string) int {
	t.Helper()
	o := newOrg(t, sim.Config{Agents: 2})
	sink := platformtest.NewSink()
	stop := platformtest.Start(t, o.open(t, slog.New(slog.DiscardHandler)), sink)
	sink.AwaitState(t, platform.Up)
	o.play(t, name, 0)
	sink.Await(t, "the end of the call", func() bool { return len(sink.Moments()) > 3 && len(sink.OpenLegs()) == 0 })
	stop()
	return len(sink.Moments())
}

func TestContract(t *testing.T) {
	const name = "predictive"
	want := moments(t, name)
	platformtest.Run(t, func(t *testing.T) platformtest.Subject {
		o := newOrg(t, sim.Config{Agents: 2})
		return platformtest.Subject{
			Connector: func(t *testing.T, log *slog.Logger) platform.Connector { return o.open(t, log) },
			Refused: func(t *testing.T, log *slog.Logger) platform.Connector {
				for i := range o.cfg.Agents {
					o.cfg.Agents[i].RefreshToken = config.NewSecret("wrong")
				}
				return o.open(t, log)
			},
			Call: func(t *testing.T) int { o.play(t, name, 0); return want },
			Begin: func(t *testing.T) func(*testing.T) {
				begun := o.play(t, name, upToTalk(name))
				return func(t *testing.T) { o.end(t, begun.Main) }
			},
			Cut:  func(*testing.T) { o.gate.Cut() },
			Gate: o.gate,
			Down: func(*testing.T) func() { o.gate.Shut(true); return func() { o.gate.Shut(false) } },
			Nonsense: func(*testing.T) {
				o.gate.Say("\x81\x0dno call event") // a text frame of 13 bytes
			},
			Logins: o.gate.Accepted, Secrets: []string{o.cfg.ClientSecret.Reveal(), o.cfg.Agents[0].RefreshToken.Reveal(), "wrong"},
		}
	})
}

// end ends a call and its wrap-up in the organization, without its network.
func (o *org) end(t testing.TB, task string) {
	t.Helper()
	for _, path := range []string{"end", "wrapup"} {
		req := httptest.NewRequest(http.MethodPost, "/v1/tasks/"+task+"/"+path, strings.NewReader(`{"auxCodeId":"a","wrapUpReason":"Sale"}`))
		req.Header.Set("Authorization", "Bearer "+o.token(t))
		req.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		o.Handler().ServeHTTP(w, req)
		if w.Code >= 300 {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

func (o *org) token(t testing.TB) string {
	t.Helper()
	form := "grant_type=refresh_token&client_id=" + o.cfg.ClientID + "&client_secret=" + o.cfg.ClientSecret.Reveal() + "&refresh_token=" + o.cfg.Agents[0].RefreshToken.Reveal()
	req := httptest.NewRequest(http.MethodPost, "/v1/access_token", strings.NewReader(form))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	o.Handler().ServeHTTP(w, req)
	_, rest, _ := strings.Cut(w.Body.String(), `"access_token":"`)
	token, _, ok := strings.Cut(rest, `"`)
	if !ok {
		t.Fatalf("no token: %d %s", w.Code, w.Body)
	}
	return token
}
