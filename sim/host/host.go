// Package host is a simulated console in which an agent's panel lives: what Salesforce Lightning or Classic is around a
// softphone, as far as a softphone can tell. It serves pages with record tabs and a utility bar that holds the panel's iframe,
// / for Lightning and /classic for Classic, with ?sidebar outside a console, and, for frames to load, its own implementation of the scripts that Salesforce has,
// which talk to that page:
//
//	/support/api/…/lightning/opencti_min.js   Open CTI for Lightning (Open CTI Developer Guide)
//	/support/api/…/interaction.js             Open CTI for Classic (the same guide)
//	/support/console/…/integration.js         the console toolkit of Classic (Salesforce Console Developer Guide)
//	/message-service.js                       what a component imports as lightning/messageService (Lightning Web Components
//	                                          Developer Guide), for pages of one's own
//
// The scripts are strict: a method, an argument or a screen-pop type that they do not have, and a missing callback, is an
// error, recorded and shown. So is what the panel tells pages when it is not as "Events in Salesforce" of Genesys Cloud for
// Salesforce has it. Everything the panel asked for stands in the page's list, and in JavaScript at window.host.calls. Tests
// also have
//
//	host.told                      what the panel told pages
//	host.addComponent(url)         a page of the org's beside the panel, which may use the console toolkit
//	host.dirty = true              the page in front has unsaved changes; a console component tells the panel
//	host.fail(method, sentence)    the next call of method fails so
//	host.slow(method, ms)          the next call of method takes so long
//	host.hold(method)              the next call of method takes until host.release()
//	host.tabs                      the open record tabs
//	host.clickToDial(number)       as if a number on the page had been clicked
//
// The panel is handed a desk ticket when it asks for one with postMessage, by a page that is the panel's parent and of
// this host's origin.
package host

import (
	"cmp"
	"context"
	"embed"
	"encoding/json"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
)

//go:embed page
var files embed.FS

// Config says what stands around the panel.
type Config struct {
	// Panel is the address of the panel in Lightning, without a fragment.
	Panel string
	// Classic is its address in Salesforce Classic; "" means that there is no Classic here.
	Classic string
	// Events is how the names begin of the console events that the panel fires in Classic; "" means
	// "inin.salesforce.constants.consoleevent.pc.".
	Events string
	// Org is scheme://host[:port] of the simulated org whose record pages are opened in tabs. "" means that this
	// host shows plain pages of its own.
	Org string
	// Ticket returns a one-time ticket for an agent's desk. nil means that the panel's question is answered with an
	// error.
	Ticket func(ctx context.Context, agent string) (string, error)
	// Agent is who works here, unless the page's address says ?agent=….
	Agent string
	// Record returns the kind and the name of a record; ok is false for an id that does not exist, and then a screen
	// pop of it fails. nil means that every id exists, its kind told by its prefix.
	Record func(ctx context.Context, id string) (object, name string, ok bool)
	// Search answers searchAndScreenPop. nil finds nothing.
	Search func(ctx context.Context, text string) []Found
}

// Found is one answer of a search.
type Found struct {
	ID     string `json:"id"`
	Object string `json:"object"`
	Name   string `json:"name"`
}

// New returns the console at / and /classic, its scripts for every API version, and record pages of its own.
func New(cfg Config) http.Handler {
	h := &host{cfg: cfg, page: template.Must(template.ParseFS(files, "page/*.html"))}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", h.console)
	mux.HandleFunc("GET /classic", h.console)
	mux.HandleFunc("GET /support/api/{version}/lightning/opencti_min.js", script("opencti.js"))
	mux.HandleFunc("GET /support/api/{version}/interaction.js", script("interaction.js"))
	mux.HandleFunc("GET /support/console/{version}/integration.js", script("integration.js"))
	for _, name := range []string{"console.js", "judge.js", "opencti-methods.js", "classic-methods.js", "client-events.js", "message-service.js", "console.css"} {
		mux.HandleFunc("GET /"+name, h.file(name))
	}
	mux.HandleFunc("GET /lightning/", h.record)
	mux.HandleFunc("GET /apex/", h.record)
	mux.HandleFunc("POST /host/ticket", h.ticket)
	mux.HandleFunc("GET /host/record", h.lookup)
	mux.HandleFunc("GET /host/search", h.search)
	return http.NewCrossOriginProtection().Handler(mux)
}

type host struct {
	cfg  Config
	page *template.Template
}

