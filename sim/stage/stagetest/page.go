package stagetest

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Eval returns what a JavaScript expression says in the page of a tab, which has until limit to say it.
func Eval[T any](t testing.TB, tab context.Context, limit time.Duration, js string, options ...chromedp.EvaluateOption) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab, limit)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js, options...))
	if err != nil {
		t.Fatalf("%s: %v", js, err)
	}
	return v
}

// Until waits for a JavaScript expression to become true in the page of a tab. If it is not within limit, the test fails and
// shows what the expression seen says then.
func Until(t testing.TB, tab context.Context, limit time.Duration, js, seen string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab, limit)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.Poll[chromedp.Void](js, chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(0)))
	if err != nil {
		shown, _ := chromedp.Run(tab, chromedp.Evaluate[string](seen))
		t.Fatalf("%s: %v; the page: %s", js, err, shown)
	}
}
