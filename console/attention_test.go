package console_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cordboard/engine"
	"cordboard/platform"
)

// refuse makes creates fail for a reason until it is called with "".
func (o *office) refuse(detail string) {
	o.acts("create", nil)
	if detail != "" {
		o.acts("create", func(engine.Input) engine.Outcome { return engine.Kill("crm-refused", detail) })
	}
}

func TestFailuresAreGroupedByCause(t *testing.T) {
	o := newOffice(t)
	o.refuse("REQUIRED_FIELD_MISSING Subject: Required fields are missing")
	o.call("9001", "1001001", customer)
	o.call("9002", "1001002", customer)
	o.refuse("FIELD_CUSTOM_VALIDATION_EXCEPTION: Only on weekdays")
	o.call("9003", "1001003", customer)
	body := o.page("/attention")
	if n := strings.Count(body, `class="group"`); n != 2 {
		t.Errorf("%d groups, want 2\n%s", n, body)
	}
	two, one := strings.Index(body, "REQUIRED_FIELD_MISSING Subject</code>"), strings.Index(body, "FIELD_CUSTOM_VALIDATION_EXCEPTION</code>")
	if two < 0 || one < two {
		t.Errorf("the larger group does not come first\n%s", body)
	}
	for _, words := range []string{"Mend it there, or edit the arguments", "Since <time", "#step-", "Only on weekdays"} {
		if !strings.Contains(body, words) {
			t.Errorf("attention lacks %q\n%s", words, body)
		}
	}
	o.wants("/calls", "3 need you")
}

// dead is the only dead step.
func (o *office) dead() engine.Step {
	o.t.Helper()
	steps, err := o.store.Failures(o.t.Context(), 10)
	if err != nil || len(steps) != 1 {
		o.t.Fatalf("%d dead steps, %v", len(steps), err)
	}
	return steps[0]
}

// press is the form of a step's button.
func press(ref engine.StepRef, args string) url.Values {
	return url.Values{"call": {string(ref.Call)}, "step": {ref.Step}, "args": {args}}
}

// redrive posts the form as a browser does and returns the status and body of the answer, and where it leads.
func (o *office) redrive(form url.Values) (int, string, string) {
	o.t.Helper()
	client := &http.Client{Transport: o.server.Client().Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.PostForm(o.server.URL+"/attention/redrive", form)
	if err != nil {
		o.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return answer.StatusCode, string(body), answer.Header.Get("Location")
}

// shownArguments are the arguments as the form shows them.
func (o *office) shownArguments() string {
	o.t.Helper()
	_, rest, _ := strings.Cut(o.page("/attention"), `autocomplete="off">`)
	text, _, ok := strings.Cut(rest, "</textarea>")
	if !ok {
		o.t.Fatal("the form shows no arguments")
	}
	return strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&#43;", "+", "&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(text)
}

func TestRedrive(t *testing.T) {
	for name, c := range map[string]struct {
		edit    func(shown string) string
		subject string // what the CRM gets
	}{
		"nothing written":      {func(string) string { return "" }, "Call " + customer},
		"as it was shown":      {func(shown string) string { return shown }, "Call " + customer},
		"another field edited": {func(shown string) string { return strings.Replace(shown, "In Progress", "Completed", 1) }, "Call " + customer},
		"around a mask":        {func(shown string) string { return strings.Replace(shown, "Call +···", "Call back +···", 1) }, "Call back " + customer},
		"number gone":          {func(shown string) string { return strings.Replace(shown, "Call +··· ··· 23", "Call", 1) }, "Call"},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.refuse("REQUIRED_FIELD_MISSING Subject: Required")
			id := o.call("9001", "1001001", customer)
			shown := o.shownArguments()
			if !strings.Contains(shown, "Call +··· ··· 23") {
				t.Fatalf("shown: %s", shown)
			}
			got := make(chan string, 10)
			o.acts("create", func(in engine.Input) engine.Outcome { got <- string(in.Args); return engine.Did(nil) })
			dead := o.dead()
			status, body, to := o.redrive(press(dead.Ref(), c.edit(shown)))
			if status != http.StatusSeeOther || to != "/attention" {
				t.Fatalf("%d to %q\n%s", status, to, body)
			}
			args := <-got
			if !strings.Contains(args, `"Subject":"`+c.subject+`"`) || !strings.Contains(args, `"WhoId":"`+ines+`"`) {
				t.Errorf("performed with %s", args)
			}
			o.settled()
			o.wants("/attention", "Nothing needs you")
			o.wants("/calls/"+id, "2 attempts")
		})
	}
}

