// Package gosalesforce drives a running simulated org with github.com/k-capehart/go-salesforce, unmodified. It is a
// module of its own: the org's address and credentials come by environment, from the test one folder up.
package gosalesforce

import (
	"fmt"
	"net/http"
	"os"
	"testing"

	"github.com/k-capehart/go-salesforce/v3"
)

type contact struct {
	Id       string `json:",omitempty"`
	LastName string
}

func connect(t *testing.T, creds salesforce.Creds) *salesforce.Salesforce {
	t.Helper()
	creds.Domain = os.Getenv("SF_URL")
	if creds.Domain == "" {
		t.Skip("SF_URL is not set: this test is run by the one in the folder above")
	}
	creds.ConsumerKey = os.Getenv("SF_CLIENT_ID")
	sf, err := salesforce.Init(creds)
	if err != nil {
		t.Fatalf("login: %v", err)
	}
	return sf
}

func login(t *testing.T) *salesforce.Salesforce {
	return connect(t, salesforce.Creds{ConsumerSecret: os.Getenv("SF_CLIENT_SECRET")})
}

func TestJWT(t *testing.T) {
	sf := connect(t, salesforce.Creds{Username: os.Getenv("SF_USERNAME"), ConsumerRSAPem: os.Getenv("SF_JWT_KEY")})
	if _, err := sf.DoRequest(http.MethodGet, "/limits", nil); err != nil {
		t.Fatal(err)
	}
}

func TestRows(t *testing.T) {
	sf := login(t)
	made, err := sf.InsertOne("Contact", contact{LastName: "Capehart"})
	if err != nil || !made.Success {
		t.Fatalf("insert: %+v %v", made, err)
	}
	if err := sf.UpdateOne("Contact", contact{Id: made.Id, LastName: "Kapehart"}); err != nil {
		t.Fatal(err)
	}
	var first string
	for range 2 {
		r, err := sf.UpsertOne("Task", "Cordboard_Key__c", map[string]any{"Cordboard_Key__c": "go-1", "Subject": "Call", "WhoId": made.Id})
		if err != nil || !r.Success || first != "" && r.Id != first {
			t.Fatalf("upsert: %+v %v", r, err)
		}
		first = r.Id
	}
	var found []contact
	if err := sf.Query("SELECT Id, LastName FROM Contact WHERE Id = '"+made.Id+"'", &found); err != nil || len(found) != 1 || found[0].LastName != "Kapehart" {
		t.Fatalf("query: %+v %v", found, err)
	}
	if err := sf.DeleteOne("Task", map[string]any{"Id": first}); err != nil {
		t.Fatal(err)
	}
	if _, err := sf.InsertOne("Lead", map[string]any{"LastName": "no company"}); err == nil {
		t.Error("a lead without a company was accepted")
	}
}

func TestCollectionsAndPages(t *testing.T) {
	sf := login(t)
	records := make([]map[string]any, 25)
	for i := range records {
		records[i] = map[string]any{"Cordboard_Key__c": fmt.Sprintf("go-c%02d", i), "Subject": "Call"}
	}
	results, err := sf.UpsertCollection("Task", "Cordboard_Key__c", records, 10)
	if err != nil || results.HasSalesforceErrors || len(results.Results) != 25 {
		t.Fatalf("upsert: %+v %v", results, err)
	}
	inserted, err := sf.InsertCollection("Contact", []map[string]any{{"LastName": "A"}, {"FirstName": "nobody"}}, 200)
	if err != nil || !inserted.HasSalesforceErrors || !inserted.Results[0].Success || inserted.Results[1].Success {
		t.Fatalf("insert: %+v %v", inserted, err)
	}
	var found []map[string]any
	if err := sf.Query("SELECT Id, Subject FROM Task WHERE Cordboard_Key__c LIKE 'go-c%'", &found); err != nil || len(found) != 25 {
		t.Fatalf("query over pages: %d rows, %v", len(found), err)
	}
	composite, err := sf.UpsertComposite("Task", "Cordboard_Key__c", records, 10, true)
	if err != nil || composite.HasSalesforceErrors {
		t.Fatalf("composite: %+v %v", composite, err)
	}
	gone, err := sf.DeleteCollection("Task", found, 200)
	if err != nil || gone.HasSalesforceErrors {
		t.Fatalf("delete: %+v %v", gone, err)
	}
}
