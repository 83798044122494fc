package finesse_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"cordboard/sim/finesse"
	"cordboard/sim/stage/stagetest"
)

func TestControlPlaysCalls(t *testing.T) {
	s := start(t, finesse.Config{})
	hear, do := login(t, s, "1001003"), rest{t: t, s: s}
	code, body := do.do("POST", "/_sim/calls", `{"script":"predictive_plain","agents":["1001003"],"customer":"+15555550177",
		"vars":{"LCMKey":"12|7","callVariable4":"case <1>"},"campaign":"Winback","account":"ACC-9","speed":0,"wait":true}`, "")
	var ids finesse.Result
	if err := json.Unmarshal([]byte(body), &ids); code != 200 || err != nil || ids.Main == "" || ids.Customer != "15555550177" {
		t.Fatalf("%d %s %v", code, body, err)
	}
	var last *dialog
	for _, u := range hear.drain() {
		if d := u.dialog(); d != nil {
			last = d
		}
	}
	if last == nil || last.ID != ids.Main || last.To != "15555550177" {
		t.Fatalf("last dialog: %+v", last)
	}
	for name, want := range map[string]string{"user.LCMKey": "12|7", "callVariable4": "case <1>", "BACampaign": "Winback", "BAAccountNumber": "ACC-9"} {
		if got := last.variable(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if code, body = do.do("POST", "/_sim/calls", `{"script":"inbound","agents":["1001003"],"speed":0}`, ""); code != 202 {
		t.Errorf("without wait: %d %s", code, body)
	}
	if err := s.AwaitUser(stagetest.Within(t), "1001003", "READY"); err != nil {
		t.Error(err)
	}
}

func TestControlTellsWhatIsWrong(t *testing.T) {
	s := start(t, finesse.Config{Agents: 2})
	do := rest{t: t, s: s}
	for body, want := range map[string]string{
		`{"script":"fantasy"}`:                                   "unknown script",
		`{"script":"inbound","agents":["42"]}`:                   "no agent",
		`{"scrpt":"inbound"}`:                                    "scrpt",
		`{"steps":[{"verb":"sing"}]}`:                            "unknown verb",
		`{"steps":[{"verb":"hold"}],"wait":true,"speed":0}`:      "there is no customer call yet",
		`{"steps":[{"verb":"offer"}],"wait":true,"speed":0}`:     "unknown mode",
		`{"steps":[{"verb":"reserve"}],"wait":true,"speed":0.5}`: "no reservation",
	} {
		if code, answer := do.do("POST", "/_sim/calls", body, ""); code < 400 || !strings.Contains(answer, want) {
			t.Errorf("%s: %d %s, want %q", body, code, answer, want)
		}
	}
	for _, body := range []string{`{"fault":"meteor"}`, `{"fault":"cut","agent":"9"}`, `{`} {
		if code, answer := do.do("POST", "/_sim/faults", body, ""); code != 400 {
			t.Errorf("%s: %d %s", body, code, answer)
		}
	}
}

func TestControlListsAndFaults(t *testing.T) {
	s := start(t, finesse.Config{Agents: 3})
	c, do := login(t, s, "1001002"), rest{t: t, s: s}
	_, body := do.do("GET", "/_sim/agents", "", "")
	var agents []struct {
		ID, Extension, State string
		Sessions             int
	}
	if err := json.Unmarshal([]byte(body), &agents); err != nil || len(agents) != 3 || agents[1].Sessions != 1 || agents[1].Extension != "2002" || agents[0].State != "READY" {
		t.Errorf("agents: %v %s", err, body)
	}
	if _, body := do.do("GET", "/_sim/scripts", "", ""); !strings.Contains(body, `"name":"inbound_blind_transfer_to_b"`) {
		t.Errorf("scripts: %s", body)
	}
	for _, fault := range []string{"hold", "release", "swap", "duplicate", "out-of-service", "in-service", "sign-out", "cut"} {
		if code, answer := do.do("POST", "/_sim/faults", `{"fault":"`+fault+`","agent":"1001002"}`, ""); code != 200 {
			t.Errorf("%s: %d %s", fault, code, answer)
		}
	}
	for {
		if _, err := c.try(); err != nil {
			break // cut
		}
	}
}

func TestHandlerAlone(t *testing.T) {
	s := finesse.New(finesse.Config{})
	web := httptest.NewServer(s.Handler())
	defer web.Close()
	defer s.Close()
	resp, err := web.Client().Get(web.URL + "/finesse/api/SystemInfo")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != 200 || s.Ready() != nil {
		t.Errorf("status %d, Ready %v before Listen", resp.StatusCode, s.Ready())
	}
}

func TestManyAgentsAreCheap(t *testing.T) {
	s := finesse.New(finesse.Config{Agents: 25000})
	defer s.Close()
	script, _ := finesse.Script("predictive_plain")
	for _, id := range []string{"1001001", "1007100", "1026000"} {
		if _, err := s.Play(context.Background(), script, finesse.Call{Agents: []string{id}}); err != nil {
			t.Errorf("agent %s: %v", id, err)
		}
	}
}

func TestSlowReaderIsCut(t *testing.T) {
	s := start(t, finesse.Config{MaxQueue: 64 << 10})
	c := login(t, s, "1001001")
	script, _ := finesse.Script("predictive_plain")
	for range 20000 { // more than the queue and the kernel's buffers hold
		if _, err := s.Play(stagetest.Within(t), script, finesse.Call{Agents: []string{"1001001"}}); err != nil {
			t.Fatal(err)
		}
		if s.Sessions() == 0 {
			break
		}
	}
	if s.Sessions() != 0 {
		t.Fatal("the session of a client that does not read is still there")
	}
	_ = c.conn.Close()
}

// listen opens n sessions whose clients throw away what they hear.
func listen(b *testing.B, s *finesse.Server, n int) {
	b.Helper()
	var work sync.WaitGroup
	b.Cleanup(work.Wait)
	for i := range n {
		id := fmt.Sprint(1001001 + i)
		conn, err := net.Dial("tcp", address(s, "xmpp_addr"))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = conn.Close() })
		stream := `<stream:stream xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams" to="finesse.example" version="1.0">`
		_, _ = io.WriteString(conn, stream+`<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">`+
			base64.StdEncoding.EncodeToString([]byte("\x00"+id+"\x00finesse"))+`</auth>`+stream+
			`<iq type="set" id="b"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq><presence/>`)
		work.Go(func() { _, _ = io.Copy(io.Discard, conn) })
	}
	if err := s.AwaitSessions(b.Context(), n); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkPlay plays predictive calls to 1,000 agents who listen over TCP;
// an operation is one notification.
func BenchmarkPlay(b *testing.B) {
	s := finesse.New(finesse.Config{Agents: 1000})
	if err := s.Listen(); err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	defer func() { cancel(); <-done }()
	listen(b, s, 1000)
	script, _ := finesse.Script("predictive_plain")
	b.ResetTimer()
	begin := s.Published()
	for i := 0; s.Published()-begin < b.N; i++ {
		if _, err := s.Play(ctx, script, finesse.Call{Agents: []string{fmt.Sprint(1001001 + i%1000)}}); err != nil {
			b.Fatal(err)
		}
	}
}
