package genesys_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"cordboard/sim/genesys"
)

func TestLoginRefuses(t *testing.T) {
	o := start(t, genesys.Config{})
	id := o.Ready()["client_id"].(string)
	o.login(id, "wrong").want(400, `"error":"invalid_client"`, `"error_description":"authentication failed"`)
	o.login("nobody", "wrong").want(400, `"error":"invalid_client"`)
	req, _ := http.NewRequest("POST", o.URL()+"/oauth/token", strings.NewReader("grant_type=password"))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r, err := o.send(req)
	if err != nil {
		t.Fatal(err)
	}
	r.want(400, "unsupported_grant_type")
	if n := o.Logins(); n != 1 {
		t.Errorf("%d tokens were given out, want the one of the start", n)
	}
}

func TestTokens(t *testing.T) {
	o := start(t, genesys.Config{TokenLifetime: time.Hour})
	good := o.token
	for token, want := range map[string]string{"": "authentication.required", "made-up": "bad.credentials"} {
		o.token = token
		r := o.do("GET", "/api/v2/users", nil).want(401, `"code":"`+want+`"`)
		if r.header.Get("ININ-Correlation-Id") == "" || r.str("contextId") != r.header.Get("ININ-Correlation-Id") {
			t.Errorf("the error's context id %q is not the correlation id %q", r.str("contextId"), r.header.Get("ININ-Correlation-Id"))
		}
	}
	o.token = good
	o.do("GET", "/api/v2/users", nil).want(200)
	o.ExpireTokens()
	o.do("GET", "/api/v2/users", nil).want(401, `"code":"credentials.expired"`)
}

func TestRateLimit(t *testing.T) {
	o := start(t, genesys.Config{RateLimit: 3})
	for range 3 {
		r := o.do("GET", "/api/v2/organizations/me", nil).want(200)
		if r.header.Get("inin-ratelimit-allowed") != "3" || r.header.Get("inin-ratelimit-count") == "" || r.header.Get("inin-ratelimit-reset") == "" {
			t.Errorf("rate limit headers %v", r.header)
		}
	}
	r := o.do("GET", "/api/v2/organizations/me", nil).want(429, `"code":"too.many.requests"`)
	if r.header.Get("Retry-After") == "" || r.header.Get("inin-ratelimit-count") != "4" {
		t.Errorf("headers of the 429: %v", r.header)
	}
}

func TestWhatNeedsAUserIsRefused(t *testing.T) {
	o := start(t, genesys.Config{})
	for _, path := range []string{"/api/v2/users/me", "/api/v2/conversations", "/api/v2/conversations/calls", "/api/v2/conversations/callbacks"} {
		o.do("GET", path, nil).want(400, "requires a user context")
	}
	o.do("POST", "/api/v2/conversations/calls", `{"phoneNumber":"+15555550100"}`).want(400, "requires a user context")
	o.do("GET", "/api/v2/conversations/calls/none/x/y", nil).want(404, `"code":"not.found"`)
	o.do("GET", "/api/v2/nonsense", nil).want(404, `"code":"not.found"`)
}

func TestUsersAndRouting(t *testing.T) {
	o := start(t, genesys.Config{Users: 60})
	first := o.do("GET", "/api/v2/users?pageSize=25&expand=presence,routingStatus,conversationSummary", nil).want(200, `"total":60`, `"pageCount":3`, "nextUri", `"IDLE"`)
	second := o.do("GET", first.str("nextUri"), nil).want(200, `"pageNumber":2`, "previousUri")
	if first.str("entities.0.id") == second.str("entities.0.id") {
		t.Error("the second page is the first one")
	}
	u := o.users[41]
	o.do("POST", "/api/v2/users/search", map[string]any{"pageSize": 5, "query": []any{map[string]any{"type": "EXACT", "fields": []string{"email"}, "value": "AGENT42@org.example"}}}).
		want(200, u.ID, `"total":1`)
	o.do("GET", "/api/v2/users?pageSize=501", nil).want(400)
	queue := o.do("GET", "/api/v2/routing/queues?name=sup", nil).want(200, `"total":1`).str("entities.0.id")
	code := o.do("GET", "/api/v2/routing/queues/"+queue+"/wrapupcodes", nil).want(200, "Sale").str("entities.1.id")
	o.do("GET", "/api/v2/routing/wrapupcodes/"+code, nil).want(200, "No interest")

	ch := o.listen(userTopic(u, "presence"), userTopic(u, "routingStatus"))
	meal := ""
	for i := 0; meal == ""; i++ {
		p := o.do("GET", "/api/v2/presence/definitions", nil).want(200)
		if name, _ := dig([]byte(p.text), "entities."+string(rune('0'+i))+".systemPresence").(string); name == "Meal" {
			meal = p.str("entities." + string(rune('0'+i)) + ".id")
		}
	}
	o.do("PATCH", "/api/v2/users/"+u.ID+"/presences/purecloud", `{"presenceDefinition":{"id":"`+meal+`"}}`).want(200, `"systemPresence":"Meal"`)
	notes := ch.drain()
	if len(notes) != 2 || dig(notes[0].Body, "presenceDefinition.systemPresence") != "Meal" || dig(notes[1].Body, "routingStatus.status") != "OFF_QUEUE" {
		t.Errorf("after the change of presence: %v", notes)
	}
	o.do("PATCH", "/api/v2/users/"+u.ID+"/presences/purecloud", `{"presenceDefinition":{"id":"none"}}`).want(400)
	o.do("PUT", "/api/v2/users/"+u.ID+"/routingstatus", `{"status":"IDLE"}`).want(200, "IDLE")
}
