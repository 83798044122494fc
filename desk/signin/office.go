package signin

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"cordboard/config"
	"cordboard/platform"
)

// Where an [Office] answers.
const (
	Path        = "/desk/signin"
	donePath    = Path + "/done"
	SessionPath = "/desk/session"
)

// Tickets issues one-time tickets that open an agent's desk.
type Tickets interface {
	Issue(ctx context.Context, agent string) (ticket string, err error)
}

// Office signs agents in. It is an [http.Handler] for [Path], what lies under it, and [SessionPath], and safe for concurrent
// use.
type Office struct {
	cfg      Config
	log      *slog.Logger
	tickets  Tickets
	provider *provider
	people   map[string]string // nil: what the claim says is the agent
	seal     seal
	secure   bool
	page     *template.Template
	files    string
	mux      *http.ServeMux
	now      func() time.Time
}

// New checks cfg, reads the files that it names and returns an office that issues tickets. files is where the panel's scripts
// lie.
func New(cfg Config, files string, tickets Tickets, log *slog.Logger) (*Office, error) {
	if err := cfg.Check(); err != nil {
		return nil, fmt.Errorf("signin: %w", err)
	}
	cfg.Claim = cmp.Or(cfg.Claim, "preferred_username")
	cfg.Session = cmp.Or(cfg.Session, config.Duration(12*time.Hour))
	cfg.URL = strings.TrimRight(cfg.URL, "/")
	if len(cfg.Scopes) == 0 {
		cfg.Scopes = []string{"profile", "email"}
	}
	o := &Office{
		cfg: cfg, log: log, tickets: tickets, seal: newSeal(cfg.ClientSecret.Reveal()), secure: strings.HasPrefix(cfg.URL, "https:"),
		page: template.Must(template.New("done").Parse(donePage)), files: files, mux: http.NewServeMux(), now: time.Now,
	}
	var err error
	if o.provider, err = newProvider(cfg); err != nil {
		return nil, fmt.Errorf("signin: %w", err)
	}
	if cfg.AgentsFile != "" {
		if o.people, err = readPeople(cfg.AgentsFile); err != nil {
			return nil, fmt.Errorf("signin: %w", err)
		}
	}
	o.mux.HandleFunc("GET "+Path, o.begin)
	o.mux.HandleFunc("GET "+donePath, o.done)
	o.mux.HandleFunc("POST "+SessionPath, o.again)
	return o, nil
}

func (o *Office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	o.mux.ServeHTTP(w, r)
}

// begin sends a window to the provider.
func (o *Office) begin(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.Query().Get("question")
	if !question.MatchString(asked) {
		platform.Problem(w, http.StatusBadRequest, "No question", "This page is opened by the agent panel, which asks a question with it.")
		return
	}
	v := newVisit(asked)
	there, err := o.provider.there(v, o.home(r))
	if err != nil {
		o.log.Warn("agents cannot sign in", "error", err)
		o.show(w, http.StatusBadGateway, outcome{Why: "The log-in service does not answer. Try again in a moment."})
		return
	}
	v.leave(w, o.secure)
	http.Redirect(w, r, there, http.StatusFound)
}

// home is this server as the browser sees it. Without an address in the configuration only this machine is served.
func (o *Office) home(r *http.Request) string {
	if o.cfg.URL != "" {
		return o.cfg.URL
	}
	return "http://" + r.Host
}

// outcome is what the window tells the panel, and shows when there is nobody to tell.
type outcome struct {
	Question string `json:"question,omitempty"`
	Ticket   string `json:"ticket,omitempty"`
	Session  string `json:"session,omitempty"`
	Why      string `json:"why,omitempty"`
}

// done takes somebody back from the provider.
func (o *Office) done(w http.ResponseWriter, r *http.Request) {
	v, mine := find(r, o.secure)
	setCookie(w, o.secure, "", -1)
	if !mine {
		o.show(w, http.StatusBadRequest, outcome{Why: "This log-in was begun elsewhere, or took too long. Close the window and try again."})
		return
	}
	q := r.URL.Query()
	if refused := q.Get("error"); refused != "" {
		o.log.Info("an agent did not sign in", "error", bounded(refused))
		o.show(w, http.StatusOK, outcome{Question: v.Question, Why: "The log-in service said no."})
		return
	}
	who, err := o.provider.who(r.Context(), v, o.home(r), q.Get("code"))
	if err != nil {
		o.log.Warn("an agent cannot sign in", "error", err)
		o.show(w, http.StatusBadGateway, outcome{Question: v.Question, Why: "The log-in could not be checked. Try again."})
		return
	}
	agent, known := o.agentOf(who)
	if !known {
		o.log.Warn("somebody who is no agent signed in", "claim", o.cfg.Claim)
		o.show(w, http.StatusForbidden, outcome{Question: v.Question, Why: "You are signed in, but no agent of this contact centre. Ask whoever looks after it."})
		return
	}
	ticket, err := o.tickets.Issue(r.Context(), agent)
	if err != nil {
		o.log.Warn("no ticket can be kept", "error", err)
		o.show(w, http.StatusServiceUnavailable, outcome{Question: v.Question, Why: "No desk can be opened right now. Try again."})
		return
	}
	until := o.now().Add(time.Duration(o.cfg.Session))
	o.show(w, http.StatusOK, outcome{Question: v.Question, Ticket: ticket, Session: o.seal.make(session{who, until})})
}

// agentOf is the agent that a person is.
func (o *Office) agentOf(who string) (agent string, known bool) {
	if o.people == nil {
		return who, true
	}
	agent, known = o.people[fold(who)]
	return agent, known
}

// bounded is text of somebody else's, as much of it as a log needs.
func bounded(text string) string { return text[:min(len(text), 64)] }

// donePage tells the panel and closes itself. What it tells is in an attribute, which scripts of other pages cannot read.
const donePage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Cordboard</title>
<link rel="stylesheet" href="{{.Files}}page.css">
<link rel="stylesheet" href="{{.Files}}signin-done.css">
<script type="module" src="{{.Files}}signin-done.js"></script>
</head>
<body data-told="{{.Told}}">
<main><h1>{{if .Why}}Not signed in{{else}}Signed in{{end}}</h1><p>{{if .Why}}{{.Why}}{{else}}You may close this window.{{end}}</p></main>
</body>
</html>
`

func (o *Office) show(w http.ResponseWriter, status int, what outcome) {
	told, err := json.Marshal(what)
	if err != nil { // plain data always marshals
		panic(err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	w.WriteHeader(status)
	_ = o.page.Execute(w, map[string]any{"Files": o.files, "Told": string(told), "Why": what.Why}) // the browser may be gone
}

// again gives the panel of somebody who has signed in a ticket for the next connection.
func (o *Office) again(w http.ResponseWriter, r *http.Request) {
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		platform.Problem(w, http.StatusForbidden, "Another page", "Only the agent panel may ask for a ticket.")
		return
	}
	text, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	person, err := o.seal.read(text, o.now())
	agent, known := o.agentOf(person)
	if err != nil || !known {
		w.Header().Set("WWW-Authenticate", "Bearer")
		platform.Problem(w, http.StatusUnauthorized, "Sign in", "The session is over: sign in again.")
		return
	}
	ticket, err := o.tickets.Issue(r.Context(), agent)
	if err != nil {
		o.log.Warn("no ticket can be kept", "error", err)
		platform.Problem(w, http.StatusServiceUnavailable, "No ticket", "No desk can be opened right now.")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"ticket": ticket}) // the browser may be gone
}
