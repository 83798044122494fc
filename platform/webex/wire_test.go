package webex_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/platform"
	"cordboard/platform/platformtest"
	"cordboard/platform/webex"

	sim "cordboard/sim/webex"
)

// Every script of the simulator comes over the wire as one call of its mode that ends.
func TestEveryScript(t *testing.T) {
	o := newOrg(t, sim.Config{Agents: 2, CampaignTypes: true})
	sink := platformtest.NewSink()
	stop := platformtest.Start(t, o.open(t, slog.New(slog.DiscardHandler)), sink)
	defer stop()
	sink.AwaitState(t, platform.Up)
	played := map[string]sim.Result{}
	for _, script := range sim.Scripts() {
		played[script.Name] = o.play(t, script.Name, 0)
	}
	calls := func() map[call.ID]call.State {
		x, calls := call.NewIndex(), map[call.ID]call.State{}
		for _, ev := range sink.Events() {
			x.Resolve(&ev)
			calls[ev.Call] = call.Apply(calls[ev.Call], &ev)
		}
		return calls
	}
	sink.Await(t, "the end of all calls", func() bool {
		all := calls()
		for _, st := range all {
			if st.Open() {
				return false
			}
		}
		return len(all) >= len(played)
	})
	all := calls()
	if len(all) != len(played) {
		t.Errorf("%d calls of %d scripts", len(all), len(played))
	}
	modes := map[string]call.Mode{
		"direct": call.DirectPreview, "preview": call.Preview, "manual": call.Manual, "inbound": call.Inbound,
		"progressive": call.Progressive, "predictive": call.Predictive,
	}
	for name, got := range played {
		s, ok := all[call.ID("wx:"+got.Reservation)]
		if !ok {
			s, ok = all[call.ID("wx:"+got.Main)]
		}
		kind, _, _ := strings.Cut(name, "_")
		if !ok || s.Mode != modes[kind] || s.Customer != got.Customer || s.Open() {
			t.Errorf("%s: found %v, mode %q, customer right %v, open %v", name, ok, s.Mode, s.Customer == got.Customer, s.Open())
		}
	}
}

func hooked(body string, secret string) *http.Request {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-WebexCC-Signature", hex.EncodeToString(mac.Sum(nil)))
	return r
}

func TestReceive(t *testing.T) {
	body := func(at time.Time) string {
		return fmt.Sprintf(`{"id":"h","specversion":"1.0","type":"agent:channel_state_change","comciscotimestamp":"%d","data":{"agentId":%q,"taskId":%q,"channelType":"telephony","currentState":"ringing"}}`, at.UnixMilli(), ada, task)
	}
	o := newOrg(t, sim.Config{Agents: 1})
	c := o.open(t, slog.New(slog.DiscardHandler))
	answer := func(r *http.Request) int {
		w := httptest.NewRecorder()
		c.Receive(w, r)
		if w.Code >= 300 && w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("status %d is no problem+json", w.Code)
		}
		return w.Code
	}
	if got := answer(hooked(body(time.Now()), hookSecret)); got != http.StatusServiceUnavailable {
		t.Errorf("before Run: %d", got)
	}
	sink := platformtest.NewSink()
	stop := platformtest.Start(t, c, sink)
	sink.AwaitState(t, platform.Up)
	elsewhere := hooked(body(time.Now()), hookSecret)
	elsewhere.URL.Path = "/other"
	large := hooked(strings.Repeat(" ", 300<<10), hookSecret)
	for name, q := range map[string]struct {
		r    *http.Request
		want int
	}{
		"unsigned": {httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body(time.Now()))), 401}, "wrong secret": {hooked(body(time.Now()), "guess"), 401},
		"old": {hooked(body(time.Now().Add(-10*time.Minute)), hookSecret), 401}, "elsewhere": {elsewhere, 404}, "too large": {large, 413},
		"good": {hooked(body(time.Now()), hookSecret), 204}, "again": {hooked(body(time.Now()), hookSecret), 204},
		"nonsense": {hooked(fmt.Sprintf(`{"comciscotimestamp":%d}`, time.Now().UnixMilli()), hookSecret), 204},
	} {
		if got := answer(q.r); got != q.want {
			t.Errorf("%s: %d, want %d", name, got, q.want)
		}
	}
	if len(sink.Moments()) != 1 || len(sink.Kept()) != 1 {
		t.Errorf("%d moments, %d kept", len(sink.Moments()), len(sink.Kept()))
	}
	stop()
	if got := answer(hooked(body(time.Now()), hookSecret)); got != http.StatusServiceUnavailable {
		t.Errorf("after Run: %d", got)
	}
}