func TestBadRedrivesAreRefusedInWords(t *testing.T) {
	o := newOffice(t)
	o.refuse("REQUIRED_FIELD_MISSING Subject: Required")
	o.call("9001", "1001001", customer)
	dead := o.dead()
	ref := dead.Ref()
	var done engine.StepRef
	for _, s := range o.steps("9001") {
		if s.State == engine.Done {
			done = s.Ref()
		}
	}
	for name, c := range map[string]struct {
		form   url.Values
		status int
		words  string
	}{
		"bad JSON":        {press(ref, `{"object":`), 400, "not JSON"},
		"two values":      {press(ref, `{} {}`), 400, "not JSON"},
		"no object":       {press(ref, `[1]`), 400, "must be a JSON object"},
		"a foreign mask":  {press(ref, `{"object":"Task","set":{"Phone":"+··· ··· 99"}}`), 400, "masked number"},
		"no step":         {url.Values{"args": {"{}"}}, 400, "names no step"},
		"too large":       {press(ref, strings.Repeat("x", 70<<10)), 400, "too large"},
		"no such call":    {press(engine.StepRef{Call: "nobody", Step: ref.Step}, ""), 404, "no such thing"},
		"no such step":    {press(engine.StepRef{Call: ref.Call, Step: "r0.0"}, ""), 404, "no such thing"},
		"a step that did": {press(done, ""), 409, "is done"},
	} {
		status, body, _ := o.redrive(c.form)
		if status != c.status || !strings.Contains(body, c.words) || !strings.Contains(body, "<h1>") {
			t.Errorf("%s: %d, want %d and %q\n%s", name, status, c.status, c.words, body)
		}
	}
	if got := o.dead(); got.ID != dead.ID {
		t.Errorf("the dead step is %s, was %s", got.ID, dead.ID)
	}
}

func (o *office) steps(ref string) []engine.Step {
	o.t.Helper()
	story, err := o.store.Story(o.t.Context(), o.storyID(ref))
	if err != nil {
		o.t.Fatal(err)
	}
	return story.Steps
}

func TestConnectionsSayWhatToDo(t *testing.T) {
	o := newOffice(t)
	o.mu.Lock()
	o.connections = connections()
	o.mu.Unlock()
	body := o.page("/connections")
	for _, words := range []string{"connected", "connecting", "catching up", "some sessions are down", "lost, will try again", "refused", "not running",
		"Nothing to do", "12 of 14", "Correct the user", "Next attempt"} {
		if !strings.Contains(body, words) {
			t.Errorf("connections lack %q\n%s", words, body)
		}
	}
	if a, b := strings.Index(body, "<b>amber"), strings.Index(body, "<b>violet"); a < 0 || b < a {
		t.Error("the connections are not in the order of their names")
	}
}

// connections is one of each state.
func connections() []platform.Status {
	at := begun()
	return []platform.Status{
		{Connection: "violet", Platform: "cisco", State: platform.Stopped, Since: at},
		{Connection: "amber", Platform: "cisco", State: platform.Up, Since: at, SessionsUp: 14, SessionsAll: 14},
		{Connection: "blue", Platform: "cisco", State: platform.Connecting, Since: at},
		{Connection: "cyan", Platform: "connect", State: platform.Resyncing, Since: at},
		{Connection: "green", Platform: "cisco", State: platform.Degraded, Since: at, SessionsUp: 12, SessionsAll: 14, Detail: "2 agents could not sign in."},
		{Connection: "ocher", Platform: "webex", State: platform.Waiting, Since: at, Detail: "The other side closed the connection.", RetryAt: at.Add(6 * 60e9)},
		{Connection: "red", Platform: "cisco", State: platform.Refused, Since: at, Detail: "The user name or password was refused.", RetryAt: at.Add(10 * 60e9)},
	}
}
