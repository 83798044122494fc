package genesys_test

import (
	"encoding/json"
	"strings"
	"testing"

	"cordboard/sim/genesys"
	"cordboard/sim/stage/stagetest"
)

// TestDrivenOverHTTP drives the simulator as a program that runs alone is driven.
func TestDrivenOverHTTP(t *testing.T) {
	o := start(t, genesys.Config{RecordDelay: -1})
	var ready map[string]any
	if err := json.Unmarshal([]byte(o.do("GET", "/sim/ready", nil).want(200).text), &ready); err != nil {
		t.Fatal(err)
	}
	for _, member := range []string{"url", "login_url", "client_id", "client_secret", "users", "queue_id", "campaigns", "contact_list_id", "wrapup_codes", "scripts"} {
		if ready[member] == nil {
			t.Errorf("the readiness line has no %s", member)
		}
	}
	o.do("GET", "/sim/scripts", nil).want(200, "predictive_consult_transfer")
	call := o.do("POST", "/sim/calls", `{"script":"predictive","agents":["2"],"vars":{"case":"9"},"speed":0,"wait":true}`).
		want(200, `"contact":`, o.users[1].ID).str("conversation")
	o.do("GET", "/api/v2/conversations/"+call, nil).want(200, `"case":"9"`)
	later := o.do("POST", "/sim/calls", `{"script":"inbound","speed":0}`).want(202).str("conversation")
	if err := o.AwaitOver(stagetest.Within(t), later); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{`{"script":"nonsense"}`, `{"script":"inbound","agents":["nobody"]}`, `{"skript":"inbound"}`, `{"script":"predictive","contact":"none"}`,
		`{"script":"x","steps":[{"verb":"sing"}]}`, `{"script":"predictive","campaign":"preview"}`} {
		o.do("POST", "/sim/calls", bad).want(400, `"error"`)
	}
	o.do("POST", "/sim/calls", `{"steps":[{"verb":"offer","args":{"mode":"inbound"}},{"verb":"hold"}],"wait":true,"speed":0}`).want(409, "not in the call")
	o.do("POST", "/sim/faults", `[{"kind":"slow","delay":"1ms","count":2},{"kind":"drop","topic":"x"}]`).want(200, `"drop"`)
	o.do("GET", "/sim/faults", nil).want(200, `"delay":"1ms"`)
	o.do("DELETE", "/sim/faults", nil).want(204)
	for _, kind := range []string{"cut", "closing", "drop_channels", "expire_tokens", "revoke_tokens"} {
		o.do("POST", "/sim/faults", `{"kind":"`+kind+`"}`).want(200)
	}
	o.do("POST", "/sim/faults", `{"kind":"repeat","user":"nobody"}`).want(400)
	o.do("POST", "/sim/faults", `{"kind":"drop","tropic":"x"}`).want(400)
	o.do("POST", "/sim/targets", `{"url":"http://127.0.0.1:1/x","workflow":"w"}`).want(200, `"workflow":"w"`)
	o.do("DELETE", "/sim/targets", nil).want(204)
	o.do("POST", "/sim/campaigns", `{"campaign":"preview","attempts_per_number":1}`).want(204)
	o.do("POST", "/sim/campaigns", `{"campaign":"nonsense"}`).want(400)
	state := o.do("GET", "/sim/state?only=conversations,contacts,requests", nil).want(200, call, `"callRecords"`)
	if strings.Contains(state.text, `"users"`) {
		t.Error("only did not leave out the users")
	}
	o.do("GET", "/sim/state", nil).want(200, `"logins":1`, `"channels":[]`)
}