func (h *host) console(w http.ResponseWriter, r *http.Request) {
	agent := r.FormValue("agent")
	if agent == "" {
		agent = h.cfg.Agent
	}
	where, title, classic := h.cfg.Panel, "Host console", r.URL.Path == "/classic"
	if classic {
		where, title = h.cfg.Classic, "Classic console"
	}
	panel, err := url.Parse(where)
	if err != nil || panel.Host == "" {
		http.Error(w, "the host is configured without the panel's address", http.StatusInternalServerError)
		return
	}
	b, err := json.Marshal(map[string]any{
		"panel": where, "panelOrigin": panel.Scheme + "://" + panel.Host, "org": strings.TrimSuffix(h.cfg.Org, "/"), "agent": agent,
		"classic": classic, "events": cmp.Or(h.cfg.Events, "inin.salesforce.constants.consoleevent.pc."),
	})
	if err != nil { // plain values only
		panic(err)
	}
	h.render(w, "console.html", map[string]any{"Config": string(b), "Agent": agent, "Title": title})
}

// script serves one of the scripts that frames load. It shares with the others how it reaches the page around the frame.
func script(name string) http.HandlerFunc {
	text := []byte("(() => {\n")
	for _, part := range []string{"wire.js", name} {
		b, err := fs.ReadFile(pageFiles(), part)
		if err != nil { // it is part of this program
			panic(err)
		}
		text = append(text, b...)
	}
	text = append(text, "})();\n"...)
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		w.Header().Set("Cache-Control", "no-cache")
		w.Write(text) // a browser that is gone is all that can go wrong
	}
}

// record is a page of the org's, when there is no simulated org to show real ones.
func (h *host) record(w http.ResponseWriter, r *http.Request) {
	object, id := "", ""
	if parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/"); len(parts) >= 4 && parts[1] == "r" {
		object, id = parts[2], parts[3]
	}
	name := r.URL.RequestURI()
	if id != "" {
		name = id
		if h.cfg.Record != nil {
			_, name, _ = h.cfg.Record(r.Context(), id)
		}
	}
	h.render(w, "record.html", map[string]any{"Object": object, "ID": id, "Name": name})
}

func (h *host) render(w http.ResponseWriter, name string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	h.page.ExecuteTemplate(w, name, data) // a browser that is gone is all that can go wrong
}

func (h *host) file(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		http.ServeFileFS(w, r, pageFiles(), name)
	}
}

func pageFiles() fs.FS {
	sub, err := fs.Sub(files, "page")
	if err != nil { // "page" is a valid path
		panic(err)
	}
	return sub
}

// ticket is asked by this host's own page only: the protection around the handler refuses all others.
func (h *host) ticket(w http.ResponseWriter, r *http.Request) {
	var question struct {
		Agent string `json:"agent"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<10)).Decode(&question); err != nil {
		http.Error(w, "the question must be JSON", http.StatusBadRequest)
		return
	}
	if h.cfg.Ticket == nil || question.Agent == "" {
		reply(w, map[string]string{"error": "This console gives no tickets."})
		return
	}
	ticket, err := h.cfg.Ticket(r.Context(), question.Agent)
	if err != nil {
		reply(w, map[string]string{"error": err.Error()})
		return
	}
	reply(w, map[string]string{"ticket": ticket})
}

func (h *host) lookup(w http.ResponseWriter, r *http.Request) {
	id := r.FormValue("id")
	if h.cfg.Record == nil {
		reply(w, map[string]any{"id": id, "object": kindOf(id), "name": id, "exists": id != ""})
		return
	}
	object, name, ok := h.cfg.Record(r.Context(), id)
	reply(w, map[string]any{"id": id, "object": object, "name": name, "exists": ok})
}

func (h *host) search(w http.ResponseWriter, r *http.Request) {
	found := []Found{}
	if h.cfg.Search != nil {
		found = append(found, h.cfg.Search(r.Context(), r.FormValue("text"))...)
	}
	reply(w, found)
}

func reply(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	json.NewEncoder(w).Encode(body) // a browser that is gone is all that can go wrong
}

// kindOf tells an object by its key prefix (Object Reference: standard object key prefixes).
func kindOf(id string) string {
	kinds := map[string]string{"001": "Account", "003": "Contact", "005": "User", "006": "Opportunity", "00Q": "Lead", "00T": "Task", "00U": "Event", "500": "Case"}
	if len(id) >= 3 && kinds[id[:3]] != "" {
		return kinds[id[:3]]
	}
	return "sObject"
}
