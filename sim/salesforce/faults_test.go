package salesforce_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"cordboard/sim/salesforce"
)

func (o *org) fault(f salesforce.Fault) {
	o.t.Helper()
	o.ClearFaults()
	if err := o.AddFault(f); err != nil {
		o.t.Fatal(err)
	}
}

func TestResetAfterCommitStoresOnce(t *testing.T) {
	o := start(t, salesforce.Config{})
	const path = "/sobjects/Task/Cordboard_Key__c/k1"
	o.fault(salesforce.Fault{Kind: salesforce.ResetBeforeCommit, Count: 1, Method: "PATCH"})
	if _, err := o.try("PATCH", path, map[string]any{"Subject": "x"}); err == nil || o.Count("Task") != 0 {
		t.Fatalf("before commit: %v, %d tasks", err, o.Count("Task"))
	}
	o.fault(salesforce.Fault{Kind: salesforce.ResetAfterCommit, Count: 1})
	o.do("GET", "/limits", nil).want(200) // a read commits nothing
	if _, err := o.try("PATCH", path, map[string]any{"Subject": "x"}); err == nil || o.Count("Task") != 1 {
		t.Fatalf("after commit: %v, %d tasks", err, o.Count("Task"))
	}
	o.do("PATCH", path, map[string]any{"Subject": "x"}).want(200, `"created":false`)
}

func TestRequestFaults(t *testing.T) {
	o := start(t, salesforce.Config{})
	o.fault(salesforce.Fault{Kind: salesforce.RequestLimit, Count: 2})
	for range 2 {
		o.do("GET", "/limits", nil).want(403, `[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]`)
	}
	o.do("GET", "/limits", nil).want(200)
	o.fault(salesforce.Fault{Kind: salesforce.HTML503, Path: "/sobjects/", Count: 1})
	o.do("GET", "/limits", nil).want(200)
	if r := o.do("GET", "/sobjects/Task", nil).want(503, "<html>"); !strings.HasPrefix(r.header.Get("Content-Type"), "text/html") {
		t.Error("503 is not HTML")
	}
	o.fault(salesforce.Fault{Kind: salesforce.ServerError, Object: "task", Count: 1})
	o.do("GET", "/sobjects/Contact", nil).want(200)
	o.do("GET", "/sobjects/Task", nil).want(500, "UNKNOWN_EXCEPTION")
	o.fault(salesforce.Fault{Kind: salesforce.Slow, Delay: salesforce.Delay(30 * time.Millisecond), Count: 1})
	began := time.Now()
	o.do("GET", "/limits", nil).want(200)
	if time.Since(began) < 30*time.Millisecond {
		t.Error("not slow")
	}
	o.fault(salesforce.Fault{Kind: salesforce.ExpiredToken, Count: 1})
	o.do("GET", "/limits", nil).want(401, "INVALID_SESSION_ID")
	o.do("GET", "/limits", nil).want(401) // the token stays dead
	o.login()
	o.do("GET", "/limits", nil).want(200)
	if err := o.AddFault(salesforce.Fault{Kind: "nonsense"}); err == nil {
		t.Error("an unknown fault was accepted")
	}
}

