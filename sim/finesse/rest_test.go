package finesse_test

import (
	"encoding/xml"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"cordboard/sim/finesse"
	"cordboard/sim/stage/stagetest"
)

type rest struct {
	t    *testing.T
	s    *finesse.Server
	id   string
	pass string
}

func (r rest) do(method, path, body, request string) (int, string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(stagetest.Within(r.t), method, address(r.s, "url")+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	if r.id != "" {
		req.SetBasicAuth(r.id, r.pass)
	}
	if request != "" {
		req.Header.Set("requestId", request)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(data)
}

// act sends an action for the agent with extension 2001.
func (r rest) act(dialog, action, more string) {
	r.t.Helper()
	body := `<Dialog><targetMediaAddress>2001</targetMediaAddress>` + more + `<requestedAction>` + action + `</requestedAction></Dialog>`
	if code, answer := r.do("PUT", "/finesse/api/Dialog/"+dialog, body, "req-"+action); code != 202 || answer != "" {
		r.t.Fatalf("%s: %d %q", action, code, answer)
	}
}

func TestRESTRefusals(t *testing.T) {
	s := start(t, finesse.Config{})
	good := rest{t, s, "1001001", "finesse"}
	for name, c := range map[string]struct {
		who                rest
		method, path, body string
		code               int
		kind               string
	}{
		"wrong password":        {rest{t, s, "1001001", "no"}, "GET", "/finesse/api/User/1001001", "", 401, "Authorization Failure"},
		"no credentials":        {rest{t, s, "", ""}, "GET", "/finesse/api/User/1001001", "", 401, "Authorization Failure"},
		"another user":          {good, "GET", "/finesse/api/User/1001002", "", 401, "Invalid Authorization User Specified"},
		"unknown user":          {good, "GET", "/finesse/api/User/999", "", 404, "User Not Found"},
		"unknown dialog":        {good, "GET", "/finesse/api/Dialog/7", "", 404, "Dialog Not Found"},
		"unknown path":          {good, "GET", "/finesse/api/Nothing", "", 404, "Not Found"},
		"login with no phone":   {good, "PUT", "/finesse/api/User/1001001", "<User><state>LOGIN</state></User>", 400, "Parameter Missing"},
		"phone in use":          {good, "PUT", "/finesse/api/User/1001001", "<User><state>LOGIN</state><extension>2002</extension></User>", 400, "Invalid Input"},
		"unknown state":         {good, "PUT", "/finesse/api/User/1001001", "<User><state>HAPPY</state></User>", 400, "Invalid Input"},
		"no state":              {good, "PUT", "/finesse/api/User/1001001", "<User/>", 400, "Parameter Missing"},
		"broken XML":            {good, "PUT", "/finesse/api/User/1001001", "<User><state>", 400, "Bad Request"},
		"DTD":                   {good, "PUT", "/finesse/api/User/1001001", `<!DOCTYPE a [<!ENTITY x "y">]><User><state>&x;</state></User>`, 400, "Bad Request"},
		"too much":              {good, "PUT", "/finesse/api/User/1001001", "<User>" + strings.Repeat(" ", 70<<10) + "</User>", 400, "Bad Request"},
		"no action":             {good, "PUT", "/finesse/api/Dialog/7", "<Dialog/>", 400, "Parameter Missing"},
		"unknown action":        {good, "PUT", "/finesse/api/Dialog/7", "<Dialog><requestedAction>JUMP</requestedAction></Dialog>", 400, "Invalid Input"},
		"action with no target": {good, "PUT", "/finesse/api/Dialog/7", "<Dialog><requestedAction>ANSWER</requestedAction></Dialog>", 400, "Parameter Missing"},
		"call to nowhere":       {good, "POST", "/finesse/api/User/1001001/Dialogs", "<Dialog><requestedAction>MAKE_CALL</requestedAction></Dialog>", 400, "Parameter Missing"},
	} {
		t.Run(name, func(t *testing.T) {
			code, answer := c.who.do(c.method, c.path, c.body, "")
			var body struct {
				XMLName xml.Name `xml:"ApiErrors"`
				Kind    string   `xml:"ApiError>ErrorType"`
			}
			if err := xml.Unmarshal([]byte(answer), &body); err != nil {
				t.Fatalf("%d, and the body is no ApiErrors: %v: %s", code, err, answer)
			}
			if code != c.code || body.Kind != c.kind {
				t.Errorf("%d %s, want %d %s", code, body.Kind, c.code, c.kind)
			}
		})
	}
}

func TestAgentWorksACallThroughREST(t *testing.T) {
	s := start(t, finesse.Config{WrapUpTimer: time.Hour})
	hear, do := login(t, s, "1001001"), rest{t, s, "1001001", "finesse"}
	ctx := stagetest.Within(t)
	script, _ := finesse.Script("predictive_plain")
	over := make(chan error, 1)
	go func() {
		_, err := s.Play(ctx, script, finesse.Call{Agents: []string{"1001001"}, Manual: true})
		over <- err
	}()
	id, err := s.AwaitDialog(ctx, "1001001", "ALERTING")
	if err != nil {
		t.Fatal(err)
	}
	// A refused action: 202, then an asynchronous error with the request's id.
	do.act(id, "HOLD", "")
	for u := hear.notification(); ; u = hear.notification() {
		if u.Data.Errors != nil {
			if u.RequestID != "req-HOLD" || u.Event != "put" || u.Source != "/finesse/api/Dialog/"+id {
				t.Errorf("asynchronous error: %+v", u)
			}
			break
		}
	}
	do.act(id, "ANSWER", "")
	for u := hear.notification(); ; u = hear.notification() {
		if d := u.dialog(); d != nil && d.State == "ACTIVE" {
			if u.RequestID != "req-ANSWER" {
				t.Errorf("the answer carries request id %q", u.RequestID)
			}
			break
		}
	}
	if err := <-over; err != nil {
		t.Fatalf("script: %v", err)
	}
	if code, body := do.do("GET", "/finesse/api/User/1001001/Dialogs", "", ""); code != 200 || body != "<Dialogs></Dialogs>" {
		t.Errorf("dialogs after the call: %d %s", code, body)
	}
}

func TestMakeCallConsultConferenceThroughREST(t *testing.T) {
	s := start(t, finesse.Config{FarEnd: time.Millisecond, AutoAnswer: true})
	hear, do := login(t, s, "1001001"), rest{t, s, "1001001", "finesse"}
	ctx := stagetest.Within(t)
	body := `<Dialog><requestedAction>MAKE_CALL</requestedAction><fromAddress>2001</fromAddress><toAddress>95555550199</toAddress></Dialog>`
	if code, answer := do.do("POST", "/finesse/api/User/1001001/Dialogs", body, "make"); code != 202 {
		t.Fatalf("%d %s", code, answer)
	}
	id, err := s.AwaitDialog(ctx, "1001001", "ACTIVE")
	if err != nil {
		t.Fatal(err)
	}
	do.act(id, "UPDATE_CALL_DATA", `<mediaProperties><wrapUpReason>Sale</wrapUpReason><callvariables><CallVariable><name>callVariable3</name><value>x &lt; y</value></CallVariable></callvariables></mediaProperties>`)
	if _, snapshot := do.do("GET", "/finesse/api/Dialog/"+id, "", ""); !strings.Contains(snapshot, "<name>callVariable3</name><value>x &lt; y</value>") {
		t.Errorf("call data did not arrive: %s", snapshot)
	}
	do.act(id, "CONSULT_CALL", "<toAddress>2002</toAddress>")
	if err := s.AwaitUser(ctx, "1001002", "TALKING"); err != nil {
		t.Fatal(err)
	}
	if _, list := do.do("GET", "/finesse/api/User/1001001/Dialogs", "", ""); strings.Count(list, "<Dialog>") != 2 || !strings.Contains(list, "<action>CONFERENCE</action>") {
		t.Errorf("dialogs while consulting: %s", list)
	}
	do.act(id, "CONFERENCE", "")
	do.act(id, "DROP", "")
	if err := s.AwaitUser(ctx, "1001001", "WORK_READY"); err != nil {
		t.Fatal(err)
	}
	if code, answer := do.do("PUT", "/finesse/api/User/1001001", "<User><state>NOT_READY</state><reasonCodeId>7</reasonCodeId></User>", "rest"); code != 202 {
		t.Fatalf("%d %s", code, answer)
	}
	var seen []string
	for _, u := range hear.drain() {
		if d := u.dialog(); d != nil {
			seen = append(seen, u.Event+" "+d.Media.CallType+" "+d.State)
		} else if u.Data.User != nil && u.RequestID == "rest" {
			seen = append(seen, "user "+u.Data.User.State)
		}
	}
	story := strings.Join(seen, ", ")
	for _, want := range []string{"POST AGENT_INSIDE INITIATING, POST AGENT_INSIDE INITIATING, PUT AGENT_INSIDE INITIATED", "PUT OUT ALERTING", "PUT OUT ACTIVE",
		"PUT CONFERENCE ACTIVE, DELETE CONFERENCE DROPPED", "DELETE CONFERENCE DROPPED, user NOT_READY"} {
		if !strings.Contains(story, want) {
			t.Errorf("no %q in: %s", want, story)
		}
	}
}

func TestSignInAndOut(t *testing.T) {
	s := start(t, finesse.Config{SignedOut: true})
	hear, do := login(t, s, "1001001"), rest{t, s, "1001001", "finesse"}
	script, _ := finesse.Script("inbound")
	if _, err := s.Play(stagetest.Within(t), script, finesse.Call{Agents: []string{"1001001"}}); err == nil {
		t.Error("a signed-out agent gets a call")
	}
	put := func(body, want string) {
		t.Helper()
		if code, answer := do.do("PUT", "/finesse/api/User/1001001", body, "q"); code != 202 {
			t.Fatalf("%d %s", code, answer)
		}
		if u := hear.notification(); u.Data.User == nil || u.Data.User.State != want || u.RequestID != "q" {
			t.Errorf("after %s: %+v", body, u)
		}
	}
	put("<User><state>LOGIN</state><extension>2777</extension></User>", "NOT_READY")
	put("<User><state>READY</state></User>", "READY")
	put("<User><state>LOGIN</state><extension>2777</extension></User>", "READY")
	if _, body := do.do("GET", "/finesse/api/User/1001001", "", ""); !strings.Contains(body, "<extension>2777</extension>") {
		t.Errorf("user: %s", body)
	}
	put("<User><state>LOGOUT</state></User>", "LOGOUT")
}

func TestOutOfService(t *testing.T) {
	s := start(t, finesse.Config{})
	hear, do := login(t, s, "1001001"), rest{t, s, "1001001", "finesse"}
	script, _ := finesse.Script("inbound")
	s.OutOfService(true)
	if u := hear.notification(); u.Data.System == nil || u.Data.System.Status != "OUT_OF_SERVICE" || u.Node != "/finesse/api/SystemInfo" {
		t.Errorf("first message: %+v", u)
	}
	if code, body := do.do("GET", "/finesse/api/User/1001001", "", ""); code != 503 || !strings.Contains(body, "SERVER_OUT_OF_SERVICE") {
		t.Errorf("REST: %d %s", code, body)
	}
	if code, body := do.do("GET", "/finesse/api/SystemInfo", "", ""); code != 200 || !strings.Contains(body, "<status>OUT_OF_SERVICE</status>") {
		t.Errorf("SystemInfo: %d %s", code, body)
	}
	if _, err := s.Play(stagetest.Within(t), script, finesse.Call{Agents: []string{"1001001"}}); err != nil {
		t.Fatal(err)
	}
	if got := hear.drain(); len(got) != 0 {
		t.Errorf("%d messages of a call inside the outage", len(got))
	}
	s.OutOfService(false)
	if u := hear.notification(); u.Data.System == nil || u.Data.System.Status != "IN_SERVICE" {
		t.Errorf("afterwards: %+v", u)
	}
	if u := hear.notification(); u.Data.User == nil || u.Data.User.State != "READY" {
		t.Errorf("the last state is not published again: %+v", u)
	}
}

// TestStateAskedForDuringACall: it is pending until the call is over.
func TestStateAskedForDuringACall(t *testing.T) {
	s := start(t, finesse.Config{})
	hear, do := login(t, s, "1001001"), rest{t, s, "1001001", "finesse"}
	script, _ := finesse.Script("inbound")
	steps := script.Steps
	script.Steps = steps[:2]
	ids, err := s.Play(stagetest.Within(t), script, finesse.Call{Agents: []string{"1001001"}})
	if err != nil {
		t.Fatal(err)
	}
	hear.drain()
	if code, _ := do.do("PUT", "/finesse/api/User/1001001", "<User><state>NOT_READY</state></User>", "later"); code != 202 {
		t.Fatal(code)
	}
	if u := hear.notification(); u.Data.User == nil || u.Data.User.State != "TALKING" || u.Data.User.Pending != "NOT_READY" || u.RequestID != "later" {
		t.Errorf("answer: %+v", u)
	}
	do.act(ids.Main, "DROP", "")
	if got := states(hear.drain()); got[0] != "user-WORK" {
		t.Errorf("after the call: %v", got)
	}
	if code, _ := do.do("PUT", "/finesse/api/User/1001001", "<User><state>NOT_READY</state></User>", ""); code != 202 {
		t.Fatal(code)
	}
	if got := strings.Join(states(hear.drain()), " "); got != "DELETE-DROPPED-DROPPED user-NOT_READY" {
		t.Errorf("after the wrap-up: %v", got)
	}
}
