package salesforce_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"cordboard/crm"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// newStub is an org that issues a token and answers everything else with one handler.
func newStub(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /services/oauth2/token", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"access_token":"token-hush"}`)
	})
	mux.HandleFunc("/services/", answer)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

const (
	taskID  = "00TWy00000AbCdEIAV"
	otherID = "003Wy00000AbCdEIAV"
)

func duplicateBody(key string) string {
	return fmt.Sprintf(`[{"%s":{"matchResults":[{"matchRecords":[{"record":{"Id":"%s"}}]}]},"errorCode":"DUPLICATES_DETECTED","message":"Use one?"}]`, key, otherID)
}

func TestAnswersBecomeErrors(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		want   crm.Error
	}{
		"lock":     {400, `[{"errorCode":"UNABLE_TO_LOCK_ROW","message":"unable to obtain exclusive access"}]`, crm.Error{Kind: crm.Busy, Code: "UNABLE_TO_LOCK_ROW"}},
		"limit":    {403, `[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]`, crm.Error{Kind: crm.Limited, Code: "REQUEST_LIMIT_EXCEEDED"}},
		"parallel": {403, `[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"ConcurrentPerOrgLongTxn Limit exceeded."}]`, crm.Error{Kind: crm.Busy, Code: "REQUEST_LIMIT_EXCEEDED"}},
		"html":     {503, `<html><body>Down for maintenance, Mr Secret</body></html>`, crm.Error{Kind: crm.Busy, Code: "HTTP_503"}},
		"500":      {500, `[{"errorCode":"UNKNOWN_EXCEPTION","message":"An unexpected error"}]`, crm.Error{Kind: crm.Busy, Code: "UNKNOWN_EXCEPTION"}},
		"420":      {420, ``, crm.Error{Kind: crm.Busy, Code: "HTTP_420"}},
		"session":  {401, `[{"errorCode":"INVALID_SESSION_ID","message":"Session expired or invalid"}]`, crm.Error{Kind: crm.Denied, Code: "INVALID_SESSION_ID"}},
		"rights":   {403, `[{"errorCode":"INSUFFICIENT_ACCESS","message":"no"}]`, crm.Error{Kind: crm.Denied, Code: "INSUFFICIENT_ACCESS"}},
		"no field": {404, `[{"errorCode":"NOT_FOUND","message":"Provided external ID field does not exist or is not accessible: Cordboard_Key__c"}]`, crm.Error{Kind: crm.Gone, Code: "NOT_FOUND"}},
		"deleted":  {404, `[{"errorCode":"ENTITY_IS_DELETED","message":"entity is deleted","fields":["WhoId"]}]`, crm.Error{Kind: crm.Gone, Code: "ENTITY_IS_DELETED", Field: "WhoId"}},
		"required": {400, `[{"errorCode":"REQUIRED_FIELD_MISSING","message":"Required fields are missing: [LastName]","fields":["LastName"]}]`, crm.Error{Kind: crm.Invalid, Code: "REQUIRED_FIELD_MISSING", Field: "LastName"}},
		"column":   {400, `[{"errorCode":"INVALID_FIELD","message":"No such column 'Colour__c' on sobject of type Task"}]`, crm.Error{Kind: crm.Invalid, Code: "INVALID_FIELD", Field: "Colour__c"}},
		"twin":     {400, duplicateBody("duplicateResut"), crm.Error{Kind: crm.Duplicate, Code: "DUPLICATES_DETECTED", Existing: otherID}},
		"twin 2":   {400, duplicateBody("duplicateResult"), crm.Error{Kind: crm.Duplicate, Code: "DUPLICATES_DETECTED", Existing: otherID}},
		"value":    {400, `[{"errorCode":"DUPLICATE_VALUE","message":"duplicate value found: Ext__c duplicates value on record with id: ` + otherID + `"}]`, crm.Error{Kind: crm.Duplicate, Code: "DUPLICATE_VALUE", Existing: otherID}},
		"key race": {400, `[{"errorCode":"DUPLICATE_VALUE","message":"duplicate value found","fields":["Cordboard_Key__c"]}]`, crm.Error{Kind: crm.Busy, Code: "DUPLICATE_VALUE", Field: "Cordboard_Key__c"}},
		"redirect": {302, ``, crm.Error{Kind: crm.Denied, Code: "HTTP_302"}},
		"strange":  {200, `<html>login</html>`, crm.Error{Kind: crm.Busy, Code: "not-json"}},
		"no id":    {200, `{"success":true}`, crm.Error{Kind: crm.Busy, Code: "no-id"}},
		"data": {400, `[{"errorCode":"STRING_TOO_LONG","message":"First Name: data value too large: Secret Mrs (max length=40)","fields":["FirstName"]}]`,
			crm.Error{Kind: crm.Invalid, Code: "STRING_TOO_LONG", Field: "FirstName"}},
		"email": {400, `[{"errorCode":"INVALID_EMAIL_ADDRESS","message":"Email: invalid email address: secret@x.example"}]`, crm.Error{Kind: crm.Invalid, Code: "INVALID_EMAIL_ADDRESS"}},
	} {
		t.Run(name, func(t *testing.T) {
			url := newStub(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "http://127.0.0.1:1/elsewhere")
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			})
			_, err := newClient(t, url, nil).Write(t.Context(), crm.Write{Object: "Task", Key: "k1", Fields: map[string]any{"Subject": "Secret call"}, Now: true})
			got, ok := err.(*crm.Error)
			if !ok {
				t.Fatalf("error %v is no *crm.Error", err)
			}
			if diff := cmp.Diff(c.want, *got, cmpopts.IgnoreFields(crm.Error{}, "Message", "Retry", "Err")); diff != "" {
				t.Errorf("%s\n%v", diff, err)
			}
			if text := strings.ToLower(err.Error()); strings.Contains(text, "secret") || strings.Contains(text, "hush") {
				t.Errorf("the error tells: %s", err)
			}
		})
	}
}

