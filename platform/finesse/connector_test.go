package finesse_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/config"
	"cordboard/platform"
	"cordboard/platform/finesse"
	"cordboard/platform/platformtest"
	"cordboard/sim/scenario"
	"cordboard/sim/stage/stagetest"

	sim "cordboard/sim/finesse"
)

const password = "hush-4711"

// site is a simulated Finesse behind two gates, with the configuration of a connection to it.
type site struct {
	*sim.Server
	http, xmpp *platformtest.Gate
	cfg        finesse.Config
}

func newSite(t testing.TB, transport string, agents int) *site {
	t.Helper()
	return newSiteOf(t, transport, sim.Config{Agents: agents, Password: password, NoWrapUp: true})
}

func newSiteOf(t testing.TB, transport string, cfg sim.Config) *site {
	t.Helper()
	s := &site{}
	var err error
	if s.http, err = platformtest.ListenGate(); err != nil {
		t.Fatal(err)
	}
	if s.xmpp, err = platformtest.ListenGate(); err != nil {
		t.Fatal(err)
	}
	cfg.HTTPListener, cfg.XMPPListener = s.http, s.xmpp
	s.Server = sim.New(cfg)
	stagetest.Run(t, s)
	s.cfg = finesse.Config{Name: "north", URL: "http://" + s.http.Addr().String(), Transport: transport}
	if transport == "tcp" {
		s.cfg.XMPP, s.cfg.Security = s.xmpp.Addr().String(), "none"
	}
	for i := range cfg.Agents {
		s.cfg.Agents = append(s.cfg.Agents, finesse.Agent{ID: fmt.Sprint(1001001 + i), Password: config.NewSecret(password)})
	}
	return s
}

func (s *site) open(t testing.TB, log *slog.Logger) *finesse.Connector {
	t.Helper()
	c, err := finesse.Open(s.cfg, log)
	if err != nil {
		t.Fatal(err)
	}
	finesse.Hurry(c)
	return c
}

// play plays the first steps of a built-in script, all of them when steps is 0.
func (s *site) play(t testing.TB, name string, steps int) sim.Result {
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
	got, err := s.Play(ctx, script, sim.Call{Agents: []string{"1001001", "1001002"}})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// rest asks the site without its network.
func (s *site) rest(t testing.TB, method, path, body string) {
	t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.SetBasicAuth("1001001", password)
	req.Header.Set("Content-Type", "application/xml")
	rec := httptest.NewRecorder()
	s.Handler().ServeHTTP(rec, req)
	if rec.Code >= 300 {
		t.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body)
	}
}

func subject(transport string) func(t *testing.T) platformtest.Subject {
	return func(t *testing.T) platformtest.Subject {
		s := newSite(t, transport, 2)
		cut := func(*testing.T) { s.http.Cut(); s.xmpp.Cut() }
		sub := platformtest.Subject{
			Connector: func(t *testing.T, log *slog.Logger) platform.Connector { return s.open(t, log) },
			Refused: func(t *testing.T, log *slog.Logger) platform.Connector {
				s.cfg.Agents = []finesse.Agent{{ID: "1001001", Password: config.NewSecret("not-" + password)}}
				return s.open(t, log)
			},
			Call: func(t *testing.T) int {
				s.play(t, "inbound_consult_conference", 0)
				return 14 // the messages of the agents' ends name no wrap-up here
			},
			Begin: func(t *testing.T) func(t *testing.T) {
				ids := s.play(t, "inbound", 2)
				return func(t *testing.T) {
					s.rest(t, http.MethodPut, "/finesse/api/Dialog/"+ids.Main,
						"<Dialog><targetMediaAddress>2001</targetMediaAddress><requestedAction>DROP</requestedAction></Dialog>")
				}
			},
			Cut:  cut,
			Gate: s.http,
			Down: func(t *testing.T) func() {
				s.http.Shut(true)
				s.xmpp.Shut(true)
				return func() { s.http.Shut(false); s.xmpp.Shut(false) }
			},
			Logins:  s.xmpp.Accepted,
			Secrets: []string{password},
		}
		if transport == "tcp" {
			sub.Gate = s.xmpp
			sub.Nonsense = func(*testing.T) {
				s.xmpp.Say(`<message from="pubsub.finesse.example"><event xmlns="http://jabber.org/protocol/pubsub#event"><items node="/finesse/api/User/1001001/Dialogs"><item><notification>&lt;Update&gt;&lt;data&gt;</notification></item></items></event></message>`)
			}
		}
		return sub
	}
}

