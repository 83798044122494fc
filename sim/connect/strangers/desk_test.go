package strangers

import (
	"context"
	"html/template"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/chromedp/chromedp"

	"cordboard/sim/connect"
	"cordboard/sim/stage/stagetest"
)

// desk is an agent's page with Amazon's own Streams in it, around the fake CCP.
type desk struct {
	t     *testing.T
	s     *connect.Server
	agent string
	ctx   context.Context
}

// browser starts a Chromium without network but loopback.
func browser(t *testing.T) context.Context {
	t.Helper()
	stagetest.Install(t, ".", "amazon-connect-streams")
	return stagetest.Chromium(t, stagetest.Loopback())
}

// open opens the agent's page in a tab of its own and waits until Streams has an agent.
func open(t *testing.T, s *connect.Server, browser context.Context, agent string) *desk {
	t.Helper()
	page := template.Must(template.ParseFiles("host.html"))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		if err := page.Execute(w, map[string]string{"CCP": s.Ready()["ccp_url"].(string) + "?agent=" + agent}); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("GET /streams.js", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, os.DirFS("node_modules/amazon-connect-streams/release"), "connect-streams-min.js")
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	d := &desk{t, s, agent, ctx}
	if err := chromedp.Do(ctx, chromedp.Navigate(server.URL)); err != nil {
		t.Fatal(err)
	}
	d.until(`window.agent !== undefined`)
	return d
}

func (d *desk) until(js string) {
	d.t.Helper()
	stagetest.Until(d.t, d.ctx, limit, js, `JSON.stringify([heard, seen, errors])`)
}

func eval[T any](d *desk, js string) T {
	d.t.Helper()
	return stagetest.Eval[T](d.t, d.ctx, limit, js, chromedp.EvalAwaitPromise)
}

// heard waits until the contact is gone and returns the callbacks that Streams made of it, in order.
func (d *desk) heard(contact string) string {
	d.t.Helper()
	d.until(`heard["` + contact + `"]?.at(-1) === "onDestroy"`)
	return eval[string](d, `heard["`+contact+`"].join(" ")`)
}

func (d *desk) seen(contact string) string {
	d.t.Helper()
	return eval[string](d, `(seen["`+contact+`"] ?? []).join("; ")`)
}
