package console_test

import (
	"context"
	"cordboard/sim/stage/stagetest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// newBrowser starts Chromium with a profile of its own.
func newBrowser(t *testing.T) context.Context {
	t.Helper()
	ctx := stagetest.Chromium(t)
	t.Cleanup(func() { chromedp.Cancel(ctx) }) // closes the streams; the server would wait for them
	return ctx
}

// tab is one open tab of the browser.
type tab struct {
	t   *testing.T
	o   *office
	ctx context.Context
}

// open opens a path of the console in a browser of its own.
func (o *office) open(t *testing.T, path string) *tab {
	t.Helper()
	tb := &tab{t: t, o: o, ctx: newBrowser(t)}
	tb.run(chromedp.EmulateViewport(1280, 800))
	tb.visit(path)
	return tb
}

func (tb *tab) visit(path string) {
	tb.t.Helper()
	tb.run(chromedp.Navigate(tb.o.server.URL + path))
}

func (tb *tab) run(actions ...chromedp.Action[chromedp.Void]) {
	tb.t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, limit)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		tb.t.Fatal(err)
	}
}

// keys types keys, as a person does.
func (tb *tab) keys(keys string) { tb.t.Helper(); tb.run(chromedp.KeyEvent(keys)) }

func (tb *tab) do(js string) { tb.t.Helper(); tb.run(chromedp.Evaluate[chromedp.Void](js)) }

// eval returns what the expression says in the tab's page.
func eval[T any](tb *tab, js string) T {
	tb.t.Helper()
	return stagetest.Eval[T](tb.t, tb.ctx, limit, js)
}

// until waits for the expression to become true in the tab's page, also while the page gives way to another.
func (tb *tab) until(js string) {
	tb.t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, limit)
	defer cancel()
	for {
		if yes, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+js+")")); err == nil && yes {
			return
		}
		if ctx.Err() != nil {
			seen, _ := chromedp.Run(tb.ctx, chromedp.Evaluate[string](`location.href + ' ' + document.body.innerText.slice(0, 3000)`))
			tb.t.Fatalf("%s: not within %v; the page: %s", js, limit, seen)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// wants fails the test when the expression is not true at once.
func (tb *tab) wants(what, js string) {
	tb.t.Helper()
	if !eval[bool](tb, js) {
		tb.t.Errorf("%s: %s is false", what, js)
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
