package salesforce_test

import (
	"strings"
	"testing"
	"time"

	"cordboard/sim/salesforce"
)

func TestRowLifecycle(t *testing.T) {
	o := start(t, salesforce.Config{})
	created := o.do("POST", "/sobjects/Contact", map[string]any{"LastName": "Roth", "firstname": "Ines"}).want(201, `"success":true`, `"errors":[]`)
	id := created.str("id")
	if !strings.HasPrefix(id, "003") || len(id) != 18 {
		t.Fatalf("id %q", id)
	}
	if got := created.header.Get("Location"); got != "/services/data/v67.0/sobjects/Contact/"+id {
		t.Errorf("Location %q", got)
	}
	row := o.do("GET", "/sobjects/Contact/"+id[:15], nil).want(200, `"Name":"Ines Roth"`, `"type":"Contact"`, `"Phone":null`)
	if at, err := time.Parse("2006-01-02T15:04:05.000-0700", row.str("LastModifiedDate")); err != nil || time.Since(at) > time.Minute {
		t.Errorf("LastModifiedDate %q", row.str("LastModifiedDate"))
	}
	if r := o.do("PATCH", "/sobjects/Contact/"+id, map[string]any{"Phone": "415 555 0101", "FirstName": nil}).want(204); r.text != "" {
		t.Errorf("204 with a body %q", r.text)
	}
	o.do("GET", "/sobjects/Contact/"+id+"?fields=Name,Phone", nil).want(200, `"Name":"Roth"`, `"Phone":"415 555 0101"`)
	o.do("DELETE", "/sobjects/Contact/"+id, nil).want(204)
	o.do("GET", "/sobjects/Contact/"+id, nil).want(404, "ENTITY_IS_DELETED")
	o.do("GET", "/sobjects/Contact/003000000000000AAA", nil).want(404, "NOT_FOUND", "The requested resource does not exist")
	if got := o.Counts()["Contact"]; got != (salesforce.Counts{Created: 1, Updated: 1, Deleted: 1}) {
		t.Errorf("counts %+v", got)
	}
}

func TestUpsertByExternalID(t *testing.T) {
	o := start(t, salesforce.Config{})
	const path = "/sobjects/Task/Cordboard_Key__c/f-7c1e%2FL1"
	first := o.do("PATCH", path, map[string]any{"Subject": "Call"}).want(201, `"created":true`)
	second := o.do("PATCH", path, map[string]any{"Status": "Completed"}).want(200, `"created":false`)
	if first.str("id") != second.str("id") {
		t.Error("the second upsert met another record")
	}
	o.do("GET", path, nil).want(200, `"Cordboard_Key__c":"f-7c1e/L1"`, `"IsClosed":true`)
	old := strings.Replace("//services/data/v45.0"+path, "v67.0", "v45.0", 1)
	if r := o.do("PATCH", old, map[string]any{"Priority": "High"}).want(204); r.text != "" {
		t.Errorf("v45 answers with a body %q", r.text)
	}
	o.do("PATCH", "/sobjects/Task/Cordboard_Key__c/new?updateOnly=true", map[string]any{"Subject": "x"}).want(404, "NOT_FOUND")
	o.do("PATCH", "/sobjects/Task/CallKey__c/1", map[string]any{}).want(404, `[{"message":"Provided external ID field does not exist or is not accessible: CallKey__c","errorCode":"NOT_FOUND"}]`)
	o.do("PATCH", "/sobjects/Task/Subject/1", map[string]any{}).want(404, "does not exist or is not accessible: Subject")
	o.do("PATCH", path, map[string]any{"Cordboard_Key__c": "f"}).want(400, "should not be specified in the sobject data")
	o.do("POST", "/sobjects/Task", map[string]any{"Cordboard_Key__c": "f-7c1e/L1"}).want(201)
	many := o.do("PATCH", path, map[string]any{"Subject": "?"}).want(300)
	if !strings.HasPrefix(many.str("1"), "/services/data/v67.0/sobjects/Task/00T") {
		t.Errorf("300 body %s", many.text)
	}
	if d := o.Duplicates(); len(d) != 1 || d[0].Key != "f-7c1e/L1" || len(d[0].IDs) != 2 {
		t.Errorf("duplicates %+v", d)
	}
	o.do("POST", "/sobjects/Call_Log__c", map[string]any{"Cordboard_Key__c": "a"}).want(201)
	o.do("POST", "/sobjects/Call_Log__c", map[string]any{"Cordboard_Key__c": "A"}).want(400, "DUPLICATE_VALUE")
}

