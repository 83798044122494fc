package salesforce_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"cordboard/config"
	"cordboard/crm/salesforce"
	sim "cordboard/sim/salesforce"

	"github.com/google/go-cmp/cmp"
)

// needs are those of somebody who logs calls as tasks and looks people up.
var needs = []salesforce.Need{
	{Object: "Contact", Find: true},
	{Object: "Task", Write: true, Create: []string{"Subject", "TaskSubtype"}, Update: []string{"Status"}},
}

// inspect returns the findings about an org by what they are about, and fails for one that says nothing.
func inspect(t *testing.T, address string, change func(*salesforce.Config), needs ...salesforce.Need) map[string]salesforce.Finding {
	t.Helper()
	found := map[string]salesforce.Finding{}
	for _, f := range newClient(t, address, change).Inspect(t.Context(), needs...) {
		if f.About == "" || f.What == "" || f.State == salesforce.Missing && f.Do == "" {
			t.Errorf("a finding says nothing: %+v", f)
		}
		if strings.Contains(f.String(), "hush") {
			t.Errorf("a finding tells a secret: %+v", f)
		}
		if old, ok := found[f.About]; !ok || old.State == salesforce.OK {
			found[f.About] = f
		}
	}
	return found
}

// states are the findings that are not ok.
func states(found map[string]salesforce.Finding) map[string]salesforce.State {
	bad := map[string]salesforce.State{}
	for about, f := range found {
		if f.State != salesforce.OK {
			bad[about] = f.State
		}
	}
	return bad
}

func wantStates(t *testing.T, found map[string]salesforce.Finding, want map[string]salesforce.State) {
	t.Helper()
	if diff := cmp.Diff(want, states(found)); diff != "" {
		t.Errorf("findings that are not ok (-want +got):\n%s\n%v", diff, found)
	}
}

// rulesUnseen is what a user without a look into Setup always has: the simulated org shows no duplicate rules either.
func rulesUnseen(more map[string]salesforce.State) map[string]salesforce.State {
	all := map[string]salesforce.State{"duplicate rules": salesforce.Unseen}
	for about, state := range more {
		all[about] = state
	}
	return all
}

func TestInspectAnOrgThatIsReady(t *testing.T) {
	found := inspect(t, newOrg(t, sim.Config{Username: "bot@example.com"}).URL(), nil, needs...)
	wantStates(t, found, rulesUnseen(nil))
	for about, words := range map[string]string{
		"sign-in": "client credentials", "API version": "v67.0; the org's newest is v68.0", "user": "bot@example.com",
		"daily requests": "of 5000000 are left", "storage": "11264 of 11264 MB", "Contact": "MobilePhone", "Task.Cordboard_Key__c": "external id",
	} {
		if !strings.Contains(found[about].What, words) {
			t.Errorf("about %s it says %q, want %q", about, found[about].What, words)
		}
	}
}

func TestInspectARefusedSignIn(t *testing.T) {
	org := newOrg(t, sim.Config{})
	for name, c := range map[string]struct {
		change func(*salesforce.Config)
		do     string
	}{
		"wrong secret": {func(c *salesforce.Config) { c.ClientSecret = config.NewSecret("other-hush") }, "client_secret"},
		"wrong id":     {func(c *salesforce.Config) { c.ClientID = "nobody" }, "client_id"},
		"nobody there": {func(c *salesforce.Config) { c.URL = "http://127.0.0.1:1" }, "url"},
	} {
		found := inspect(t, org.URL(), c.change, needs...)
		if f := found["sign-in"]; len(found) != 1 || f.State != salesforce.Missing || !strings.Contains(f.Do, c.do) {
			t.Errorf("%s: %v", name, found)
		}
	}
}

