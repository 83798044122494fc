package salesforce_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"cordboard/sim/salesforce"
	"cordboard/sim/stage/stagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// org is a running simulator with a plain HTTP client that is logged in.
type org struct {
	*salesforce.Server
	t     *testing.T
	http  *http.Client
	token string
}

func start(t *testing.T, cfg salesforce.Config) *org {
	t.Helper()
	s := salesforce.New(cfg)
	stagetest.Run(t, s)
	transport := &http.Transport{}
	o := &org{Server: s, t: t, http: &http.Client{Transport: transport}}
	t.Cleanup(transport.CloseIdleConnections)
	o.login()
	return o
}

func (o *org) login() {
	o.t.Helper()
	ready := o.Ready()
	res, err := o.http.PostForm(o.URL()+"/services/oauth2/token", url.Values{"grant_type": {"client_credentials"},
		"client_id": {ready["client_id"].(string)}, "client_secret": {ready["client_secret"].(string)}})
	if err != nil {
		o.t.Fatal(err)
	}
	defer res.Body.Close()
	var got struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&got); err != nil || got.Token == "" {
		o.t.Fatalf("login: %v %v", res.Status, err)
	}
	o.token = got.Token
}

// reply is an answer as a test reads it.
type reply struct {
	t      *testing.T
	status int
	header http.Header
	text   string
}

// do sends one request below /services/data/v67.0 (or to an absolute path that starts with //).
func (o *org) do(method, path string, body any, headers ...string) reply {
	o.t.Helper()
	r, err := o.try(method, path, body, headers...)
	if err != nil {
		o.t.Fatalf("%s %s: %v", method, path, err)
	}
	return r
}

func (o *org) try(method, path string, body any, headers ...string) (reply, error) {
	o.t.Helper()
	var raw []byte
	switch b := body.(type) {
	case nil:
	case string:
		raw = []byte(b)
	default:
		raw, _ = json.Marshal(b)
	}
	address := o.URL() + "/services/data/v67.0" + path
	if rest, absolute := strings.CutPrefix(path, "//"); absolute {
		address = o.URL() + "/" + rest
	}
	req, err := http.NewRequest(method, address, bytes.NewReader(raw))
	if err != nil {
		o.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+o.token)
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := o.http.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return reply{o.t, res.StatusCode, res.Header, string(text)}, err
}

func (o *org) query(soql string) reply {
	o.t.Helper()
	return o.do("GET", "/query?q="+url.QueryEscape(soql), nil)
}

func (o *org) find(sosl string) reply {
	o.t.Helper()
	return o.do("GET", "/search?q="+url.QueryEscape(sosl), nil)
}

// want checks the status and that the body contains every text; it returns the reply for more.
func (r reply) want(status int, texts ...string) reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("status %d, want %d: %s", r.status, status, r.text)
	}
	for _, text := range texts {
		if !strings.Contains(r.text, text) {
			r.t.Fatalf("no %q in %s", text, r.text)
		}
	}
	return r
}

// at reads a value of a JSON answer by a path such as "records.0.Id".
func (r reply) at(path string) any {
	r.t.Helper()
	var v any
	if err := json.Unmarshal([]byte(r.text), &v); err != nil {
		r.t.Fatalf("not JSON: %s", r.text)
	}
	for step := range strings.SplitSeq(path, ".") {
		switch node := v.(type) {
		case map[string]any:
			v = node[step]
		case []any:
			i := 0
			for _, c := range step {
				i = i*10 + int(c-'0')
			}
			if i >= len(node) {
				r.t.Fatalf("no %s in %s", path, r.text)
			}
			v = node[i]
		default:
			return nil
		}
	}
	return v
}

func (r reply) str(path string) string {
	r.t.Helper()
	s, _ := r.at(path).(string)
	return s
}
