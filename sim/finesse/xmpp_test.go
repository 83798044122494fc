package finesse_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cordboard/sim/finesse"
	"cordboard/sim/scenario"
	"cordboard/sim/stage/stagetest"
)

func play(t *testing.T, s *finesse.Server, name string) finesse.Result {
	t.Helper()
	script, ok := finesse.Script(name)
	if !ok {
		t.Fatalf("no script %q", name)
	}
	ids, err := s.Play(stagetest.Within(t), script, finesse.Call{Agents: []string{"1001001", "1001002"}})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestNothingBeforePresence(t *testing.T) {
	s := start(t, finesse.Config{})
	c := raw(t, s)
	c.open()
	c.auth("1001001", "finesse")
	c.bind("r")
	play(t, s, "inbound")
	c.present("-1")
	play(t, s, "inbound")
	if got := c.drain(); len(got) != 0 {
		t.Errorf("%d messages before presence with priority >= 0", len(got))
	}
	c.present("0")
	play(t, s, "inbound")
	if got := c.drain(); len(got) == 0 {
		t.Error("no messages after presence")
	}
}

func TestWrongPassword(t *testing.T) {
	s := start(t, finesse.Config{})
	c := raw(t, s)
	c.open()
	if r := c.auth("1001001", "guess"); r.XMLName.Local != "failure" || !strings.Contains(r.Inner, "not-authorized") {
		t.Errorf("got %+v", r)
	}
	if r := c.auth("1001001", "finesse"); r.XMLName.Local != "success" {
		t.Errorf("a second try fails: %+v", r)
	}
}

func TestStreamErrors(t *testing.T) {
	s := start(t, finesse.Config{MaxStanza: 2000})
	for name, c := range map[string]struct{ send, condition string }{
		"malformed":      {"<iq type='get'><a></b></iq>", "not-well-formed"},
		"DTD":            {"<!DOCTYPE a [<!ENTITY b 'c'>]>", "restricted-xml"},
		"comment":        {"<iq><!-- hello --></iq>", "restricted-xml"},
		"instruction":    {"<?php evil ?>", "restricted-xml"},
		"unknown entity": {"<iq>&boom;</iq>", "not-well-formed"},
		"too big":        {"<iq a='" + strings.Repeat("x", 3000) + "'/>", "policy-violation"},
		"too deep":       {strings.Repeat("<a>", 40), "policy-violation"},
		"not signed in":  {"<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>", "not-authorized"},
	} {
		t.Run(name, func(t *testing.T) {
			x := raw(t, s)
			x.open()
			if name != "not signed in" {
				x.auth("1001001", "finesse")
				x.bind("r" + strings.ReplaceAll(name, " ", ""))
			}
			x.write(c.send)
			if r := x.next(); r.XMLName.Local != "error" || !strings.Contains(r.Inner, c.condition) {
				t.Errorf("got %s %s, want %s", r.XMLName.Local, r.Inner, c.condition)
			}
			if _, err := x.try(); err == nil {
				t.Error("the stream goes on")
			}
		})
	}
}

func TestSubscriptions(t *testing.T) {
	s := start(t, finesse.Config{})
	c := login(t, s, "1001001")
	ask := func(what, node, jid, want string) {
		t.Helper()
		c.write(`<iq type="set" id="s" to="pubsub.finesse.example"><pubsub xmlns="http://jabber.org/protocol/pubsub"><` + what + ` node="` + node + `" jid="` + jid + `"/></pubsub></iq>`)
		for {
			if r := c.next(); r.XMLName.Local == "iq" && r.ID == "s" {
				if !strings.Contains(r.Type+r.Inner, want) {
					t.Errorf("%s %s: %s %s, want %s", what, node, r.Type, r.Inner, want)
				}
				return
			}
		}
	}
	own := "/finesse/api/User/1001001/Dialogs"
	ask("subscribe", "/finesse/api/User/1001002/Dialogs", "1001001@finesse.example/test", "forbidden")
	ask("subscribe", own, "1001002@finesse.example/test", "not-authorized")
	ask("subscribe", "/nowhere", "1001001@finesse.example/test", "item-not-found")
	play(t, s, "predictive_plain")
	once := len(c.drain())
	ask("subscribe", own, "1001001@finesse.example/test", "subscribed")
	play(t, s, "predictive_plain")
	twice := c.drain()
	dialogs := 0
	for _, u := range twice {
		if u.To == "1001001@finesse.example/test" {
			dialogs++
		}
	}
	if dialogs == 0 || len(twice) != once+dialogs {
		t.Errorf("with a second subscription %d messages, %d of them to the full JID; before %d", len(twice), dialogs, once)
	}
	ask("unsubscribe", own, "1001001@finesse.example/test", "result")
	play(t, s, "predictive_plain")
	if n := len(c.drain()); n != once {
		t.Errorf("after unsubscribing %d messages, want %d", n, once)
	}
}

func TestFaults(t *testing.T) {
	s := start(t, finesse.Config{})
	c := login(t, s, "1001001")
	play(t, s, "inbound")
	plain := states(c.drain())
	if err := s.Duplicate("1001001"); err != nil {
		t.Fatal(err)
	}
	if got := states(c.drain()); len(got) != 1 || got[0] != plain[len(plain)-1] {
		t.Errorf("Duplicate sends %v", got)
	}
	_ = s.Swap("1001001")
	play(t, s, "inbound")
	got := states(c.drain())
	if len(got) != len(plain) || got[0] != plain[1] || got[1] != plain[0] || got[2] != plain[2] {
		t.Errorf("Swap gives %v, plain is %v", got, plain)
	}
	_ = s.Hold("1001001")
	play(t, s, "inbound")
	if got := c.drain(); len(got) != 0 {
		t.Errorf("%d messages while held back", len(got))
	}
	_ = s.Release("1001001")
	if got := states(c.drain()); strings.Join(got, " ") != strings.Join(plain, " ") {
		t.Errorf("Release gives %v", got)
	}
	// Cut: the socket breaks without the end of the stream, and nothing is replayed.
	_ = s.Cut("1001001")
	if _, err := c.try(); err == nil || strings.Contains(err.Error(), "stream ended") {
		t.Errorf("after Cut: %v", err)
	}
	play(t, s, "inbound")
	if got := login(t, s, "1001001").drain(); len(got) != 0 {
		t.Errorf("%d messages were replayed", len(got))
	}
	if err := s.Cut("7"); err == nil {
		t.Error("an unknown agent is cut")
	}
}

func TestFaultsInAScript(t *testing.T) {
	s := start(t, finesse.Config{})
	c := login(t, s, "1001001")
	script := scenario.Script{Name: "twice", Steps: []scenario.Step{
		{Verb: scenario.Offer, Args: map[string]string{"mode": "inbound"}}, {Verb: scenario.Duplicate}}}
	if _, err := s.Play(stagetest.Within(t), script, finesse.Call{Agents: []string{"1001001"}}); err != nil {
		t.Fatal(err)
	}
	if got := states(c.drain()); len(got) != 3 || got[1] != got[2] {
		t.Errorf("got %v", got)
	}
}

func states(list []update) []string {
	var out []string
	for _, u := range list {
		if d := u.dialog(); d != nil {
			out = append(out, u.Event+"-"+d.State+"-"+d.Parties[0].State)
		} else if u.Data.User != nil {
			out = append(out, "user-"+u.Data.User.State)
		}
	}
	return out
}

func TestSameResourceReplaces(t *testing.T) {
	s := start(t, finesse.Config{})
	first := login(t, s, "1001001")
	second := login(t, s, "1001001")
	if r := first.next(); r.XMLName.Local != "error" || !strings.Contains(r.Inner, "conflict") {
		t.Errorf("the first session gets %+v", r)
	}
	play(t, s, "inbound")
	if len(second.drain()) == 0 {
		t.Error("the second session hears nothing")
	}
}

func TestPing(t *testing.T) {
	s := start(t, finesse.Config{})
	c := login(t, s, "1001001")
	done := make(chan error, 1)
	go func() { done <- s.Ping(stagetest.Within(t), "1001001") }()
	ping := c.next()
	for ping.XMLName.Local != "iq" {
		ping = c.next()
	}
	c.write(`<iq type="result" id="` + ping.ID + `" to="finesse.example"/>`)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestWebSocketFraming(t *testing.T) {
	s := start(t, finesse.Config{MaxStanza: 4000})
	ctx := stagetest.Within(t)
	if conn, _, err := websocket.Dial(ctx, address(s, "ws_url"), nil); err == nil {
		_, _, err = conn.Read(ctx)
		if websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
			t.Errorf("without the subprotocol: %v", err)
		}
	}
	conn, _, err := websocket.Dial(ctx, address(s, "ws_url"), &websocket.DialOptions{Subprotocols: []string{"xmpp"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	talk := func(send, want string) {
		t.Helper()
		if send != "" {
			if err := conn.Write(ctx, websocket.MessageText, []byte(send)); err != nil {
				t.Fatal(err)
			}
		}
		_, got, err := conn.Read(ctx)
		if err != nil || !strings.Contains(string(got), want) {
			t.Fatalf("%s: got %s %v, want %s", send, got, err, want)
		}
	}
	open := `<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="finesse.example" version="1.0"/>`
	talk(open, `<open xmlns="urn:ietf:params:xml:ns:xmpp-framing"`)
	talk("", "<mechanism>PLAIN</mechanism>")
	talk(`<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">`+base64.StdEncoding.EncodeToString([]byte("\x001001001\x00finesse"))+`</auth>`, "success")
	talk(open, "<open")
	talk("", "xmpp-bind")
	talk(`<iq xmlns="jabber:client" type="set" id="1"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>`, "<jid>1001001@finesse.example/")
	talk(`<presence xmlns="jabber:client"/>`, `from="finesse@finesse.example"`)
	play(t, s, "inbound")
	talk("", `<message xmlns="jabber:client" from="pubsub.finesse.example" to="1001001@finesse.example"`)
	for range 8 {
		if _, _, err := conn.Read(ctx); err != nil {
			t.Fatal(err)
		}
	}
	talk(`<iq xmlns="jabber:client"><a`, "not-well-formed")
	talk("", `<close xmlns="urn:ietf:params:xml:ns:xmpp-framing"`)
	if _, _, err := conn.Read(ctx); websocket.CloseStatus(err) != websocket.StatusNormalClosure {
		t.Errorf("the end: %v", err)
	}
}

// TestNotificationLayout holds the outermost layout to the documented one,
// byte by byte but for ids and times.
func TestNotificationLayout(t *testing.T) {
	s := start(t, finesse.Config{FirstDialog: 16800000})
	ctx := stagetest.Within(t)
	conn, _, err := websocket.Dial(ctx, address(s, "ws_url"), &websocket.DialOptions{Subprotocols: []string{"xmpp"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	got := firstDialog(ctx, t, s, conn)
	for pattern, with := range map[string]string{`__[A-Za-z0-9]{5}"`: `__RANDOM"`, `item id="[0-9a-f-]{36}"`: `item id="UUID"`, `20[0-9-]{8}T[0-9:.]{12}Z`: "TIME", `168\d{5}`: "DIALOG"} {
		got = regexp.MustCompile(pattern).ReplaceAllString(got, with)
	}
	payload := `<Update><data><dialogs><Dialog><associatedDialogUri></associatedDialogUri><fromAddress>5555550123</fromAddress><id>DIALOG</id>` +
		`<mediaProperties><DNIS>2001</DNIS><callType>PREROUTE_ACD_IN</callType><dialedNumber>8500</dialedNumber><outboundClassification></outboundClassification><callvariables>` +
		`<CallVariable><name>callVariable1</name><value>gold</value></CallVariable><CallVariable><name>callVariable2</name><value>ACC-7781</value></CallVariable>` +
		`<CallVariable><name>callVariable3</name><value></value></CallVariable><CallVariable><name>user.LCMKey</name><value></value></CallVariable></callvariables></mediaProperties>` +
		`<mediaType>Voice</mediaType><participants><Participant><actions><action>ANSWER</action></actions><mediaAddress>2001</mediaAddress><mediaAddressType>AGENT_DEVICE</mediaAddressType>` +
		`<startTime>TIME</startTime><state>ALERTING</state><stateCause></stateCause><stateChangeTime>TIME</stateChangeTime></Participant><Participant><actions><action>UPDATE_CALL_DATA</action>` +
		`<action>DROP</action></actions><mediaAddress>5555550123</mediaAddress><mediaAddressType></mediaAddressType><startTime>TIME</startTime><state>INITIATED</state><stateCause></stateCause>` +
		`<stateChangeTime>TIME</stateChangeTime></Participant></participants><state>ALERTING</state><toAddress>8500</toAddress><uri>/finesse/api/Dialog/DIALOG</uri></Dialog></dialogs></data>` +
		`<event>POST</event><requestId></requestId><source>/finesse/api/User/1001001/Dialogs</source></Update>`
	want := `<message xmlns="jabber:client" from="pubsub.finesse.example" to="1001001@finesse.example" id="/finesse/api/User/1001001/Dialogs__1001001@finesse.example__RANDOM">` +
		`<event xmlns="http://jabber.org/protocol/pubsub#event"><items node="/finesse/api/User/1001001/Dialogs"><item id="UUID"><notification xmlns="http://jabber.org/protocol/pubsub">` +
		strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(payload) + `</notification></item></items></event></message>`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func firstDialog(ctx context.Context, t *testing.T, s *finesse.Server, conn *websocket.Conn) string {
	t.Helper()
	for _, send := range []string{`<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="finesse.example"/>`,
		`<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">` + base64.StdEncoding.EncodeToString([]byte("\x001001001\x00finesse")) + `</auth>`,
		`<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="finesse.example"/>`,
		`<iq xmlns="jabber:client" type="set" id="1"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>`, `<presence xmlns="jabber:client"/>`} {
		if err := conn.Write(ctx, websocket.MessageText, []byte(send)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.AwaitSession(ctx, "1001001"); err != nil {
		t.Fatal(err)
	}
	script, _ := finesse.Script("inbound_ring_no_answer")
	if _, err := s.Play(ctx, script, finesse.Call{Agents: []string{"1001001"}, Customer: "5555550123", Account: "ACC-7781", Vars: map[string]string{"callVariable1": "gold"}}); err != nil {
		t.Fatal(err)
	}
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), "POST") {
			return string(data)
		}
	}
}

func TestWrapUp(t *testing.T) {
	script := scenario.Script{Name: "short", Steps: []scenario.Step{{Verb: scenario.Offer, Args: map[string]string{"mode": "inbound"}},
		{Verb: scenario.Answer}, {Verb: scenario.Hangup, Actor: scenario.Customer}}}
	call := finesse.Call{Agents: []string{"1001001"}}
	t.Run("ended by a timer", func(t *testing.T) {
		s := start(t, finesse.Config{WrapUpTimer: 5 * time.Millisecond})
		c := login(t, s, "1001001")
		if _, err := s.Play(stagetest.Within(t), script, call); err != nil {
			t.Fatal(err)
		}
		if err := s.AwaitUser(stagetest.Within(t), "1001001", "READY"); err != nil {
			t.Fatal(err)
		}
		got := states(c.drain())
		if n := len(got); got[n-2] != "DELETE-DROPPED-DROPPED" || got[n-1] != "user-READY" {
			t.Errorf("got %v", got)
		}
	})
	t.Run("none", func(t *testing.T) {
		s := start(t, finesse.Config{NoWrapUp: true})
		c := login(t, s, "1001001")
		if _, err := s.Play(stagetest.Within(t), script, call); err != nil {
			t.Fatal(err)
		}
		got := strings.Join(states(c.drain()), " ")
		if !strings.Contains(got, "PUT-ACTIVE-DROPPED PUT-DROPPED-DROPPED DELETE-DROPPED-DROPPED") {
			t.Errorf("want DROPPED twice and DELETE: %s", got)
		}
	})
}

// TestSilentSessionIsCut: who does not answer the server's pings is gone.
func TestSilentSessionIsCut(t *testing.T) {
	s := start(t, finesse.Config{PingEvery: 5 * time.Millisecond})
	c := raw(t, s)
	c.open()
	c.auth("1001001", "finesse")
	c.open()
	c.write(`<iq type="set" id="b"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>`)
	pings := 0
	for {
		r, err := c.try()
		if err != nil {
			break
		}
		if strings.Contains(r.Inner, "urn:xmpp:ping") {
			pings++
		}
	}
	if pings == 0 {
		t.Error("cut without a ping")
	}
}

func TestReadyIsOneLineOfJSON(t *testing.T) {
	s := start(t, finesse.Config{Agents: 25000})
	line, err := json.Marshal(s.Ready())
	if err != nil || len(line) > 2000 {
		t.Fatalf("%v, %d bytes", err, len(line))
	}
	var ready struct {
		URL, Domain string
		WS          string `json:"ws_url"`
		XMPP        string `json:"xmpp_addr"`
		Pubsub      string `json:"pubsub_domain"`
		Agents      struct {
			Count    int
			First    string `json:"first_id"`
			Last     string `json:"last_extension"`
			Password string
		}
	}
	if err := json.Unmarshal(line, &ready); err != nil {
		t.Fatal(err)
	}
	if ready.URL == "" || ready.WS == "" || ready.XMPP == "" || ready.Domain != "finesse.example" || ready.Pubsub != "pubsub.finesse.example" ||
		ready.Agents.Count != 25000 || ready.Agents.First != "1001001" || ready.Agents.Last != "27000" || ready.Agents.Password == "" {
		t.Errorf("%s", line)
	}
}
