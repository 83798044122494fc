package connect_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"cordboard/call"
	"cordboard/config"
	"cordboard/platform"
	"cordboard/platform/connect"
	"cordboard/platform/platformtest"

	sim "cordboard/sim/connect"
)

// post is what an API destination does.
func post(c *connect.Connector, path, body, key string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewBufferString(body))
	r.Header.Set("X-Cordboard-Key", key)
	w := httptest.NewRecorder()
	c.Receive(w, r)
	return w
}

// initiated is a contact event of a call that an agent dials.
func initiated(s *site, contact string) string {
	arn := s.Ready()["agents"].(map[string]any)["first_arn"].(string)
	return fmt.Sprintf(`{"version":"0","detail-type":"Amazon Connect Contact Event","source":"aws.connect","time":"2026-11-26T01:00:00Z","detail":{"eventType":"INITIATED",
		"contactId":%q,"channel":"VOICE","instanceArn":%q,"initiationMethod":"OUTBOUND","initiationTimestamp":"2026-11-26T01:00:00Z","agentInfo":{"agentArn":%q}}}`, contact, s.cfg.Instance, arn)
}

func TestReceive(t *testing.T) {
	s := newSite(t, sim.Config{Agents: 1})
	s.cfg.Stream, s.cfg.Queue = "", ""
	c := s.open(t, silent)
	event := initiated(s, "c-1")
	if got := post(c, "/", event, key); got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") == "" {
		t.Errorf("before Run: %d", got.Code)
	}
	sink := platformtest.NewSink()
	stop := platformtest.Start(t, c, sink)
	sink.AwaitState(t, platform.Up)
	for _, q := range []struct {
		what, path, body, key string
		want                  int
	}{
		{"no key", "/", event, "", 401}, {"a wrong key", "/", event, "guess", 401}, {"elsewhere", "/x", event, key, 404},
		{"too large", "/", strings.Repeat(" ", 2<<20), key, 413}, {"an event", "/", event, key, 204}, {"again", "/", event, key, 204},
		{"nonsense", "/", "{}", key, 204}, {"no JSON", "/", "<a>", key, 204}, {"about something else", "/", `{"detail-type":"other"}`, key, 204},
	} {
		if got := post(c, q.path, q.body, q.key); got.Code != q.want {
			t.Errorf("%s: %d, want %d", q.what, got.Code, q.want)
		}
	}
	got := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("X-Cordboard-Key", key)
	if c.Receive(got, r); got.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", got.Code)
	}
	if m := sink.Moments(); len(m) != 1 || m[0].Name != "connecting" || m[0].Agent != "agent1001" {
		t.Errorf("%d moments", len(m))
	}
	if k := sink.Kept(); len(k) != 2 || !json.Valid(k[1].Message.Message) {
		t.Errorf("%d kept", len(k))
	}
	stop()
	if got := post(c, "/", event, key); got.Code != http.StatusServiceUnavailable {
		t.Errorf("after Run: %d", got.Code)
	}
}

// An event whose moment waits for what other sources tell is answered only when that is stored, too; and not at all when the
// connection ends before.
func TestAnsweredWhenDurable(t *testing.T) {
	s := newSite(t, sim.Config{Agents: 1})
	s.cfg.Stream, s.cfg.Queue, s.cfg.NoAPI = "", "", true // nobody tells the number or the agent's name
	c := s.open(t, silent)
	sink := platformtest.NewSink()
	stop := platformtest.Start(t, c, sink)
	sink.AwaitState(t, platform.Up)
	answered := make(chan int, 2)
	go func() { answered <- post(c, "/", initiated(s, "c-1"), key).Code }()
	if code := <-answered; code != http.StatusNoContent || len(sink.Moments()) != 1 {
		t.Errorf("%d with %d moments", code, len(sink.Moments()))
	}
	release := sink.Block()
	go func() { answered <- post(c, "/", initiated(s, "c-2"), key).Code }()
	sink.Await(t, "the delivery", func() bool { return sink.Waiting() > 0 })
	select {
	case code := <-answered:
		t.Errorf("answered %d although nothing is stored", code)
	default:
	}
	stop()
	release()
	if code := <-answered; code != http.StatusServiceUnavailable {
		t.Errorf("answered %d although the connection ended", code)
	}
}

