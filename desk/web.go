package desk

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"

	"cordboard/socket"
)

// Path is where the panel is mounted. The page finds the hub at Path+"socket" and, where there is one, the ticket
// office at Path+"ticket".
const Path = "/desk/"

//go:embed web
var web embed.FS

// Assets returns the panel's files as they are shipped: one page template, modules and style sheets.
func Assets() fs.FS {
	assets, err := fs.Sub(web, "web")
	if err != nil { // "web" is a valid path
		panic(err)
	}
	return assets
}

// Org is one Salesforce org whose agents have the panel.
type Org struct {
	// URL is scheme://host[:port] of the org's pages: Open CTI's script is loaded from it, and records are opened
	// there when the panel stands alone. An org with anything else here is logged and left out.
	URL string
	// Script is the path of the Open CTI script for Lightning; "" means /support/api/66.0/lightning/opencti_min.js
	// (Open CTI Developer Guide).
	Script string
}

// lightning are the scripts of the org that the panel needs there.
func (o Org) lightning() []string {
	if o.Script == "" {
		return []string{o.URL + "/support/api/66.0/lightning/opencti_min.js"}
	}
	return []string{o.URL + (&url.URL{Path: o.Script}).EscapedPath()}
}

// classic are those that it needs in Classic: Open CTI (Open CTI Developer Guide), and the console toolkit (Salesforce Console
// Developer Guide).
func (o Org) classic() []string {
	return []string{o.URL + "/support/api/66.0/interaction.js", o.URL + "/support/console/66.0/integration.js"}
}

// The hosts that a panel can be told it lives in, by the parameter "host" of its address.
const (
	hostPlain     = "plain"     // no host: records open in a window of their own
	hostLightning = "lightning" // Salesforce Lightning, through Open CTI
	hostClassic   = "classic"   // Salesforce Classic, through its own Open CTI and the console toolkit
)

// Panel serves the agent panel under [Path]: the page at Path?host=…&org=…, and its files. orgs are the orgs that an
// address may name; when there is just one, it need not be named. The page may be framed by the hub's Origins and by
// pages of its own origin only, sets no cookie, and its address carries no secret.
func (h *Hub) Panel(orgs map[string]Org) http.Handler {
	p := &panel{
		orgs:    h.usable(orgs),
		origins: h.origins,
		page:    template.Must(template.ParseFS(Assets(), "panel.html")),
		files:   Files(),
		signIn:  h.cfg.SignIn,
		pages:   h.cfg.Pages,
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path+"{$}", p.servePage)
	mux.HandleFunc("GET "+Path+"v/{version}/{file}", p.serveFile)
	mux.HandleFunc("GET "+Path+bridge, p.serveBridge)
	return mux
}

// Files is where the panel's files of this version lie.
func Files() string { return Path + "v/" + assetsVersion() + "/" }

// usable returns the orgs that can stand in the panel's policy, their addresses as browsers write them.
func (h *Hub) usable(orgs map[string]Org) map[string]Org {
	good := map[string]Org{}
	for name, org := range orgs {
		origin, bad := socket.ParseOrigins([]string{org.URL})
		if len(bad) > 0 {
			h.cfg.Log.Error("this org's address is not of the form https://host[:port]: the panel leaves it out", "org", name, "url", org.URL)
			continue
		}
		org.URL = origin[0]
		good[name] = org
	}
	return good
}

type panel struct {
	orgs    map[string]Org
	origins []string
	page    *template.Template
	signIn  string
	pages   *Pages
	files   string // where this version's files are: they never change and are cached for good
}

// panelConfig is what the page is told; none of it is secret.
type panelConfig struct {
	Host    string   `json:"host"`
	Agent   string   `json:"agent,omitempty"`
	Org     string   `json:"org,omitempty"`     // scheme://host of the org's pages
	Scripts []string `json:"scripts,omitempty"` // the host's own
	Origins []string `json:"origins"`           // pages that a ticket is taken from
	Socket  string   `json:"socket"`
	Ticket  string   `json:"ticket"`
	SignIn  string   `json:"signIn,omitempty"` // where agents sign in; their next tickets come from Session
	Session string   `json:"session,omitempty"`
	Pages   *Pages   `json:"pages,omitempty"` // how pages around the panel hear of calls
}

