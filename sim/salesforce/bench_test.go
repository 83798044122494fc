package salesforce_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"cordboard/sim/salesforce"
)

// serve answers one request without a network, so that the benchmarks measure the org.
func serve(b *testing.B, s *salesforce.Server, token, method, path string, body []byte) {
	b.Helper()
	r := httptest.NewRequest(method, "http://org.example/services/data/v67.0"+path, bytes.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code >= http.StatusMultipleChoices {
		b.Fatalf("%d %s", w.Code, w.Body)
	}
}

func benchOrg(b *testing.B, people int) (*salesforce.Server, string, []salesforce.Person) {
	b.Helper()
	s := salesforce.New(salesforce.Config{DailyQuota: 1 << 40, KeepWrites: 1000})
	seeded := s.Seed(people)
	r := httptest.NewRequest("POST", "http://org.example/services/oauth2/token?grant_type=client_credentials", nil)
	ready := s.Ready()
	r.SetBasicAuth(ready["client_id"].(string), ready["client_secret"].(string))
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	var got struct {
		Token string `json:"access_token"`
	}
	if json.Unmarshal(w.Body.Bytes(), &got); got.Token == "" {
		b.Fatal(w.Body)
	}
	return s, got.Token, seeded
}

func callTask(who string, i int) map[string]any {
	return map[string]any{"Subject": "Outbound call", "Status": "Completed", "CallType": "Outbound",
		"CallDurationInSeconds": 187, "CallDisposition": "Promise to pay", "WhoId": who, "CallObject": fmt.Sprint("c", i)}
}

func BenchmarkUpsertOne(b *testing.B) {
	s, token, people := benchOrg(b, 1000)
	for i := 0; b.Loop(); i++ {
		body, _ := json.Marshal(callTask(people[i%1000].ID, i/2))
		serve(b, s, token, "PATCH", fmt.Sprintf("/sobjects/Task/Cordboard_Key__c/k%d", i/2), body)
	}
}

func BenchmarkUpsertCollectionOf200(b *testing.B) {
	s, token, people := benchOrg(b, 1000)
	for i := 0; b.Loop(); i++ {
		records := make([]any, 200)
		for j := range records {
			t := callTask(people[(i+j)%1000].ID, j)
			t["attributes"], t["Cordboard_Key__c"] = map[string]string{"type": "Task"}, fmt.Sprintf("k%d-%d", i/2, j)
			records[j] = t
		}
		body, _ := json.Marshal(map[string]any{"records": records})
		serve(b, s, token, "PATCH", "/composite/sobjects/Task/Cordboard_Key__c", body)
	}
}

func BenchmarkPhoneSearch(b *testing.B) {
	s, token, people := benchOrg(b, 50_000)
	for i := 0; b.Loop(); i++ {
		serve(b, s, token, "GET", "/search?q=FIND+%7B"+people[i%50_000].Number[2:]+"%7D+IN+PHONE+FIELDS+RETURNING+Contact(Id,Name,Phone),Lead(Id,Name,Phone)", nil)
	}
}

func BenchmarkQueryByPhone(b *testing.B) {
	s, token, _ := benchOrg(b, 50_000)
	for b.Loop() {
		serve(b, s, token, "GET", "/query?q=SELECT+Id+FROM+Contact+WHERE+Phone+IN+('4155550123','%2B14155550123')+OR+MobilePhone='x5550199'", nil)
	}
}
