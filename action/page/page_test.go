package page_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"cordboard/action/page"
	"cordboard/engine"
	"cordboard/screen"
)

type desk struct {
	outcome screen.Outcome
	shown   *screen.Pop
}

func (d *desk) Show(ctx context.Context, _ string, p screen.Pop) (screen.Receipt, error) {
	d.shown = &p
	return screen.Receipt{Outcome: d.outcome}, ctx.Err()
}

func do(t *testing.T, d *desk, url string, heard time.Time) engine.Outcome {
	t.Helper()
	args, err := json.Marshal(map[string]string{"url": url})
	if err != nil {
		t.Fatal(err)
	}
	in := engine.Input{Key: "k", Args: args, Step: engine.Step{Agent: "1001", Heard: heard}}
	return page.New(d, page.Options{Origins: []string{"https://scripts.example.com"}}).Do(t.Context(), in)
}

func TestOnlyAllowedAddressesAreOpened(t *testing.T) {
	good := []string{
		"/apex/CallScript?lcm=a%20b", "/lightning/r/Contact/003Wy00000AbCdEIAV/view",
		"https://scripts.example.com/x?phone=4155550132", "https://Scripts.Example.com/x",
	}
	for _, url := range good {
		d := &desk{outcome: screen.Shown}
		out := do(t, d, url, time.Now())
		if out.State != engine.Done || d.shown == nil || d.shown.URL != url || d.shown.Kind != screen.KindPage {
			t.Errorf("%s: %+v, shown %+v", url, out, d.shown)
		}
		if strings.Contains(out.Request, "4155550132") {
			t.Errorf("not masked: %s", out.Request)
		}
	}
	bad := []string{
		"", "javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)", "data:text/html,x",
		"//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "https://evil.example/", "http://scripts.example.com/",
		"https://scripts.example.com.evil.example/", "https://scripts.example.com@evil.example/", "https://x:y@scripts.example.com/",
		"https:///x", "apex/Page", "vbscript:x", "blob:https://scripts.example.com/1", "https://scripts.example.com:444/", "/a b",
	}
	for _, url := range bad {
		d := &desk{outcome: screen.Shown}
		if out := do(t, d, url, time.Now()); out.State != engine.Dead || d.shown != nil {
			t.Errorf("%q: %+v, shown %+v", url, out, d.shown)
		}
	}
}

func TestReceiptsBecomeOutcomes(t *testing.T) {
	for receipt, want := range map[screen.Outcome]string{
		screen.Shown: "done ", screen.Already: "done ", screen.Offered: "done ",
		screen.Late: "skipped late", screen.NoDesk: "skipped no-desk", screen.Declined: "skipped declined", "else": "dead bad-receipt",
	} {
		out := do(t, &desk{outcome: receipt}, "/apex/X", time.Now())
		if got := string(out.State) + " " + out.Reason; got != want {
			t.Errorf("%s: %s, want %s", receipt, got, want)
		}
	}
	d := &desk{}
	if out := do(t, d, "/apex/X", time.Now().Add(-page.Useful)); out.Reason != "late" || d.shown != nil {
		t.Errorf("a late page: %+v", out)
	}
}

func FuzzAllowed(f *testing.F) {
	f.Add("/apex/x")
	f.Add("https://a.example/")
	f.Fuzz(func(t *testing.T, address string) {
		if page.Allowed(address, nil) == nil && (!strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//")) {
			t.Errorf("without origins, %q is allowed", address)
		}
	})
}
