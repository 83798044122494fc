// Package strangers runs XMPP clients that others wrote against the Finesse
// simulator: if Cisco's choice of library hears the calls, the simulator
// speaks XMPP and not only what our own client happens to understand.
package strangers

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cordboard/sim/finesse"
	"cordboard/sim/stage/stagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// line is what the clients print.
type line struct {
	Online, Error, Node, Payload string
	Pong                         bool
}

func TestStrangersHearACall(t *testing.T) {
	stagetest.Install(t, ".", "strophe.js")
	for _, who := range []struct{ name, program, service string }{
		{"xmpp client over WebSocket", "xmpp.mjs", "ws_url"},
		{"xmpp client over TCP", "xmpp.mjs", "xmpp_addr"},
		{"strophe over WebSocket", "strophe.mjs", "ws_url"},
	} {
		t.Run(who.name, func(t *testing.T) { hearsACall(t, who.program, who.service) })
	}
}

func hearsACall(t *testing.T, program, service string) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	site := serve(t)
	address := site.Ready()[service].(string)
	if service == "xmpp_addr" {
		address = "xmpp://" + address
	}
	client := stagetest.StartNode(t, ".", []string{"SERVICE=" + address, "DOMAIN=finesse.example", "AGENT=1001001", "PASSWORD=finesse"}, program)
	lines := client.Lines
	if l := next(t, lines); !strings.HasPrefix(l.Online, "1001001@finesse.example/") {
		t.Fatalf("not online: %+v", l)
	}
	if err := site.AwaitSession(ctx, "1001001"); err != nil {
		t.Fatal(err)
	}
	script, _ := finesse.Script("predictive")
	if _, err := site.Play(ctx, script, finesse.Call{Agents: []string{"1001001"}, Vars: map[string]string{"LCMKey": "a<b&\"ü\""}}); err != nil {
		t.Fatal(err)
	}
	if program == "xmpp.mjs" { // strophe leaves answering pings to its user
		if err := site.Ping(ctx, "1001001"); err != nil {
			t.Errorf("the client does not answer a ping: %v", err)
		}
	}
	if _, err := io.WriteString(client.In, "done\n"); err != nil {
		t.Fatal(err)
	}
	var got []line
	for l := next(t, lines); !l.Pong; l = next(t, lines) {
		got = append(got, l)
	}
	judge(t, got)
}

// judge looks for the moments of a predictive call in their order.
func judge(t *testing.T, got []line) {
	t.Helper()
	moments := []string{"<state>RESERVED_OUTBOUND</state>", "<callType>OTHER_IN</callType>", "<value>PREDICTIVE_OUTBOUND</value>", "<state>TALKING</state>",
		"<state>HELD</state>", "<callType>CONSULT</callType>", "<callType>OUT</callType>", "<callType>CONFERENCE</callType>",
		"<state>WRAP_UP</state>", "<event>DELETE</event>", "<state>READY</state>"}
	i := 0
	for _, want := range moments {
		at := slices.IndexFunc(got[i:], func(l line) bool { return strings.Contains(l.Payload, want) })
		if at < 0 {
			t.Fatalf("%d messages, but none with %s after message %d", len(got), want, i)
		}
		i += at
	}
	if !slices.ContainsFunc(got, func(l line) bool {
		return strings.Contains(l.Payload, "<name>user.LCMKey</name><value>a&lt;b&amp;&quot;ü&quot;</value>")
	}) {
		t.Error("the call variable with special characters did not come through")
	}
}

func serve(t *testing.T) *finesse.Server {
	t.Helper()
	site := finesse.New(finesse.Config{})
	stagetest.Run(t, site)
	return site
}

func next(t *testing.T, lines *bufio.Scanner) line {
	t.Helper()
	if !lines.Scan() {
		t.Fatalf("the client ended: %v", lines.Err())
	}
	var l line
	if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
		t.Fatalf("%v in %s", err, lines.Text())
	}
	if l.Error != "" {
		t.Fatalf("the client says: %s", l.Error)
	}
	return l
}
