package console

import (
	"context"
	"encoding/json"
	"html/template"
	"log/slog"
	"net/http"

	"cordboard/catalog"
	"cordboard/engine"
	"cordboard/platform"
	"cordboard/table"
	"cordboard/workflow"
)

// Rules are the workflows in force, as pages show them; [workflow.Set] is one.
type Rules interface {
	engine.Explainer
	Workflows() []*workflow.Workflow
}

// Repairer carries out what a person orders about a step that needs somebody.
type Repairer interface {
	// Redrive performs a dead step again, with other arguments when args is not nil.
	Redrive(ctx context.Context, step engine.StepRef, args json.RawMessage) error
}

// Desk is one open browser tab of an agent, as pages show it; or all those that hang on one other node.
type Desk struct {
	Agent  string `json:"agent"`
	Host   string `json:"host,omitempty"` // unknown on another node
	Leader bool   `json:"leader"`
	// Elsewhere says that it hangs on another node.
	Elsewhere bool `json:"elsewhere,omitempty"`
}

// Config is what the console shows and acts on. Journal, Rules and Log are required.
type Config struct {
	Journal     engine.Reader
	Rules       func() Rules
	Connections func() []platform.Status
	Desks       func() []Desk
	Repair      Repairer
	// Tables are the data tables; nil when there are none, and no pages of them.
	Tables *table.Tables
	// Changes delivers what is committed; the returned function ends it.
	Changes func() (changes <-chan engine.Change, stop func())
	// RecordURL returns the address of a CRM record for people; empty when there is none.
	RecordURL func(object, id string) string
	// Calling says who may be called; nil when nobody decides that, and no page about it.
	Calling *Calling
	Catalog *catalog.Catalog
	Log     *slog.Logger
	Version string
}

// Console serves the pages and the API. Make one with New.
type Console struct {
	cfg   Config
	pages map[string]*template.Template
	mux   *http.ServeMux
	live  *live
}

// New returns a console. Its templates are parsed here, so an error is a mistake of ours.
func New(cfg Config) (*Console, error) {
	pages, err := parsePages()
	if err != nil {
		return nil, err
	}
	c := &Console{cfg: cfg, pages: pages, mux: http.NewServeMux(), live: newLive()}
	for _, r := range c.routes() {
		c.mux.HandleFunc(r.pattern, r.serve)
	}
	c.mux.Handle("GET /static/", static())
	return c, nil
}

// Run feeds open pages with changes until ctx ends, and then ends their streams.
func (c *Console) Run(ctx context.Context) error {
	if c.cfg.Changes == nil {
		<-ctx.Done()
		c.live.close()
		return nil
	}
	changes, stop := c.cfg.Changes()
	defer stop()
	defer c.live.close()
	for {
		select {
		case <-ctx.Done():
			return nil
		case change, ok := <-changes:
			if !ok {
				return nil
			}
			if change.Missed > 0 {
				c.live.changed(everything)
			}
			for i := range change.Calls {
				c.live.changed(string(change.Calls[i].State.ID))
			}
		}
	}
}

type route struct {
	pattern string
	serve   http.HandlerFunc
}

// routes is the console's whole surface.
func (c *Console) routes() []route {
	routes := []route{
		{"GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/calls", http.StatusFound) }},
		{"GET /calls", c.callsPage},
		{"GET /calls/{id}", c.storyPage},
		{"GET /workflows", c.workflowsPage},
		{"GET /workflows/{name}", c.workflowPage},
		{"GET /attention", c.attentionPage},
		{"POST /attention/redrive", c.redrive},
		{"GET /connections", c.connectionsPage},
		{"GET /live", c.liveStream},
		{"GET /api/v1/calls", c.callsJSON},
		{"GET /api/v1/calls/{id}", c.storyJSON},
		{"GET /api/v1/connections", c.connectionsJSON},
		{"GET /api/v1/counts", c.countsJSON},
		{"GET /", c.notFound},
	}
	if c.cfg.Tables != nil {
		routes = append(routes, c.tableRoutes()...)
	}
	if c.cfg.Calling != nil {
		routes = append(routes, c.callingRoutes()...)
	}
	return routes
}

// tableRoutes is what there is of data tables.
func (c *Console) tableRoutes() []route {
	return []route{
		{"GET /tables", c.tablesPage},
		{"POST /tables", c.makeTable},
		{"GET /tables/{table}", c.tablePage},
		{"POST /tables/{table}", c.changeTable},
		{"POST /tables/{table}/row", c.saveRow},
		{"POST /tables/{table}/import", c.importTable},
		{"GET /tables/{table}/history", c.tableHistoryPage},
		{"GET /api/v1/tables", c.tablesJSON},
		{"GET /api/v1/tables/{table}", c.tableJSON},
		{"PUT /api/v1/tables/{table}", c.defineJSON},
		{"DELETE /api/v1/tables/{table}", c.dropJSON},
		{"GET /api/v1/tables/{table}/rows", c.rowsJSON},
		{"GET /api/v1/tables/{table}/rows/{key}", c.rowJSON},
		{"PUT /api/v1/tables/{table}/rows/{key}", c.putRowJSON},
		{"PATCH /api/v1/tables/{table}/rows/{key}", c.putRowJSON},
		{"DELETE /api/v1/tables/{table}/rows/{key}", c.deleteRowJSON},
		{"GET /api/v1/tables/{table}/csv", c.exportCSV},
		{"POST /api/v1/tables/{table}/csv", c.importJSON},
		{"GET /api/v1/tables/{table}/history", c.historyJSON},
	}
}

// ServeHTTP answers with the headers that every page carries.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	c.mux.ServeHTTP(w, r)
}