// Orders reach the organization, and a refusal comes back as an error.
func TestControl(t *testing.T) {
	o := newOrg(t, sim.Config{Agents: 2})
	c := o.open(t, slog.New(slog.DiscardHandler))
	sink := platformtest.NewSink()
	defer platformtest.Start(t, c, sink)()
	sink.AwaitState(t, platform.Up)
	begun := o.play(t, "inbound", upToTalk("inbound"))
	me, other := o.cfg.Agents[0].ID, o.cfg.Agents[1].ID
	phase := func(want call.Phase) {
		t.Helper()
		sink.Await(t, string(want), func() bool {
			all := sink.Moments()
			return len(all) > 0 && slicesHas(all, me, want)
		})
	}
	order := func(verb platform.Verb, to string, args map[string]string) {
		t.Helper()
		if err := c.Control(t.Context(), platform.Command{Agent: me, Verb: verb, Ref: begun.Main, To: to, Args: args}); err != nil {
			t.Fatal(err)
		}
	}
	order(platform.Hold, "", nil)
	phase(call.Held)
	order(platform.Retrieve, "", nil)
	order(platform.SetData, "", map[string]string{"caseId": "7"})
	order(platform.PauseRecording, "", nil)
	order(platform.ResumeRecording, "", nil)
	order(platform.Consult, other, nil)
	phase(call.Consulting)
	order(platform.EndConsult, "", nil)
	order(platform.Drop, "", nil)
	phase(call.Wrapup)
	order(platform.WrapUp, "", map[string]string{"code": "c", "reason": "Sale"})
	phase(call.Ended)
	for name, cmd := range map[string]platform.Command{
		"nobody": {Agent: "nobody", Verb: platform.Hold, Ref: "x"}, "no task": {Agent: me, Verb: platform.Hold}, "no such task": {Agent: me, Verb: platform.Hold, Ref: "x"},
		"no campaign": {Agent: me, Verb: platform.Accept, Ref: "x"}, "no number": {Agent: me, Verb: platform.MakeCall}, "nobody to ask": {Agent: me, Verb: platform.Consult, Ref: "x"},
		"unknown": {Agent: me, Verb: "sing", Ref: "x"}, "no such status": {Agent: me, Verb: platform.SetStatus, To: "Meal"},
	} {
		if err := c.Control(t.Context(), cmd); err == nil || !strings.HasPrefix(err.Error(), "webex: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func slicesHas(all []call.Event, agent string, want call.Phase) bool {
	for _, ev := range all {
		if ev.Agent == agent && ev.Phase == want {
			return true
		}
	}
	return false
}

// A token that ends in the middle is replaced without anybody noticing.
func TestExpiredToken(t *testing.T) {
	o := newOrg(t, sim.Config{Agents: 1, RotateRefresh: true})
	c := o.open(t, slog.New(slog.DiscardHandler))
	sink := platformtest.NewSink()
	defer platformtest.Start(t, c, sink)()
	sink.AwaitState(t, platform.Up)
	o.ExpireTokens()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := c.Control(ctx, platform.Command{Agent: o.cfg.Agents[0].ID, Verb: platform.NotReady, Args: map[string]string{"reason": "0"}}); err != nil {
		t.Error(err)
	}
}

func TestConfig(t *testing.T) {
	for _, bad := range []webex.Config{
		{URL: "wss://x", ClientID: "c"}, {URL: "https://x", ClientID: "c"},
		{URL: "https://x", Agents: []webex.Agent{{ID: "a"}}}, {URL: "https://x", AgentsFile: "no such file"},
		{URL: "https://x", Agents: []webex.Agent{{ID: "a"}}, Campaigns: map[string]call.Mode{"x": "manual"}},
	} {
		if _, err := webex.Open(bad, slog.New(slog.DiscardHandler)); err == nil || !strings.HasPrefix(err.Error(), "webex: ") {
			t.Errorf("%+v: %v", bad.URL, err)
		}
	}
}
