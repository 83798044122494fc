package signin

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"cordboard/config"
	"cordboard/sim/salesforce"
	"cordboard/sim/stage/stagetest"
)

// issued remembers whom tickets were issued to; the ticket is the agent's id with a mark.
type issued struct{ err error }

func (i *issued) Issue(_ context.Context, agent string) (string, error) {
	return "ticket of " + agent, i.err
}

// company is an office with an org that knows the people, and a browser.
type company struct {
	t       *testing.T
	org     *salesforce.Server
	office  *Office
	tickets *issued
	server  *httptest.Server
	browser *http.Client
}

const person = "ines@acme.example"

func newCompany(t *testing.T, change func(*Config)) *company {
	t.Helper()
	c := &company{t: t, org: salesforce.New(salesforce.Config{ClientID: "app", ClientSecret: "s3cret", Username: person}), tickets: &issued{}}
	stagetest.Run(t, c.org)
	cfg := Config{Issuer: c.org.URL(), ClientID: "app", ClientSecret: config.NewSecret("s3cret")}
	if change != nil {
		change(&cfg)
	}
	var err error
	if c.office, err = New(cfg, "/desk/v/1/", c.tickets, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	c.server = httptest.NewServer(c.office)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c.browser = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(func() {
		c.browser.CloseIdleConnections()
		c.office.provider.client.CloseIdleConnections()
		c.server.Close()
	})
	return c
}

// get follows one address; next is where it leads, told what a page of the office tells the panel.
func (c *company) get(address string) (status int, next string, told outcome) {
	c.t.Helper()
	return c.do(http.MethodGet, address, nil)
}

var attribute = regexp.MustCompile(`data-told="([^"]*)"`)

func (c *company) do(method, address string, form url.Values) (status int, next string, told outcome) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		c.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := c.browser.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if m := attribute.FindSubmatch(body); m != nil {
		if err := json.Unmarshal([]byte(html.UnescapeString(string(m[1]))), &told); err != nil {
			c.t.Fatal(err)
		}
	}
	return resp.StatusCode, resp.Header.Get("Location"), told
}

// arrive goes to the provider and logs in there; back is the address that leads home.
func (c *company) arrive(form url.Values) (back string) {
	c.t.Helper()
	status, there, _ := c.get(c.server.URL + Path + "?question=0123456789")
	if status != http.StatusFound || !strings.HasPrefix(there, c.org.URL()) {
		c.t.Fatalf("the window is sent to %q (%d)", there, status)
	}
	status, back, _ = c.do(http.MethodPost, there, form)
	if status != http.StatusFound {
		c.t.Fatalf("the provider answers %d", status)
	}
	return back
}

func (c *company) again(session string, header ...string) (status int, ticket string) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.server.URL+SessionPath, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+session)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := c.browser.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct{ Ticket string }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		c.t.Fatal(err)
	}
	return resp.StatusCode, answer.Ticket
}

// Who signs in gets a ticket now, and with the session later ones, until it is over.
func TestSignIn(t *testing.T) {
	c := newCompany(t, nil)
	_, _, told := c.get(c.arrive(url.Values{"username": {person}}))
	if told.Ticket != "ticket of "+person || told.Question != "0123456789" || told.Why != "" {
		t.Fatalf("the panel is told %+v", told)
	}
	if status, ticket := c.again(told.Session); status != http.StatusOK || ticket != told.Ticket {
		t.Errorf("the session gives %d %q", status, ticket)
	}
	if status, _ := c.again(told.Session, "Sec-Fetch-Site", "cross-site"); status != http.StatusForbidden {
		t.Errorf("a foreign page gets %d", status)
	}
	for name, forged := range map[string]string{"none": "", "cut": told.Session[:len(told.Session)-2], "of another server": newSeal("another secret").make(session{person, time.Now().Add(time.Hour)}),
		"another agent's": base64.RawURLEncoding.EncodeToString([]byte(`{"person":"boss","until":"2099-01-01T00:00:00Z"}`)) + told.Session[strings.Index(told.Session, "."):]} {
		if status, ticket := c.again(forged); status != http.StatusUnauthorized || ticket != "" {
			t.Errorf("%s: %d %q", name, status, ticket)
		}
	}
	c.office.now = func() time.Time { return time.Now().Add(12*time.Hour + time.Second) }
	if status, _ := c.again(told.Session); status != http.StatusUnauthorized {
		t.Errorf("after 12 hours the session gives %d", status)
	}
}