func TestInspectMissingFieldsAndRights(t *testing.T) {
	org := newOrg(t, sim.Config{})
	mustFault(t, org, sim.Fault{Kind: sim.HiddenField, Object: "Task", Field: "Cordboard_Key__c"})
	mustFault(t, org, sim.Fault{Kind: sim.ReadOnly, Object: "Task", Field: "Status"})
	mustFault(t, org, sim.Fault{Kind: sim.ReadOnly, Object: "Lead"})
	for _, phone := range []string{"Phone", "MobilePhone", "HomePhone", "OtherPhone", "AssistantPhone"} {
		mustFault(t, org, sim.Fault{Kind: sim.HiddenField, Object: "Contact", Field: phone})
	}
	found := inspect(t, org.URL(), nil, append(needs,
		salesforce.Need{Object: "Lead", Write: true}, salesforce.Need{Object: "Ticket__c", Write: true},
		salesforce.Need{Object: "Case", Write: true, Create: []string{"Mood__c"}})...)
	wantStates(t, found, rulesUnseen(map[string]salesforce.State{
		"Task.Cordboard_Key__c": salesforce.Missing, "Task.Status": salesforce.Missing, "Lead": salesforce.Missing,
		"Lead.Cordboard_Key__c": salesforce.Missing, "Contact": salesforce.Missing, "Ticket__c": salesforce.Missing, "Case.Mood__c": salesforce.Missing,
	}))
	for about, do := range map[string]string{
		"Task.Cordboard_Key__c": "objects/Activity/fields/Cordboard_Key__c.field-meta.xml", "Lead": salesforce.PermissionSet, "Task.Status": "Edit",
		"Ticket__c": "check the name", "Case.Mood__c": "correct the workflow", "Contact": "Read on the phone fields",
	} {
		if !strings.Contains(found[about].Do, do) {
			t.Errorf("about %s it advises %q, want %q", about, found[about].Do, do)
		}
	}
}

func TestInspectLowLimits(t *testing.T) {
	for name, c := range map[string]struct {
		maximum, used int
		words         string
	}{
		"less than the budget": {10_000, 8_500, "less than Cordboard's own budget of 2000"},
		"paused":               {10_000, 9_600, "records wait"},
	} {
		org := newOrg(t, sim.Config{})
		org.SetQuota(c.maximum, c.used)
		found := inspect(t, org.URL(), nil, needs...)
		wantStates(t, found, rulesUnseen(map[string]salesforce.State{"daily requests": salesforce.Missing}))
		if f := found["daily requests"]; !strings.Contains(f.What, c.words) {
			t.Errorf("%s: %v", name, f)
		}
	}
	org := newOrg(t, sim.Config{})
	org.SetQuota(10_000, 10_000)
	found := inspect(t, org.URL(), nil, needs...)
	if f := found["daily requests"]; f.State != salesforce.Missing || states(found)["objects"] != salesforce.Unseen {
		t.Errorf("an org that refuses every request: %v", found)
	}
}

func TestInspectAnOldOrg(t *testing.T) {
	found := inspect(t, newOrg(t, sim.Config{}).URL(), func(c *salesforce.Config) { c.Version = "v99.0" })
	if f := found["API version"]; f.State != salesforce.Missing || !strings.Contains(f.What, "v68.0") || !strings.Contains(f.Do, "salesforce.version") {
		t.Errorf("%v", found)
	}
}

// TestInspectWithoutALookIntoSetup has an org whose user may not see limits, and one that shows its duplicate rules.
func TestInspectWithoutALookIntoSetup(t *testing.T) {
	refuse, rules := true, `{"records":[{"SobjectType":"Task","DeveloperName":"Tasks_DR"},{"SobjectType":"Case","DeveloperName":"Cases_DR"}]}`
	address := newStub(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Sforce-Limit-Info", "api-usage=25/5000")
		switch {
		case r.URL.Path == "/services/data":
			io.WriteString(w, `[{"version":"67.0"}]`)
		case strings.HasSuffix(r.URL.Path, "/query") && !refuse:
			io.WriteString(w, rules)
		case strings.HasSuffix(r.URL.Path, "/describe"):
			io.WriteString(w, `{"createable":true,"updateable":true,"fields":[{"name":"Cordboard_Key__c","type":"string","length":255,"externalId":true,"createable":true,"updateable":true}]}`)
		default:
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, `[{"errorCode":"INSUFFICIENT_ACCESS","message":"no"}]`)
		}
	})
	task := salesforce.Need{Object: "Task", Write: true}
	found := inspect(t, address, nil, task)
	wantStates(t, found, rulesUnseen(map[string]salesforce.State{"user": salesforce.Unseen, "storage": salesforce.Unseen}))
	if f := found["daily requests"]; f.What != "4975 of 5000 are left in these 24 hours" {
		t.Errorf("the header's word on requests is not taken: %v", f)
	}
	refuse = false
	if f := inspect(t, address, nil, task)["duplicate rules"]; f.State != salesforce.OK || f.What != "active: Task Tasks_DR" || f.Do == "" {
		t.Errorf("%v", f)
	}
}
