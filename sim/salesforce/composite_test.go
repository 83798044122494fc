package salesforce_test

import (
	"fmt"
	"testing"

	"cordboard/sim/salesforce"
)

func part(method, url, ref string, body any) map[string]any {
	return map[string]any{"method": method, "url": "/services/data/v67.0" + url, "referenceId": ref, "body": body}
}

func TestCompositeRefersToEarlierAnswers(t *testing.T) {
	o := start(t, salesforce.Config{})
	used, _ := o.Usage()
	got := o.do("POST", "/composite", map[string]any{"compositeRequest": []any{
		part("POST", "/sobjects/Account", "a", map[string]any{"Name": "Acorn"}),
		part("PATCH", "/sobjects/Task/Cordboard_Key__c/k1", "t", map[string]any{"Subject": "Call for @{a.id}", "WhatId": "@{a.id}"}),
		part("GET", "/sobjects/Account/@{a.id}", "g", nil),
		part("GET", "/query?q=SELECT+Id,WhatId+FROM+Task+WHERE+WhatId='@{g.Id}'", "q", nil),
		part("PATCH", "/sobjects/Task/@{q.records[0].Id}", "u", map[string]any{"Status": "Completed"}),
		part("POST", "/sobjects/Lead", "bad", map[string]any{"LastName": "x"}),
		part("POST", "/sobjects/Task", "after", map[string]any{"WhoId": "@{bad.id}"}),
	}}).want(200)
	for i, status := range []float64{201, 201, 200, 200, 204, 400, 400} {
		if got.at(fmt.Sprintf("compositeResponse.%d.httpStatusCode", i)) != status {
			t.Errorf("part %d: %s", i, got.text)
		}
	}
	got.want(200, "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED", `"Location":"/services/data/v67.0/sobjects/Account/001`)
	if now, _ := o.Usage(); now != used+1 {
		t.Errorf("a composite call cost %d API calls", now-used)
	}
	if o.Count("Task") != 1 {
		t.Errorf("%d tasks", o.Count("Task"))
	}
	o.do("POST", "/composite", map[string]any{"allOrNone": true, "compositeRequest": []any{
		part("POST", "/sobjects/Account", "a", map[string]any{"Name": "Gone"}), part("POST", "/sobjects/Lead", "b", map[string]any{})}}).
		want(200, "The transaction was rolled back", "REQUIRED_FIELD_MISSING")
	if o.Count("Account") != 1 {
		t.Error("allOrNone kept an account")
	}
	many := make([]any, 26)
	for i := range many {
		many[i] = part("GET", "/limits", fmt.Sprintf("r%d", i), nil)
	}
	o.do("POST", "/composite", map[string]any{"compositeRequest": many}).want(400, "LIMIT_EXCEEDED")
}

func TestGraphsAreAtomicEachForItself(t *testing.T) {
	o := start(t, salesforce.Config{})
	graph := func(id string, lead map[string]any) map[string]any {
		return map[string]any{"graphId": id, "compositeRequest": []any{
			part("PATCH", "/sobjects/Case/Cordboard_Key__c/"+id, "c", map[string]any{"Subject": "Call back", "Origin": "Phone"}),
			part("PATCH", "/sobjects/Task/Cordboard_Key__c/"+id, "t", map[string]any{"Subject": "Call", "WhatId": "@{c.id}"}),
			part("POST", "/sobjects/Lead", "l", lead),
		}}
	}
	good := map[string]any{"LastName": "Roth", "Company": "Acorn"}
	got := o.do("POST", "/composite/graph", map[string]any{"graphs": []any{graph("one", good), graph("two", map[string]any{}), graph("three", good)}}).want(200)
	if got.at("graphs.0.isSuccessful") != true || got.at("graphs.1.isSuccessful") != false || got.at("graphs.2.isSuccessful") != true {
		t.Fatalf("graphs: %s", got.text)
	}
	if got.str("graphs.1.graphResponse.compositeResponse.0.body.0.errorCode") != "PROCESSING_HALTED" ||
		got.str("graphs.1.graphResponse.compositeResponse.2.body.0.errorCode") != "REQUIRED_FIELD_MISSING" {
		t.Errorf("failed graph: %s", got.text)
	}
	if o.Count("Case") != 2 || o.Count("Task") != 2 || o.Count("Lead") != 2 || len(o.ByKey("Task", "two")) != 0 {
		t.Error("a failed graph left records")
	}
	bad := make([]any, 20)
	for i := range bad {
		bad[i] = graph(fmt.Sprintf("g%d", i), map[string]any{})
	}
	halted := o.do("POST", "/composite/graph", map[string]any{"graphs": bad}).want(200)
	if halted.str("graphs.14.graphResponse.compositeResponse.2.body.0.errorCode") != "REQUIRED_FIELD_MISSING" ||
		halted.str("graphs.15.graphResponse.compositeResponse.2.body.0.errorCode") != "PROCESSING_HALTED" {
		t.Errorf("processing did not halt after 15 failures")
	}
	o.do("POST", "/composite/graph", map[string]any{"graphs": []any{map[string]any{"graphId": "q", "compositeRequest": []any{part("GET", "/query?q=x", "a", nil)}}}}).want(400)
	deep := []any{}
	for i := range 16 {
		deep = append(deep, part("POST", "/sobjects/Account", fmt.Sprintf("n%d", i), map[string]any{"Name": "x", "Description": fmt.Sprintf("@{n%d.id}", i-1)}))
	}
	deep[0].(map[string]any)["body"] = map[string]any{"Name": "root"}
	o.do("POST", "/composite/graph", map[string]any{"graphs": []any{map[string]any{"graphId": "d", "compositeRequest": deep}}}).want(400, "depth")
	o.do("POST", "/composite/graph", map[string]any{"graphs": []any{map[string]any{"graphId": "d", "compositeRequest": deep[:15]}}}).want(200, `"isSuccessful":true`)
}

func TestTreeCreatesAllOrNone(t *testing.T) {
	o := start(t, salesforce.Config{})
	rec := func(ref, name string) map[string]any {
		return map[string]any{"attributes": map[string]any{"type": "Account", "referenceId": ref}, "Name": name}
	}
	o.do("POST", "/composite/tree/Account", map[string]any{"records": []any{rec("r1", "a"), rec("r2", "b")}}).want(201, `"hasErrors":false`, `"referenceId":"r2"`)
	o.do("POST", "/composite/tree/Account", map[string]any{"records": []any{rec("r1", "a"), rec("r2", "")}}).want(400, `"hasErrors":true`, `"referenceId":"r2"`)
	if o.Count("Account") != 2 {
		t.Errorf("%d accounts", o.Count("Account"))
	}
}