func TestRecordFaults(t *testing.T) {
	o := start(t, salesforce.Config{})
	task := func(key string) map[string]any {
		return map[string]any{"attributes": map[string]string{"type": "Task"}, "Cordboard_Key__c": key}
	}
	o.fault(salesforce.Fault{Kind: salesforce.RowLock, Object: "Task", Nth: 2, Count: 1})
	got := o.do("PATCH", "/composite/sobjects/Task/Cordboard_Key__c", map[string]any{"records": []any{task("a"), task("b"), task("c")}}).want(200)
	if got.str("1.errors.0.statusCode") != "UNABLE_TO_LOCK_ROW" || got.at("0.success") != true || got.at("2.success") != true {
		t.Errorf("row lock: %s", got.text)
	}
	o.fault(salesforce.Fault{Kind: salesforce.Validation, Object: "Task", Field: "CallDisposition", Message: "Say how it went", Count: 1})
	o.do("POST", "/sobjects/Task", map[string]any{}).want(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Say how it went", `"fields":["CallDisposition"]`)
	o.fault(salesforce.Fault{Kind: salesforce.InactiveOwner, Count: 1})
	o.do("POST", "/sobjects/Task", map[string]any{}).want(400, "INACTIVE_OWNER_OR_USER")
	o.fault(salesforce.Fault{Kind: salesforce.HiddenField, Object: "Task", Field: "Cordboard_Key__c"})
	o.do("PATCH", "/sobjects/Task/Cordboard_Key__c/a", map[string]any{}).want(404, "Provided external ID field does not exist or is not accessible: Cordboard_Key__c")
	o.query("SELECT Cordboard_Key__c FROM Task").want(400, "INVALID_FIELD")
	if strings.Contains(o.do("GET", "/sobjects/Task/describe", nil).text, "Cordboard_Key__c") {
		t.Error("describe shows a hidden field")
	}
	o.ClearFaults()
	o.do("GET", "/sobjects/Task/Cordboard_Key__c/a", nil).want(200)
}

func TestDuplicateRule(t *testing.T) {
	o := start(t, salesforce.Config{})
	first := o.Add("Contact", map[string]any{"LastName": "Roth", "Phone": "(415) 555-0123"})
	o.fault(salesforce.Fault{Kind: salesforce.DuplicateRule, Object: "Contact", Field: "Phone"})
	twin := map[string]any{"LastName": "Rot", "Phone": "+14155550123"}
	o.do("POST", "/sobjects/Contact", map[string]any{"LastName": "Other", "Phone": "+14155550199"}).want(201)
	r := o.do("POST", "/sobjects/Contact", twin).want(400, `"errorCode":"DUPLICATES_DETECTED"`)
	if r.str("0.duplicateResut.matchResults.0.matchRecords.0.record.Id") != first || r.str("0.duplicateResut.duplicateRule") != "Contacts_DR" {
		t.Errorf("duplicate body: %s", r.text)
	}
	o.fault(salesforce.Fault{Kind: salesforce.DuplicateRule, Object: "Contact", Field: "Phone", Key: "duplicateResult"})
	o.do("POST", "/sobjects/Contact", twin, "Sforce-Duplicate-Rule-Header", "allowSave=false; includeRecordDetails=true").want(400, `"duplicateResult":`, `"LastName":"Roth"`)
	o.do("POST", "/sobjects/Contact", twin, "Sforce-Duplicate-Rule-Header", "allowSave=true; runAsCurrentUser=true").want(201)
}

func TestUpsertRaceMakesTwins(t *testing.T) {
	o := start(t, salesforce.Config{})
	for _, f := range []salesforce.Fault{{Kind: salesforce.UpsertRace}, {Kind: salesforce.Slow, Delay: salesforce.Delay(200 * time.Millisecond), Count: 1}} {
		if err := o.AddFault(f); err != nil {
			t.Fatal(err)
		}
	}
	const path = "/sobjects/Task/Cordboard_Key__c/k"
	slow := make(chan reply, 1)
	go func() { r, _ := o.try("PATCH", path, map[string]any{}); slow <- r }()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for o.Faults()[1].Fired == 0 {
		if ctx.Err() != nil {
			t.Fatal("the slow request never came")
		}
		time.Sleep(time.Millisecond)
	}
	o.do("PATCH", path, map[string]any{}).want(201)
	(<-slow).want(201)
	if d := o.Duplicates(); len(d) != 1 || d[0].Key != "k" {
		t.Errorf("duplicates %+v", d)
	}
}

func TestQuotaAndLimits(t *testing.T) {
	apps := start(t, salesforce.Config{DailyQuota: 1000, AppName: "cordboard"})
	if got := apps.do("GET", "/limits", nil).header.Get("Sforce-Limit-Info"); got != "api-usage=1/1000; per-app-api-usage=1/1000(appName=cordboard)" {
		t.Errorf("per-app Sforce-Limit-Info %q", got)
	}
	o := start(t, salesforce.Config{DailyQuota: 1000})
	if got := o.do("GET", "/limits", nil).want(200, `"DailyApiRequests":{"Max":1000,"Remaining":999}`).header.Get("Sforce-Limit-Info"); got != "api-usage=1/1000" {
		t.Errorf("Sforce-Limit-Info %q", got)
	}
	o.SetQuota(1000, 999)
	o.do("GET", "/sobjects", nil).want(200)
	o.do("GET", "/limits", nil).want(403, "REQUEST_LIMIT_EXCEEDED")
	r := o.do("GET", "//services/data", nil).want(200, `"version":"68.0"`, `{"label":"Summer '26","url":"/services/data/v67.0","version":"67.0"}`)
	if r.header.Get("Sforce-Limit-Info") != "" {
		t.Error("the version list carries Sforce-Limit-Info")
	}
	o.do("GET", "//services/data/v69.0/limits", nil)
	o.SetQuota(1000, 0)
	o.do("GET", "//services/data/v69.0/limits", nil).want(404)
}

func TestSideDoor(t *testing.T) {
	o := start(t, salesforce.Config{})
	o.do("POST", "//_sim/faults", `[{"kind":"row_lock","object":"Task","count":1},{"kind":"slow","delay":"10ms","count":1}]`).want(200, `"fired":0`)
	o.do("POST", "//_sim/faults", `{"kind":"nope"}`).want(400)
	o.do("POST", "//_sim/faults", `{"kind":"slow","dely":"1s"}`).want(400, "dely")
	o.do("POST", "/sobjects/Task", map[string]any{"Cordboard_Key__c": "k"}).want(400, "UNABLE_TO_LOCK_ROW")
	o.do("POST", "/sobjects/Task", map[string]any{"Cordboard_Key__c": "k"}).want(201)
	state := o.do("GET", "//_sim/state?records=Task", nil).want(200, `"create":2`, `"key":"k"`)
	if state.at("count.Task") != 1.0 || state.at("counts.Task.created") != 1.0 || state.str("records.Task.0.Cordboard_Key__c") != "k" {
		t.Errorf("state: %s", state.text)
	}
	o.do("DELETE", "//_sim/faults", nil).want(204)
	o.do("POST", "//_sim/settings", `{"quota":10,"used":10}`).want(204)
	o.do("GET", "/limits", nil).want(403)
}

func TestAwait(t *testing.T) {
	o := start(t, salesforce.Config{})
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- o.Await(ctx, func() bool { return o.Counts()["Task"].Updated == 1 }) }()
	for range 2 {
		o.do("PATCH", "/sobjects/Task/Cordboard_Key__c/k", map[string]any{"Subject": "x"})
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	gone, stop := context.WithCancel(ctx)
	stop()
	if err := o.Await(gone, func() bool { return false }); err == nil {
		t.Error("Await without an end")
	}
}

func TestPages(t *testing.T) {
	o := start(t, salesforce.Config{})
	account := o.Add("Account", map[string]any{"Name": "Acorn <b>"})
	id := o.Add("Contact", map[string]any{"LastName": "Roth", "AccountId": account})
	o.do("POST", "/sobjects/Task", map[string]any{"Subject": "Outbound call", "WhoId": id, "CallType": "Outbound"}).want(201)
	o.do("GET", "//lightning/r/Contact/"+id+"/view", nil).want(200, "Roth", "Outbound call", "Activities", "/lightning/r/Account/"+account, "Acorn &lt;b&gt;")
	o.do("GET", "//"+id[:15], nil).want(200, "Roth")
	o.do("GET", "//lightning/o/Lead/new?defaultFieldValues=Phone=5550123,Company=Dune", nil).want(200, "New Lead", "Dune")
	o.do("GET", "//apex/CallScript?lcm=42", nil).want(200, "CallScript", "42")
	o.do("GET", "//lightning/r/Lead/"+id+"/view", nil).want(404)
	o.do("GET", "//nothing/here", nil).want(404)
}

func TestDescribe(t *testing.T) {
	o := start(t, salesforce.Config{})
	o.do("GET", "/sobjects", nil).want(200, `"name":"Call_Log__c"`, `"maxBatchSize":200`)
	d := o.do("GET", "/sobjects/task/describe", nil).want(200, `"keyPrefix":"00T"`)
	for _, f := range d.at("fields").([]any) {
		if f := f.(map[string]any); f["name"] == "Cordboard_Key__c" && (f["externalId"] != true || f["unique"] != false) {
			t.Errorf("key field: %v", f)
		}
	}
	o.do("GET", "", nil).want(200, `"sobjects":"/services/data/v67.0/sobjects"`)
}

// Ensure that what may be read but not written is described so, refused so, and given back.
func TestReadOnly(t *testing.T) {
	o := start(t, salesforce.Config{})
	for _, f := range []salesforce.Fault{{Kind: salesforce.ReadOnly, Object: "Lead"}, {Kind: salesforce.ReadOnly, Object: "Contact", Field: "title"}} {
		if err := o.AddFault(f); err != nil {
			t.Fatal(err)
		}
	}
	o.do("GET", "/sobjects/Lead/describe", nil).want(200, `"createable":false`, `"updateable":false`)
	o.do("POST", "/sobjects/Lead", map[string]any{"LastName": "Roth", "Company": "Dune"}).want(400, "INSUFFICIENT_ACCESS_OR_READONLY")
	o.do("POST", "/sobjects/Contact", map[string]any{"LastName": "Roth"}).want(201)
	o.do("POST", "/sobjects/Contact", map[string]any{"LastName": "Roth", "Title": "x"}).want(400, "INVALID_FIELD_FOR_INSERT_UPDATE", "Title")
	for _, f := range o.do("GET", "/sobjects/Contact/describe", nil).at("fields").([]any) {
		if f := f.(map[string]any); f["name"] == "Title" && (f["createable"] != false || f["updateable"] != false) || f["name"] == "LastName" && f["updateable"] != true {
			t.Errorf("described as %v", f)
		}
	}
	o.ClearFaults()
	o.do("POST", "/sobjects/Lead", map[string]any{"LastName": "Roth", "Company": "Dune"}).want(201)
}
