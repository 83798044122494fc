package desk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"cordboard/crm"
	"cordboard/desk"
	"cordboard/screen"
	"cordboard/sim/host"
	"cordboard/sim/stage/stagetest"
)

const (
	anna     = "1001001" // an agent
	stranger = "nobody"  // whom the console gives no ticket
	ines     = "003Wy00000AbCdEIAV"
)

// limit bounds every wait for a fact: far above what is needed, so that it decides nothing on a slow machine.
const limit = 3 * time.Minute

// world is everything around a browser: the hub with its panel, and a simulated console whose page embeds it.
type world struct {
	t       *testing.T
	hub     *desk.Hub
	serving atomic.Pointer[desk.Hub] // where new sockets go
	tickets *desk.Tickets
	server  *httptest.Server // hub, panel, ticket office
	console *httptest.Server
	browser context.Context
	wire    *wire
	grace   time.Duration // of the next hub
	signIn  string        // where its panels sign in
	order   func(context.Context, string, desk.Order) error
	pages   *desk.Pages
	frames  map[target.ID]*tab // the panels' frames that are known, and the page each is in
}

func newWorld(t *testing.T, more ...func(*world, *http.ServeMux)) *world {
	t.Helper()
	mux := http.NewServeMux()
	w := &world{t: t, tickets: desk.NewTickets(nil), browser: newBrowser(t), wire: &wire{}, frames: map[target.ID]*tab{}}
	w.console = httptest.NewUnstartedServer(nil)
	w.server = httptest.NewUnstartedServer(nil)
	for _, add := range more {
		add(w, mux)
	}
	w.start()
	mux.Handle("GET /desk/", w.hub.Panel(map[string]desk.Org{"sim": {URL: address(w.console)}}))
	mux.Handle("GET /desk/socket", w.wire.through(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.serving.Load().ServeHTTP(rw, r) })))
	mux.Handle("POST /desk/ticket", desk.TicketHandler(w.tickets, nil))
	w.server.Config.Handler = mux
	w.console.Config.Handler = host.New(host.Config{
		Panel:   w.panelAddress() + "/desk/?host=lightning&org=sim",
		Classic: w.panelAddress() + "/desk/?host=classic&org=sim",
		Ticket: func(ctx context.Context, agent string) (string, error) {
			if agent == stranger {
				return "", errors.New("this console knows no such agent")
			}
			return w.tickets.Issue(ctx, agent)
		},
		Agent: anna,
		Record: func(_ context.Context, id string) (string, string, bool) {
			name, ok := people[id]
			return "Contact", name, ok
		},
	})
	w.server.Start()
	w.console.Start()
	t.Cleanup(func() {
		chromedp.Cancel(w.browser) // closes all sockets; the servers would wait for them
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		w.hub.Drain(ctx)
		w.server.Close()
		w.console.Close()
	})
	return w
}

// start makes a new hub, as a restarted server has one.
func (w *world) start() {
	w.hub = desk.NewHub(desk.Config{Redeem: w.tickets.Redeem, Origins: []string{address(w.console)}, Grace: w.grace, SignIn: w.signIn, Order: w.order, Pages: w.pages})
	w.serving.Store(w.hub)
}

var people = map[string]string{ines: "Ines Roth", "003Wy00000AbCdFIAV": "Ines Rothmann", "003Wy00000AbCdGIAV": "I. Roth-Weber"}

func address(s *httptest.Server) string { return "http://" + s.Listener.Addr().String() }

// panelAddress is the hub's address under another name, so that panel and console are different sites for the browser,
// as they are in life.
func (w *world) panelAddress() string {
	return strings.Replace(address(w.server), "127.0.0.1", "localhost", 1)
}

// newBrowser starts Chromium with a profile of its own.
func newBrowser(t *testing.T) context.Context {
	t.Helper()
	return stagetest.Chromium(t, chromedp.Flag("site-per-process", true))
}

// tab is one open tab of the browser.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// open opens url in a new tab of the same browser.
func (w *world) open(url string) *tab {
	w.t.Helper()
	ctx, cancel := chromedp.NewContext(w.browser)
	w.t.Cleanup(cancel)
	tb := &tab{t: w.t, ctx: ctx}
	if err := chromedp.Do(ctx); err != nil { // the tab lives as long as the context that made it
		w.t.Fatal(err)
	}
	tb.run(chromedp.EmulateViewport(1280, 800), chromedp.Navigate(url))
	return tb
}