func TestLoginErrors(t *testing.T) {
	for body, want := range map[string]crm.Kind{
		`{"error":"invalid_client_id","error_description":"client identifier invalid"}`:      crm.Denied,
		`{"error":"invalid_grant","error_description":"user hasn't approved this consumer"}`: crm.Denied,
		`<html>maintenance</html>`: crm.Busy,
		`{"error":"server_error"}`: crm.Busy,
	} {
		var asked atomic.Int32
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked.Add(1)
			w.WriteHeader(map[crm.Kind]int{crm.Denied: 400, crm.Busy: 503}[want])
			io.WriteString(w, body)
		}))
		defer server.Close()
		client := newClient(t, server.URL, nil)
		for range 3 {
			_, err := client.Find(t.Context(), crm.Query{Objects: []string{"Contact"}, Phone: "+14155550132"})
			if crm.KindOf(err) != want || err == nil || strings.Contains(err.Error(), "0132") {
				t.Errorf("%s: %v, want kind %s", body, err, want)
			}
		}
		if n := asked.Load(); n > 1 && want == crm.Denied {
			t.Errorf("%s: signed in %d times with what was refused", body, n)
		}
	}
}

func TestLostConnectionIsBusyAndTellsNothing(t *testing.T) {
	url := newStub(t, func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	client := newClient(t, url, nil)
	_, err := client.Find(t.Context(), crm.Query{Objects: []string{"Contact"}, Phone: "+14155550132"})
	if err == nil || crm.KindOf(err) != crm.Busy || strings.Contains(err.Error(), "0132") || strings.Contains(err.Error(), "http://") {
		t.Errorf("error %v", err)
	}
}

func TestOldestOfSeveralRecordsIsWritten(t *testing.T) {
	var patched atomic.Value
	url := newStub(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.Contains(r.URL.Path, "/Cordboard_Key__c/"):
			w.WriteHeader(300)
			io.WriteString(w, `["/services/data/v67.0/sobjects/Task/00TA","/services/data/v67.0/sobjects/Task/00TB"]`)
		case strings.HasSuffix(r.URL.Path, "/query"):
			if q := r.URL.Query().Get("q"); !strings.Contains(q, "Cordboard_Key__c = 'k1' ORDER BY CreatedDate ASC") {
				t.Errorf("query %s", q)
			}
			io.WriteString(w, `{"records":[{"Id":"`+taskID+`"},{"Id":"00TWy00000XyZaBIAV"}]}`)
		default:
			patched.Store(r.URL.Path)
			w.WriteHeader(204)
		}
	})
	got, err := newClient(t, url, nil).Write(t.Context(), crm.Write{Object: "Task", Key: "k1", Fields: map[string]any{"Subject": "x"}, Now: true})
	if err != nil || got.ID != taskID || got.Created {
		t.Errorf("answer %+v, %v", got, err)
	}
	if path, _ := patched.Load().(string); !strings.HasSuffix(path, "/sobjects/Task/"+taskID) {
		t.Errorf("patched %s", path)
	}
}