func TestRecordRules(t *testing.T) {
	o := start(t, salesforce.Config{})
	lead := o.Add("Lead", map[string]any{"LastName": "Silva", "Company": "Dune"})
	account := o.Add("Account", map[string]any{"Name": "Acorn"})
	contact := o.Add("Contact", map[string]any{"LastName": "Roth", "AccountId": account})
	asleep := o.AddUser(map[string]any{"IsActive": false})
	cases := []struct {
		object string
		fields map[string]any
		want   string
	}{
		{"Lead", map[string]any{"LastName": "x"}, `"errorCode":"REQUIRED_FIELD_MISSING","fields":["Company"]`},
		{"Lead", map[string]any{"LastName": strings.Repeat("x", 81), "Company": "y"}, "STRING_TOO_LONG"},
		{"Task", map[string]any{"CallType": "Sideways"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"},
		{"Task", map[string]any{"Colour__c": "x"}, "No such column 'Colour__c' on sobject of type Task"},
		{"Task", map[string]any{"WhoId": lead, "WhatId": account}, "FIELD_INTEGRITY_EXCEPTION"},
		{"Task", map[string]any{"WhoId": account}, "MALFORMED_ID"},
		{"Task", map[string]any{"WhoId": "003Wy00000AbCdE"}, "INVALID_CROSS_REFERENCE_KEY"},
		{"Task", map[string]any{"OwnerId": asleep}, "INACTIVE_OWNER_OR_USER"},
		{"Task", map[string]any{"CallDurationInSeconds": 123456789}, "NUMBER_OUTSIDE_VALID_RANGE"},
		{"Task", map[string]any{"ActivityDate": "tomorrow"}, "JSON_PARSER_ERROR"},
		{"Task", map[string]any{"CreatedDate": "2026-01-01T00:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE"},
		{"Contact", map[string]any{"LastName": "x", "Email": "not an address"}, "INVALID_EMAIL_ADDRESS"},
		{"Opportunity", map[string]any{"Name": "x"}, "Required fields are missing: [StageName, CloseDate]"},
	}
	for _, c := range cases {
		o.do("POST", "/sobjects/"+c.object, c.fields).want(400, c.want)
	}
	task := o.do("POST", "/sobjects/Task", map[string]any{"WhoId": contact[:15], "Status": "Completed", "TaskSubtype": "Call", "CallDurationInSeconds": 187}).want(201)
	o.do("GET", "/sobjects/Task/"+task.str("id"), nil).want(200, `"AccountId":"`+account, `"CallDurationInSeconds":187`, `"WhoId":"`+contact)
	o.do("PATCH", "/sobjects/Task/"+task.str("id"), map[string]any{"TaskSubtype": "Email"}).want(400, "INVALID_FIELD_FOR_INSERT_UPDATE")
	lenient := start(t, salesforce.Config{AllowSubtypeUpdate: true})
	for range 2 {
		lenient.do("PATCH", "/sobjects/Task/Cordboard_Key__c/k", map[string]any{"TaskSubtype": "Call"})
	}
	if n := lenient.Counts()["Task"]; n.Updated != 1 {
		t.Errorf("AllowSubtypeUpdate: %+v", n)
	}
	o.do("POST", "/sobjects/Nothing__c", map[string]any{}).want(404, "NOT_FOUND")
	o.do("POST", "/sobjects/Task", `{"Subject":`).want(400, "JSON_PARSER_ERROR")
}

func TestCollectionsKeepOrderAndReportEachRecord(t *testing.T) {
	o := start(t, salesforce.Config{})
	task := func(key string, more ...string) map[string]any {
		m := map[string]any{"attributes": map[string]string{"type": "Task"}, "Cordboard_Key__c": key}
		for i := 0; i+1 < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}
	const path = "/composite/sobjects/Task/Cordboard_Key__c"
	body := map[string]any{"records": []any{task("a"), task("b", "CallType", "no"), task("c"), task("c"), task("")}}
	got := o.do("PATCH", path, body).want(200)
	if got.at("0.created") != true || got.at("1.success") != false || got.str("1.errors.0.statusCode") != "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST" ||
		got.at("2.created") != true || got.str("3.errors.0.statusCode") != "DUPLICATE_VALUE" || got.str("4.errors.0.statusCode") != "MISSING_ARGUMENT" {
		t.Fatalf("results %s", got.text)
	}
	again := o.do("PATCH", path, map[string]any{"records": []any{task("c"), task("a")}}).want(200)
	if again.at("0.created") != false || again.str("0.id") != got.str("2.id") || again.str("1.id") != got.str("0.id") {
		t.Fatalf("order lost: %s", again.text)
	}
	o.do("PATCH", path, map[string]any{"allOrNone": true, "records": []any{task("d"), task("e", "CallType", "no")}}).
		want(200, "ALL_OR_NONE_OPERATION_ROLLED_BACK")
	if n := o.Count("Task"); n != 2 {
		t.Errorf("%d tasks, want 2", n)
	}
	mixed := o.do("POST", "/composite/sobjects", map[string]any{"records": []any{task("x"),
		map[string]any{"attributes": map[string]string{"type": "Account"}, "Name": "Acorn"}, map[string]any{"Name": "untyped"}}}).want(200)
	if mixed.at("1.success") != true || mixed.at("2.success") != false {
		t.Errorf("mixed create: %s", mixed.text)
	}
	o.do("PATCH", "/composite/sobjects", map[string]any{"records": []any{map[string]any{"attributes": map[string]string{"type": "Account"}, "Id": mixed.str("1.id"), "Phone": "1234567"}}}).
		want(200, `"success":true`)
	o.do("DELETE", "/composite/sobjects?ids="+mixed.str("0.id")+",001000000000000AAA", nil).want(200, `"success":true`, "INVALID_CROSS_REFERENCE_KEY")
	many := make([]any, 201)
	for i := range many {
		many[i] = task("k")
	}
	o.do("PATCH", path, map[string]any{"records": many}).want(400, "EXCEEDED_ID_LIMIT")
	var ops []string
	for _, w := range o.Writes("Task") {
		ops = append(ops, w.Op+" "+w.Key)
	}
	if got, want := strings.Join(ops, ", "), "created a, created c, updated c, updated a, created x, deleted x"; got != want {
		t.Errorf("writes %s, want %s", got, want)
	}
}
