package salesforce_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"cordboard/sim/salesforce"
)

// fuzzed sends a text to one resource of a small org; every answer must be an answer, never a panic or a 500.
func fuzzed(f *testing.F, method, path string) {
	s := salesforce.New(salesforce.Config{})
	s.Seed(6)
	ready := s.Ready()
	r := httptest.NewRequest("POST", "http://org.example/services/oauth2/token?grant_type=client_credentials", nil)
	r.SetBasicAuth(ready["client_id"].(string), ready["client_secret"].(string))
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	_, rest, _ := strings.Cut(w.Body.String(), `"access_token":"`)
	token, _, _ := strings.Cut(rest, `"`)
	f.Fuzz(func(t *testing.T, text string) {
		target, body := "http://org.example/services/data/v67.0"+path, ""
		if method == "GET" {
			target += url.QueryEscape(text)
		} else {
			body = text
		}
		r := httptest.NewRequest(method, target, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code >= http.StatusInternalServerError {
			t.Fatalf("%q: %d %s", text, w.Code, w.Body)
		}
	})
}

func FuzzSOQL(f *testing.F) {
	for _, q := range []string{`SELECT Id, Who.Name FROM Task WHERE (NOT a LIKE 'x%') AND Phone IN ('1','2') ORDER BY Name DESC LIMIT 1 OFFSET 2`,
		`SELECT COUNT() FROM Contact c WHERE c.CreatedDate > LAST_N_DAYS:3 OR Id = '003Wy0000010007IAA'`, `SELECT FIELDS(ALL) FROM User`} {
		f.Add(q)
	}
	fuzzed(f, "GET", "/query?q=")
}

func FuzzSOSL(f *testing.F) {
	for _, q := range []string{`FIND {4155550123 OR "a b" AND NOT (Ro?h*)} IN PHONE FIELDS RETURNING Contact(Id, Name WHERE Name != null ORDER BY Name LIMIT 1), Lead LIMIT 3`,
		`FIND {\+1\-555} RETURNING Task`} {
		f.Add(q)
	}
	fuzzed(f, "GET", "/search?q=")
}

func FuzzGraph(f *testing.F) {
	f.Add(`{"graphs":[{"graphId":"a","compositeRequest":[{"method":"POST","url":"/services/data/v67.0/sobjects/Account","referenceId":"r","body":{"Name":"x"}},{"method":"PATCH","url":"/services/data/v67.0/sobjects/Account/@{r.id}","referenceId":"q","body":{"Name":"@{r.errors[0]}"}}]}]}`)
	fuzzed(f, "POST", "/composite/graph")
}

func FuzzCollection(f *testing.F) {
	f.Add(`{"allOrNone":true,"records":[{"attributes":{"type":"Task"},"Cordboard_Key__c":"k","WhoId":"003","Account":{"Cordboard_Key__c":1},"CallDurationInSeconds":1e9}]}`)
	fuzzed(f, "PATCH", "/composite/sobjects/Task/Cordboard_Key__c")
}