func TestContractOverWebSocket(t *testing.T) { platformtest.Run(t, subject("ws")) }

func TestContractOverTCP(t *testing.T) { platformtest.Run(t, subject("tcp")) }

// TestEveryScript plays every call that the simulator knows to two agents' sessions and wants each leg to end once.
func TestEveryScript(t *testing.T) {
	s := newSite(t, "ws", 2)
	sink := platformtest.NewSink()
	platformtest.Start(t, s.open(t, slog.New(slog.DiscardHandler)), sink)
	sink.AwaitState(t, platform.Up)
	for _, script := range sim.Scripts() {
		ids := s.play(t, script.Name, 0)
		sink.Await(t, "the end of "+script.Name, func() bool {
			ended := false
			for _, ev := range sink.Moments() {
				ended = ended || ev.Name == "DROPPED" && (ev.Ref == ids.Main || ev.Ref == ids.Reservation)
			}
			return ended && len(sink.OpenLegs()) == 0
		})
	}
	for _, ev := range sink.Moments() {
		consulted := ev.Role == call.ConsultLeg && ev.Leg == ev.Agent // played so fast, it may be over before the other feed is heard
		if ev.Mode == "" && !consulted || ev.CallType == "" || ev.Phase == "" || ev.At.IsZero() || ev.Extension == "" {
			t.Errorf("incomplete: %s mode %q phase %q extension %q", ev.ID, ev.Mode, ev.Phase, ev.Extension)
		}
		if ev.Customer == ev.Extension || len(ev.Customer) == 4 {
			t.Errorf("%s: %q is no customer", ev.ID, ev.Customer)
		}
	}
	for _, k := range sink.Kept() {
		t.Error(k.Reason)
	}
}

// TestOneWrongPassword wants the other agents to go on, and one line about the one that is refused.
func TestOneWrongPassword(t *testing.T) {
	s := newSite(t, "tcp", 3)
	s.cfg.Agents[2].Password = config.NewSecret("wrong")
	var log lines
	sink := platformtest.NewSink()
	stop := platformtest.Start(t, s.open(t, slog.New(slog.NewTextHandler(&log, nil))), sink)
	sink.AwaitState(t, platform.Degraded)
	sink.Await(t, "two sessions", func() bool {
		all := sink.States()
		return all[len(all)-1].SessionsUp == 2
	})
	s.play(t, "inbound", 0)
	sink.AwaitEvent(t, "DROPPED")
	stop()
	if n := strings.Count(log.String(), "refused"); n == 0 || strings.Count(log.String(), "\n") != 1 {
		t.Errorf("log:\n%s", log.String())
	}
	if n := s.xmpp.Accepted(); n != 3 {
		t.Errorf("%d logins", n)
	}
}

// TestOutOfService wants no false end while Finesse is out of service, and the missed end afterwards.
func TestOutOfService(t *testing.T) {
	s := newSite(t, "ws", 2)
	sink := platformtest.NewSink()
	platformtest.Start(t, s.open(t, slog.New(slog.DiscardHandler)), sink)
	sink.AwaitState(t, platform.Up)
	ids := s.play(t, "inbound", 2)
	sink.AwaitEvent(t, "ACTIVE")
	s.OutOfService(true)
	sink.AwaitState(t, platform.Waiting)
	s.OutOfService(false)
	sink.AwaitState(t, platform.Up)
	for _, ev := range sink.Moments() {
		if ev.Name == "DROPPED" {
			t.Errorf("%s: the call had not ended", ev.ID)
		}
	}
	s.rest(t, http.MethodPut, "/finesse/api/Dialog/"+ids.Main,
		"<Dialog><targetMediaAddress>2001</targetMediaAddress><requestedAction>DROP</requestedAction></Dialog>")
	sink.AwaitEvents(t, 1, "DROPPED")
}

