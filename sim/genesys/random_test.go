package genesys_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"cordboard/sim/genesys"
	"cordboard/sim/stage/stagetest"
)

// part is a participant as REST tells it.
type part struct {
	ID, Purpose, UserID string
	Calls, Callbacks    []struct {
		ID, State     string
		AfterCallWork struct{ State string }
	}
}

func (c *call) parts() []part {
	c.t.Helper()
	var v struct{ Participants []part }
	if err := json.Unmarshal([]byte(c.get().text), &v); err != nil {
		c.t.Fatal(err)
	}
	return v.Participants
}

// TestWhateverAgentsDoACallEnds sends requests at random, most of them out of place, to a call. Whatever came of them:
// nothing that is terminated comes back to life, once everybody has hung up and wrapped up the conversation is over, and
// no agent is left busy.
func TestWhateverAgentsDoACallEnds(t *testing.T) {
	o := start(t, genesys.Config{Users: 4, Contacts: 5, RateLimit: -1, FarEnd: -1, RecordDelay: -1})
	rapid.Check(t, func(rt *rapid.T) {
		c := o.begun(rapid.SampledFrom([]string{"inbound", "predictive", "preview_skipped", "manual_outbound_queue", "manual_outbound"}).Draw(rt, "call"))
		dead := map[string]bool{}
		for range rapid.IntRange(0, 25).Draw(rt, "requests") {
			parts := c.parts()
			p := rapid.SampledFrom(parts).Draw(rt, "participant")
			method, path, body := c.request(rt, p)
			if r := c.do(method, path, body); r.status >= 500 {
				rt.Fatalf("%s %s %s: %d %s", method, path, body, r.status, r.text)
			}
			for _, p := range c.parts() {
				for _, ss := range append(slices.Clone(p.Calls), p.Callbacks...) {
					if dead[ss.ID] && ss.State != "terminated" {
						rt.Fatalf("%s came back to life as %s", ss.ID, ss.State)
					}
					dead[ss.ID] = ss.State == "terminated"
				}
			}
		}
		c.finish()
		if c.get().str("endTime") == "" {
			rt.Fatalf("the conversation is not over: %s", c.get().text)
		}
		for _, u := range o.Users() {
			if u.Busy != 0 || u.ACW != 0 {
				rt.Fatalf("after the end %s is left with %d calls and %d wrap-ups", u.Name, u.Busy, u.ACW)
			}
			o.do("PUT", "/api/v2/users/"+u.ID+"/routingstatus", `{"status":"IDLE"}`).want(200)
		}
	})
}

// begun plays the beginning of a script.
func (o *org) begun(name string) *call {
	o.t.Helper()
	script, _ := genesys.Script(name)
	script.Steps = script.Steps[:2]
	result, err := o.Play(stagetest.Within(o.t), script, genesys.Call{Agents: []string{"1"}})
	if err != nil {
		o.t.Fatal(err)
	}
	return &call{o, result.Conversation}
}

// request makes one up.
func (c *call) request(rt *rapid.T, p part) (method, path, body string) {
	user := c.users[rapid.IntRange(0, 3).Draw(rt, "user")].ID
	code := c.Ready()["wrapup_codes"].(map[string]string)["Sale"]
	media := "calls/"
	if len(p.Callbacks) > 0 && rapid.Bool().Draw(rt, "callback") {
		media = "callbacks/"
	}
	patch := c.path(media, p.ID, "")
	kinds := [][3]string{
		{"PATCH", patch, `{"state":"connected"}`}, {"PATCH", patch, `{"state":"connected"}`},
		{"PATCH", patch, `{"state":"disconnected"}`},
		{"PATCH", patch, `{"held":true}`}, {"PATCH", patch, `{"held":false}`}, {"PATCH", patch, `{"muted":true}`},
		{"PATCH", patch, `{"wrapup":{"code":"` + code + `"}}`},
		{"PATCH", patch, `{"state":"disconnected","wrapup":{"code":"` + code + `"}}`},
		{"POST", c.path("calls/", p.ID, "/consult"), `{"speakTo":"DESTINATION","destination":{"userId":"` + user + `"}}`},
		{"POST", c.path("calls/", p.ID, "/consult"), `{"speakTo":"DESTINATION","destination":{"address":"+15555550444"}}`},
		{"PATCH", c.path("calls/", p.ID, "/consult"), `{"speakTo":"CONFERENCE"}`},
		{"DELETE", c.path("calls/", p.ID, "/consult"), ``},
		{"POST", c.path("calls/", p.ID, "/replace"), `{"userId":"` + user + `"}`},
		{"POST", c.path("calls/", p.ID, "/replace"), `{"userId":"` + user + `","transferType":"Attended"}`},
		{"POST", c.path("calls/", p.ID, "/replace"), `{"address":"+15555550555"}`},
		{"POST", "/api/v2/conversations/calls/" + c.id, `{"callNumber":"+15555550666"}`},
		{"POST", "/api/v2/conversations/" + c.id + "/disconnect", ``},
	}
	k := rapid.SampledFrom(kinds).Draw(rt, "request")
	return k[0], k[1], k[2]
}

// finish makes everybody hang up and wrap up, as often as it takes.
func (c *call) finish() {
	code := c.Ready()["wrapup_codes"].(map[string]string)["Sale"]
	for range 10 {
		for _, p := range c.parts() {
			c.do("PATCH", c.path("calls/", p.ID, ""), `{"state":"disconnected"}`)
			if len(p.Callbacks) > 0 && p.UserID != "" {
				c.do("PATCH", c.path("callbacks/", p.ID, ""), `{"state":"disconnected"}`)
			}
		}
		c.do("POST", "/api/v2/conversations/"+c.id+"/disconnect", nil)
		for _, p := range c.parts() {
			for media, list := range map[string][]string{"calls/": ids(p.Calls), "callbacks/": ids(p.Callbacks)} {
				for _, id := range list {
					c.do("POST", c.path(media, p.ID, "/communications/"+id+"/wrapup"), fmt.Sprintf(`{"code":%q}`, code))
				}
			}
		}
		if c.get().str("endTime") != "" {
			return
		}
	}
}

func ids(list []struct {
	ID, State     string
	AfterCallWork struct{ State string }
}) (pending []string) {
	for _, ss := range list {
		if ss.AfterCallWork.State == "pending" {
			pending = append(pending, ss.ID)
		}
	}
	return pending
}

// TestOneCallAtATimeOfAPreview is what the random requests once found: an agent hands over a call while it rings at the
// customer, and dials the same preview again.
func TestOneCallAtATimeOfAPreview(t *testing.T) {
	o := start(t, genesys.Config{Users: 4, Contacts: 5, RateLimit: -1, FarEnd: -1, RecordDelay: -1})
	c := o.begun("preview_skipped")
	p := c.await("1", "alerting")
	c.do("PATCH", c.path("callbacks/", p, ""), `{"state":"connected"}`).want(202)
	dial := func() reply {
		return c.do("POST", "/api/v2/conversations/calls/"+c.id, `{"callNumber":"+15555550666"}`)
	}
	dial().want(202)
	c.do("POST", c.path("calls/", p, "/replace"), `{"userId":"`+o.users[2].ID+`","transferType":"Attended"}`).want(202)
	c.patch(p, `{"state":"disconnected"}`)
	dial().want(400)
	c.finish()
	if c.get().str("endTime") == "" {
		t.Fatalf("the conversation is not over: %s", c.get().text)
	}
}