func (p *panel) servePage(w http.ResponseWriter, r *http.Request) {
	cfg, err := p.config(r.URL.Query())
	p.protect(w.Header(), cfg.Scripts...)
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	b, err := json.Marshal(cfg)
	if err != nil { // strings only
		panic(err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	p.page.Execute(w, map[string]any{"Config": string(b), "Files": p.files})
}

// config reads the panel's address.
func (p *panel) config(q url.Values) (panelConfig, error) {
	cfg := panelConfig{Host: q.Get("host"), Agent: q.Get("agent"), Origins: p.origins, Socket: Path + "socket", Ticket: Path + "ticket", SignIn: p.signIn, Pages: p.pages}
	if cfg.SignIn != "" {
		cfg.Session = Path + "session"
	}
	org, err := p.org(q.Get("org"))
	if err != nil {
		return cfg, err
	}
	cfg.Org = org.URL
	switch cfg.Host {
	case "", hostPlain:
		cfg.Host = hostPlain
	case hostLightning, hostClassic:
		if org.URL == "" {
			return cfg, fmt.Errorf("the address of this panel must name an org: ?host=%s&org=…", cfg.Host)
		}
		if cfg.Scripts = org.lightning(); cfg.Host == hostClassic {
			cfg.Scripts = org.classic()
		}
	default:
		return cfg, fmt.Errorf("this panel knows no host %q: lightning, classic or plain", cfg.Host)
	}
	return cfg, nil
}

// org returns the named org; the only one when none is named; none when there is none or the choice is open.
func (p *panel) org(name string) (Org, error) {
	if name != "" {
		org, ok := p.orgs[name]
		if !ok {
			return Org{}, fmt.Errorf("no org %q is configured for the panel", name)
		}
		return org, nil
	}
	if len(p.orgs) == 1 {
		for _, org := range p.orgs {
			return org, nil
		}
	}
	return Org{}, nil
}

func (p *panel) serveFile(w http.ResponseWriter, r *http.Request) {
	p.protect(w.Header())
	name := r.PathValue("file")
	b, err := fs.ReadFile(Assets(), name)
	if err != nil || strings.HasSuffix(name, ".html") {
		http.NotFound(w, r)
		return
	}
	cache := "no-cache" // an older page asks for its files after an upgrade: it gets the new ones, but must not keep them
	if strings.HasPrefix(r.URL.Path, p.files) {
		cache = "public, max-age=31536000, immutable"
	}
	w.Header().Set("Cache-Control", cache)
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	w.Write(b)
}

// bridge is the script for pages that hold a contact control panel. Its address stays, because it stands in them.
const bridge = "streams.js"

// serveBridge serves it to any page: what it tells, it tells the panel alone.
func (p *panel) serveBridge(w http.ResponseWriter, r *http.Request) {
	p.protect(w.Header())
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	http.ServeFileFS(w, r, Assets(), bridge)
}

// protect sets the headers that keep the panel out of foreign pages and foreign code out of the panel. scripts are the
// files of the host's that may run beside ours.
func (p *panel) protect(header http.Header, scripts ...string) {
	header.Set("Content-Security-Policy", strings.Join([]string{
		"default-src 'none'",
		strings.Join(append([]string{"script-src 'self'"}, scripts...), " "),
		"style-src 'self'",
		"connect-src 'self'",
		"base-uri 'none'",
		"form-action 'none'",
		strings.Join(append([]string{"frame-ancestors 'self'"}, p.origins...), " "),
	}, "; "))
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
}

// assetsVersion names the shipped files by their content.
func assetsVersion() string {
	sum := sha256.New()
	err := fs.WalkDir(Assets(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(Assets(), name)
		fmt.Fprintf(sum, "%s %d\n", name, len(b))
		sum.Write(b)
		return err
	})
	if err != nil { // the files are part of this program
		panic(err)
	}
	return hex.EncodeToString(sum.Sum(nil))[:12]
}