// TestOneBadRecordIsFoundOut sends a batch that the org refuses as a whole while the bad record is in it.
func TestOneBadRecordIsFoundOut(t *testing.T) {
	url := newStub(t, func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Records []map[string]any `json:"records"`
			Bad     any
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		answers := make([]string, len(body.Records))
		for i, record := range body.Records {
			if record["Bad"] != nil {
				body.Bad = true
			}
			answers[i] = `{"id":"` + taskID + `","success":true,"created":true,"errors":[]}`
		}
		switch {
		case body.Bad != nil:
			w.WriteHeader(400)
			io.WriteString(w, `[{"errorCode":"JSON_PARSER_ERROR","message":"Cannot deserialize"}]`)
		case len(body.Records) == 0:
			io.WriteString(w, answerOf(taskID))
		default:
			io.WriteString(w, "["+strings.Join(answers, ",")+"]")
		}
	})
	client := newClient(t, url, nil)
	results := make(chan error, 50)
	for i := range 50 {
		go func() {
			fields := map[string]any{"Subject": "x"}
			if i == 17 {
				fields["Bad"] = true
			}
			_, err := client.Write(t.Context(), crm.Write{Object: "Task", Key: fmt.Sprint("k", i), Fields: fields})
			results <- err
		}()
	}
	refused := 0
	for range 50 {
		if err := <-results; err != nil {
			refused++
			if crm.KindOf(err) != crm.Invalid {
				t.Error(err)
			}
		}
	}
	if refused != 1 {
		t.Errorf("%d records refused, want the bad one", refused)
	}
}

func answerOf(id string) string {
	return `{"id":"` + id + `","success":true,"created":true,"errors":[]}`
}

func TestWhatCannotBeSentIsRefused(t *testing.T) {
	client := newClient(t, newStub(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") }), nil)
	for _, w := range []crm.Write{
		{Object: "Task"}, {Object: "Task/../User", Key: "k"}, {Object: "", Key: "k"}, {Object: "Task", Key: strings.Repeat("k", 300)},
		{Object: "Task", Key: "k", Fields: map[string]any{"F": func() {}}},
	} {
		if _, err := client.Write(t.Context(), w); crm.KindOf(err) != crm.Invalid || err == nil {
			t.Errorf("%+v: %v", w.Object, err)
		}
	}
	if _, err := client.Update(t.Context(), "../User", crm.Write{Object: "Task"}); crm.KindOf(err) != crm.Invalid || err == nil {
		t.Errorf("update: %v", err)
	}
}

// token signs in to an org without a client of ours.
func token(t *testing.T, org http.Handler) string {
	form := strings.NewReader("grant_type=client_credentials&client_id=consumer&client_secret=hush")
	r := httptest.NewRequest(http.MethodPost, "/services/oauth2/token", form)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	org.ServeHTTP(w, r)
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || answer.AccessToken == "" {
		t.Errorf("no token: %v", err)
	}
	return answer.AccessToken
}