// browserTold is what becomes of a picture in the agent's browser.
func browserTold(t *testing.T, c *connect.Connector, agent string, m platform.Message) error {
	durable, err := c.Hear(t.Context(), agent, m)
	if err == nil {
		err = durable()
	}
	return err
}

// By the browser alone: a picture is answered when it is stored, whoever else it claims to be of is not believed, and the
// API's answers complete it.
func TestHear(t *testing.T) {
	s := newSite(t, sim.Config{Agents: 2})
	s.cfg.Stream, s.cfg.Queue, s.cfg.Browsers = "", "", true
	var pictures []sim.Message
	s.Tap(func(m sim.Message) {
		if m.Source == sim.Streams {
			pictures = append(pictures, m)
		}
	})
	c := s.open(t, silent)
	if err := browserTold(t, c, "agent1001", platform.Message{Message: []byte("{}")}); err == nil {
		t.Error("heard before Run")
	}
	sink := platformtest.NewSink()
	defer platformtest.Start(t, c, sink)()
	sink.AwaitState(t, platform.Up)
	s.play(t, "manual_outbound_consult_conference", 0, sim.Call{Agents: []string{"agent1001", "agent1002"}, Customer: "+12025550123"})
	for _, m := range pictures {
		if err := browserTold(t, c, m.Agent, platform.Message{Source: "whatever", Message: m.Body}); err != nil {
			t.Fatal(err)
		}
	}
	var words []string
	for _, ev := range sink.Moments() {
		if ev.Agent == "agent1001" {
			words = append(words, string(ev.Mode)+" "+ev.CallType+" "+ev.Name)
		}
		if ev.Customer != "+12025550123" {
			t.Errorf("%s without the customer's number", ev.ID)
		}
	}
	want := []string{"manual outbound connecting", "manual outbound connected", "manual Inbound connecting", "manual Inbound connected", "manual outbound ACW", "manual outbound DROPPED"}
	if !slices.Equal(words, want) {
		t.Errorf("%q", words)
	}
	moments := len(sink.Moments())
	own := string(pictures[0].Body)
	for what, picture := range map[string]string{
		"somebody else's":                own,
		"somebody else's without a name": strings.Replace(own, `"username":"agent1001",`, "", 1),
		"another instance's":             strings.ReplaceAll(strings.ReplaceAll(own, s.cfg.Instance, s.cfg.Instance+"0"), "agent1001", "agent1002"),
		"without an agent":               `{"snapshot":{"snapshotTimestamp":"2026-11-26T01:00:00Z","contacts":[]}}`,
		"no picture":                     `{"hello":1}`,
		"nonsense":                       `[`,
	} {
		if err := browserTold(t, c, "agent1002", platform.Message{Message: []byte(picture)}); !errors.Is(err, platform.ErrForeign) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if len(sink.Kept()) > 0 || len(sink.Moments()) != moments {
		t.Errorf("%d kept, %d moments more", len(sink.Kept()), len(sink.Moments())-moments)
	}
}

// A leg of which nothing is heard any more is asked about, and ended when the agent has it no more.
func TestDoubts(t *testing.T) {
	s := newSite(t, sim.Config{Agents: 1})
	got := s.play(t, "inbound", 3, sim.Call{Agents: []string{"agent1001"}})
	s.cfg.Stream, s.cfg.Queue = "", ""
	arn := s.Ready()["agents"].(map[string]any)["first_arn"].(string)
	user := arn[strings.LastIndex(arn, "/")+1:]
	sink := platformtest.NewSink()
	sink.SetOpen(platform.OpenLeg{Ref: got.Contact, Leg: got.Contact + "/" + user, Agent: "agent1001", Role: call.CustomerLeg, Mode: call.Inbound, CallType: "inbound", Name: "connected", Phase: call.Answered, At: began})
	c := s.open(t, silent)
	connect.AskSoon(c)
	defer platformtest.Start(t, c, sink)()
	sink.AwaitState(t, platform.Up)
	s.end(t, got.Contact)
	sink.AwaitEvent(t, "DROPPED")
	if last := sink.Moments()[len(sink.Moments())-1]; !last.Reconciled || last.Leg != got.Contact+"/"+user {
		t.Errorf("%+v", last)
	}
}

// One source that is refused does not hold up the other, and the state tells which it is.
func TestOneSourceRefused(t *testing.T) {
	s := newSite(t, sim.Config{Agents: 1})
	s.cfg.Queue = s.told("queue_url") + "-elsewhere"
	sink := platformtest.NewSink()
	defer platformtest.Start(t, s.open(t, silent), sink)()
	sink.AwaitState(t, platform.Degraded)
	states := sink.States()
	if d := states[len(states)-1].Detail; !strings.Contains(d, "queue") || strings.Contains(d, "elsewhere") {
		t.Errorf("detail %q", d)
	}
	s.play(t, "inbound", 0, sim.Call{Agents: []string{"agent1001"}})
	sink.AwaitEvent(t, "DROPPED")
}

// A campaign's call learns the campaign's name, although contact events bring its id alone: also a preview, whose mode is known
// without it.
func TestCampaignsName(t *testing.T) {
	s := newSite(t, sim.Config{Agents: 1})
	sink := platformtest.NewSink()
	defer platformtest.Start(t, s.open(t, silent), sink)()
	sink.AwaitState(t, platform.Up)
	for _, script := range []string{"progressive", "direct_preview"} {
		got := s.play(t, script, 0, sim.Call{Agents: []string{"agent1001"}})
		sink.Await(t, "the campaign's name of "+script, func() bool {
			return slices.ContainsFunc(sink.Events(), func(ev call.Event) bool { return ev.Ref == got.Contact && strings.HasPrefix(ev.Campaign, "Spring ") })
		})
	}
}

// The quota of the API is kept: questions that come too fast are asked later, and what they bring is told when it is known.
func TestQuota(t *testing.T) {
	s := newSite(t, sim.Config{Agents: 4, RequestsPerSecond: 50})
	s.cfg.RequestsPerSecond = 40
	sink := platformtest.NewSink()
	defer platformtest.Start(t, s.open(t, silent), sink)()
	sink.AwaitState(t, platform.Up)
	for range 30 {
		s.play(t, "inbound", 0, sim.Call{Agents: []string{"agent1001"}, Customer: "+12025550123"})
	}
	sink.Await(t, "every call's number", func() bool {
		known := map[string]bool{}
		for _, ev := range sink.Events() {
			known[ev.Ref] = known[ev.Ref] || ev.Customer != ""
		}
		n := 0
		for _, has := range known {
			if has {
				n++
			}
		}
		return n == 30
	})
}

func TestConfig(t *testing.T) {
	good := connect.Config{Instance: instance, Queue: "https://sqs.example.com/1/q"}
	for name, bad := range map[string]func(c *connect.Config){
		"instance": func(c *connect.Config) { c.Instance = "0b0b" }, "access_key_id": func(c *connect.Config) { c.AccessKeyID = "A" },
		"stream": func(c *connect.Config) { c.Queue = "" }, "queue": func(c *connect.Config) { c.Queue = "q" },
		"receive_key": func(c *connect.Config) { c.ReceiveKey = config.NewSecret("short") }, "campaigns": func(c *connect.Config) { c.Campaigns = map[string]call.Mode{"x": call.Manual} },
		"endpoint": func(c *connect.Config) { c.Endpoint = "ftp://x" }, "requests_per_second": func(c *connect.Config) { c.RequestsPerSecond = -1 },
		"ca_file": func(c *connect.Config) { c.CAFile = "no such file" },
	} {
		cfg := good
		bad(&cfg)
		if _, err := connect.Open(cfg, silent); err == nil || !strings.HasPrefix(err.Error(), "connect: "+name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := connect.Open(good, silent); err != nil {
		t.Error(err)
	}
}