func (tb *tab) run(actions ...chromedp.Action[chromedp.Void]) {
	tb.t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, limit)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		tb.t.Fatal(err)
	}
}

// eval returns what the expression says in the tab's page.
func eval[T any](tb *tab, js string) T {
	tb.t.Helper()
	return stagetest.Eval[T](tb.t, tb.ctx, limit, js)
}

// until waits for the expression to become true in the tab's page.
func (tb *tab) until(js string) {
	tb.t.Helper()
	stagetest.Until(tb.t, tb.ctx, limit, js, seen)
}

// seen is an expression for what stands in a page, whichever it is.
const seen = `(document.querySelector('cordboard-panel')?.shadowRoot ?? document.body).textContent + JSON.stringify(window.host?.calls ?? '')`

// panel attaches to the panel's frame in a page, which is a target of its own, because sites are isolated. Of several
// pages, ask for the panel of the first before the second is opened.
func (w *world) panel(in *tab) *tab {
	w.t.Helper()
	var id target.ID
	await(w.t, "the panel's frame", func() bool {
		list, err := chromedp.Targets(in.ctx)
		if err != nil {
			return false
		}
		for _, i := range list {
			if page := w.frames[i.TargetID]; i.Type == "iframe" && strings.HasPrefix(i.URL, w.panelAddress()) && (page == nil || page == in) {
				id = i.TargetID
			}
		}
		return id != ""
	})
	w.frames[id] = in
	ctx, cancel := chromedp.NewContext(in.ctx, chromedp.WithTargetID(id))
	w.t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		w.t.Fatal(err)
	}
	return &tab{t: w.t, ctx: ctx}
}

// text is an expression for what the panel shows, wherever its page is.
const text = `document.querySelector('cordboard-panel').shadowRoot.querySelector('.panel').innerText`

// online waits until n tabs of the agent are at the hub.
func (w *world) online(n int) {
	w.t.Helper()
	await(w.t, fmt.Sprintf("%d tabs at the hub", n), func() bool { return len(w.hub.Tabs()) == n })
}

func await(t *testing.T, what string, fact func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !fact(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v", what, limit)
		}
	}
}

// show shows a pop in the background and returns where its receipt comes.
func (w *world) show(p screen.Pop) <-chan screen.Receipt {
	got := make(chan screen.Receipt, 1)
	if p.Until.IsZero() {
		p.Until = time.Now().Add(limit)
	}
	go func() {
		r, err := w.hub.Show(context.Background(), anna, p)
		if err != nil {
			r.Detail = err.Error()
		}
		got <- r
	}()
	return got
}

func outcome(t *testing.T, got <-chan screen.Receipt, want screen.Outcome) screen.Receipt {
	t.Helper()
	r := <-got
	if r.Outcome != want {
		t.Fatalf("the receipt is %q (%s), want %q", r.Outcome, r.Detail, want)
	}
	return r
}

func contactPop(key string) screen.Pop {
	return screen.Pop{
		Key: key, Call: "call-1", Kind: screen.KindRecord, Title: "Ines Roth · +1 ··· ··· 0123 · Winback",
		Record: &crm.Record{Object: "Contact", ID: ines, Name: "Ines Roth", By: "id"}, Why: "by id in call data",
	}
}

func (w *world) state(v any) {
	b, err := json.Marshal(v)
	if err != nil {
		w.t.Fatal(err)
	}
	w.hub.SetState(anna, b)
}

// shoot keeps a picture when somebody wants to look.
func (tb *tab) shoot(name string) {
	tb.t.Helper()
	dir := os.Getenv("CORDBOARD_SHOTS")
	if dir == "" {
		return
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		tb.t.Fatal(err)
	}
	png, err := chromedp.Run(tb.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		tb.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600); err != nil {
		tb.t.Fatal(err)
	}
}

// look sets the size of the page and the system's light or dark appearance.
func (tb *tab) look(width, height int64, scheme string) {
	tb.t.Helper()
	media := func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return chromedp.Void{}, err
	}
	tb.run(chromedp.EmulateViewport(width, height), media)
}