// A table says which agents people are. Who is not in it is told so, and has no session.
func TestAgentsFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "agents.csv")
	if err := os.WriteFile(file, []byte("# people\nINES@acme.example, 1001001\nben@acme.example,1001002\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := newCompany(t, func(cfg *Config) { cfg.AgentsFile, cfg.Claim = file, "username" })
	if _, _, told := c.get(c.arrive(url.Values{"username": {person}})); told.Ticket != "ticket of 1001001" {
		t.Errorf("the panel is told %+v", told)
	}
	delete(c.office.people, person)
	status, _, told := c.get(c.arrive(url.Values{"username": {person}}))
	if status != http.StatusForbidden || told.Ticket != "" || told.Session != "" || told.Why == "" {
		t.Errorf("who is no agent: %d %+v", status, told)
	}
	if status, _ := c.again(c.office.seal.make(session{person, time.Now().Add(time.Hour)})); status != http.StatusUnauthorized {
		t.Errorf("the session of who is no agent any more gives %d", status)
	}
}

// Nothing is told to who comes back without having left, or with what is not theirs.
func TestNotSignedIn(t *testing.T) {
	c := newCompany(t, nil)
	good := c.arrive(url.Values{"username": {person}})
	tests := map[string]func() (int, string, outcome){
		"no visit": func() (int, string, outcome) { c.browser.Jar, _ = cookiejar.New(nil); return c.get(good) },
		"another state": func() (int, string, outcome) {
			return c.get(swap(c.arrive(url.Values{"username": {person}}), "state", "x"))
		},
		"a forged code": func() (int, string, outcome) {
			return c.get(swap(c.arrive(url.Values{"username": {person}}), "code", "x"))
		},
		"a refusal": func() (int, string, outcome) { return c.get(c.arrive(url.Values{"deny": {"1"}})) },
		"a second visit": func() (int, string, outcome) {
			b := c.arrive(url.Values{"username": {person}})
			c.arrive(url.Values{"username": {person}})
			return c.get(b)
		},
		"the same twice": func() (int, string, outcome) {
			b := c.arrive(url.Values{"username": {person}})
			c.get(b)
			return c.get(b)
		},
	}
	for name, do := range tests {
		if _, _, told := do(); told.Ticket != "" || told.Session != "" || told.Why == "" {
			t.Errorf("%s: told %+v", name, told)
		}
	}
	for _, bad := range []string{"", "?question=x", "?question=" + url.QueryEscape(`"><script>`)} {
		if status, _, _ := c.get(c.server.URL + Path + bad); status != http.StatusBadRequest {
			t.Errorf("%q: %d", bad, status)
		}
	}
	c.tickets.err = errors.New("no room")
	if status, _, told := c.get(c.arrive(url.Values{"username": {person}})); status != http.StatusServiceUnavailable || told.Ticket != "" {
		t.Errorf("without a ticket: %d %+v", status, told)
	}
}

func swap(address, key, value string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	q := u.Query()
	q.Set(key, value)
	u.RawQuery = q.Encode()
	return u.String()
}

// An id token of another visit is refused: the cookie says which nonce it has to hold.
func TestNonce(t *testing.T) {
	c := newCompany(t, nil)
	back := c.arrive(url.Values{"username": {person}})
	home, err := url.Parse(c.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(c.browser.Jar.Cookies(home)[0].Value)
	if err != nil {
		t.Fatal(err)
	}
	var v visit
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	v.Nonce = "another"
	if raw, err = json.Marshal(v); err != nil {
		t.Fatal(err)
	}
	c.browser.Jar.SetCookies(home, []*http.Cookie{{Name: cookie(false), Value: base64.RawURLEncoding.EncodeToString(raw), Path: "/"}})
	if status, _, told := c.get(back); status != http.StatusBadGateway || told.Ticket != "" {
		t.Errorf("%d %+v", status, told)
	}
}

// A provider that is away keeps nobody from starting, and is found when it is there.
func TestProviderAway(t *testing.T) {
	c := newCompany(t, func(cfg *Config) { cfg.Issuer = "http://127.0.0.1:1" })
	status, _, told := c.get(c.server.URL + Path + "?question=0123456789")
	if status != http.StatusBadGateway || told.Why == "" {
		t.Errorf("%d %+v", status, told)
	}
	c.office.provider.cfg.Issuer = c.org.URL()
	if _, _, told := c.get(c.arrive(url.Values{"username": {person}})); told.Ticket == "" {
		t.Errorf("told %+v", told)
	}
}

func TestConfig(t *testing.T) {
	good := Config{Issuer: "https://acme.my.salesforce.com", ClientID: "a", ClientSecret: config.NewSecret("s"), URL: "https://cordboard.acme.example"}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for name, bad := range map[string]func(*Config){
		"issuer":  func(c *Config) { c.Issuer = "http://acme.my.salesforce.com" },
		"url":     func(c *Config) { c.URL = "https://cordboard.acme.example/desk" },
		"session": func(c *Config) { c.Session = config.Duration(8 * 24 * time.Hour) },
	} {
		cfg := good
		bad(&cfg)
		if err := cfg.Check(); err == nil || !strings.Contains(err.Error(), name) && name != "session" {
			t.Errorf("%s: %v", name, err)
		}
	}
	file := filepath.Join(t.TempDir(), "agents.csv")
	for text, want := range map[string]string{"a\n": ":1:", "a,1\na,2\n": ":2:", ",1\n": ":1:"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readPeople(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
