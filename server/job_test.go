package server_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const jobs = `
name: Jobs
platform: connect-tethered
rules:
  - on: CustAnswered
    when: call.vars.Tier == "gold"
    do:
      - http: %s/score
        body: { call: "${call.id}", customer: "${call.customer}" }
        as: score
      - http: %s/store/${reply.score.body.tier}
`

// answered is what a dialer tells when a customer answers.
func answered(id, tier string) string {
	return fmt.Sprintf(`{"topic":"OutboundCall","message":{"call":{"id":%q,"event":"CustAnswered","CallVariables":{"CampaignType":"Predictive","Phone":"+12025550143","Tier":%q},"User":"agent-%[1]s"}}}`, id, tier)
}

// Ensure that a message from outside, a condition and requests to elsewhere make a job whose sender can wait for its end.
func TestJob(t *testing.T) {
	var mu sync.Mutex
	var asked []string
	far := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		asked = append(asked, r.URL.Path+" "+string(body)+" "+fmt.Sprint(r.Header.Get("Idempotency-Key") != ""))
		mu.Unlock()
		io.WriteString(w, `{"tier":"best"}`)
	}))
	defer far.Close()
	rules := filepath.Join(t.TempDir(), "jobs.yaml")
	if err := os.WriteFile(rules, fmt.Appendf(nil, jobs, far.URL, far.URL), 0o600); err != nil {
		t.Fatal(err)
	}
	url := serve(t, fmt.Sprintf(`
workflows: [%s]
http: { internal_origins: ["%s"] }
connections:
  - { name: jobs, platform: connect-tethered, settings: { token: a token that is long enough } }
`, rules, far.URL))
	post := func(query, body string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/in/jobs/"+query, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer a token that is long enough")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, strings.TrimSpace(string(b))
	}
	send := func(query, body string) (status int, answer string) {
		await(t, "the connection takes messages", func() bool { // it has only just been started
			status, answer = post(query, body)
			return status != http.StatusServiceUnavailable
		})
		return status, answer
	}
	status, body := send("?wait=done", answered("c1", "gold"))
	if status != http.StatusOK || body != `{"taken":1,"steps":{"done":2}}` {
		t.Errorf("%d %s", status, body)
	}
	mu.Lock()
	got := strings.Join(asked, "\n")
	mu.Unlock()
	if want := "/score {\"call\":\"jobs:c1\",\"customer\":\"+12025550143\"} true\n/store/best  true"; got != want {
		t.Errorf("asked\n%s, want\n%s", got, want)
	}
	if status, body = send("?wait=done", answered("c2", "silver")); status != http.StatusOK || body != `{"taken":1,"steps":{"done":0}}` {
		t.Errorf("a call without a job: %d %s", status, body)
	}
	if status, body = send("?wait=forever", answered("c3", "gold")); status != http.StatusBadRequest || !json.Valid([]byte(body)) {
		t.Errorf("another parameter: %d %s", status, body)
	}
}