// TestOrders drives a call from its beginning to its end by orders alone.
func TestOrders(t *testing.T) {
	s := newSite(t, "ws", 2)
	sink := platformtest.NewSink()
	c := s.open(t, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if err := c.Control(ctx, platform.Command{Agent: "1001001", Verb: platform.Ready}); err == nil {
		t.Error("an order was taken before Run")
	}
	platformtest.Start(t, c, sink)
	sink.AwaitState(t, platform.Up)
	order := func(verb platform.Verb, ref, to string, args map[string]string) {
		t.Helper()
		if err := c.Control(ctx, platform.Command{Agent: "1001001", Verb: verb, Ref: ref, To: to, Args: args}); err != nil {
			t.Fatalf("%s: %v", verb, err)
		}
	}
	order(platform.MakeCall, "", "5555550177", nil)
	sink.AwaitEvent(t, "ACTIVE")
	ref := sink.Moments()[0].Ref
	order(platform.Hold, ref, "", nil)
	sink.AwaitEvent(t, "HELD")
	order(platform.Retrieve, ref, "", nil)
	sink.AwaitEvents(t, 2, "ACTIVE")
	order(platform.SetData, ref, "", map[string]string{"callVariable4": "vip", "wrapup": "Sale"})
	sink.Await(t, "the data", func() bool {
		all := sink.Events()
		last := all[len(all)-1]
		return last.DataOnly() && last.Wrapup == "Sale" && last.Vars["callVariable4"] == "vip"
	})
	order(platform.Drop, ref, "", nil)
	sink.AwaitEvent(t, "DROPPED")
	order(platform.NotReady, "", "", map[string]string{"reason": "7"})
	if err := c.Control(ctx, platform.Command{Agent: "1001001", Verb: platform.Hold, Ref: ref}); err == nil {
		t.Error("holding a call that is over gives no error")
	}
	if err := c.Control(ctx, platform.Command{Agent: "7", Verb: platform.Ready}); err == nil {
		t.Error("an agent who is not configured takes orders")
	}
}

// Ensure that a call which rings and is answered while a session reads its snapshot is told in that order, although the
// snapshot tells of the answer and is read before the notifications.
func TestRingingWhileTheSnapshotIsRead(t *testing.T) {
	s := newSite(t, "tcp", 2)
	meanwhile := sync.OnceFunc(func() {
		s.play(t, "predictive_plain", 3)
		if _, err := s.AwaitDialog(t.Context(), "1001001", "ACTIVE"); err != nil {
			t.Error(err)
		}
		if err := s.Ping(t.Context(), "1001001"); err != nil { // the session has read all that was sent before it
			t.Error(err)
		}
	})
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/1001001/Dialogs") {
			meanwhile()
		}
		s.Handler().ServeHTTP(w, r)
	}))
	defer front.Close()
	s.cfg.URL = front.URL
	sink := platformtest.NewSink()
	platformtest.Start(t, s.open(t, slog.New(slog.DiscardHandler)), sink)
	sink.Await(t, "the answer", func() bool {
		return slices.ContainsFunc(sink.Moments(), func(ev call.Event) bool { return ev.Phase == call.Answered })
	})
	var told []call.Phase
	for _, ev := range sink.Moments() {
		told = append(told, ev.Phase)
	}
	if !slices.IsSortedFunc(sink.Moments(), func(a, b call.Event) int { return a.At.Compare(b.At) }) || len(told) < 2 || told[len(told)-1] != call.Answered {
		t.Errorf("told %v, want the ringing before the answer", told)
	}
}

// Ensure that what agents' sessions hear while the journal is away for a while stays in the order of hearing: which call a
// consult belongs to is told by the feed of another agent.
func TestOrderOfFeedsWhileTheSinkWaits(t *testing.T) {
	s := newSite(t, "ws", 2)
	sink := platformtest.NewSink()
	platformtest.Start(t, s.open(t, slog.New(slog.DiscardHandler)), sink)
	sink.AwaitState(t, platform.Up)
	release := sink.Block()
	script, ok := sim.Script("manual_outbound_consult_conference")
	if !ok {
		t.Fatal("no such script")
	}
	mains := map[string]string{} // by consult
	for range 20 {
		ids, err := s.Play(t.Context(), script, sim.Call{Agents: []string{"1001001", "1001002"}, Scale: 0.005})
		if err != nil {
			t.Fatal(err)
		}
		mains[ids.Consult] = ids.Main
	}
	release()
	sink.Await(t, "the end of all calls", func() bool {
		ended := map[string]bool{}
		for _, ev := range sink.Moments() {
			if ev.Name == "DROPPED" && ev.Leg == "1001001" {
				ended[ev.Ref] = true
			}
		}
		return len(ended) == len(mains)
	})
	for _, ev := range sink.Moments() {
		if main := mains[ev.Ref]; main != "" && ev.Of != "" && ev.Of != main {
			t.Errorf("%s of agent %s: consult %s belongs to %s, want %s", ev.Name, ev.Agent, ev.Ref, ev.Of, main)
		}
	}
}
