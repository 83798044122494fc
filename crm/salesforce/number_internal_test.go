package salesforce

import (
	"strings"
	"testing"
	"time"

	"cordboard/crm"
)

func TestNumbersAreLikeEachOther(t *testing.T) {
	for _, c := range []struct {
		asked, region, written string
		want                   closeness
	}{
		{"+14155550132", "US", "(415) 555-0132", same},
		{"4155550132", "US", "+1 415 555 0132", same},
		{"+14155550132", "US", "415.555.0132 x77", loose},
		{"+14155550132 ext 77", "US", "4155550132;ext=77", same},
		{"+14155550132 ext 77", "US", "4155550132 x78", unlike},
		{"sip:+14155550132@pbx.example", "US", "1-415-555-0132", same},
		{"+14155550132", "US", "+44 415 555 0132", unlike},
		{"+14155550132", "US", "4155550133", unlike},
		{"+49 30 901820", "US", "030 901820", same},     // as people there write it
		{"+49 30 901820", "US", "(0)30 90 18 20", same}, // the same
		{"030 901820", "DE", "+4930901820", same},
		{"+390612345678", "US", "06 1234 5678", same}, // Italy keeps the zero
		{"+14155550132", "US", "", unlike},
		{"+14155550132", "US", "call me", unlike},
		{"+14155550132", "US", "0132", unlike},
	} {
		n, ok := readNumber(c.asked, c.region)
		if got := n.like(c.written, c.region); !ok || got != c.want {
			t.Errorf("%s (%s) and %s: %d, want %d; read as %+v", c.asked, c.region, c.written, got, c.want, n)
		}
	}
	for _, none := range []string{"", "anonymous", "2001", "911", "12345", "*99#", strings.Repeat("1", 200)} {
		if n, ok := readNumber(none, "US"); ok {
			t.Errorf("%q is a customer's number: %+v", none, n)
		}
	}
}

func TestSearchWordsAreEscaped(t *testing.T) {
	if got, want := escapeSOSL(`a?&|!{}[]()^~*:\"'+-9`), `a\?\&\|\!\{\}\[\]\(\)\^\~\*\:\\\"\'\+\-9`; got != want {
		t.Errorf("escaped %s, want %s", got, want)
	}
	if got, want := quoteSOQL(`O'Hara\`), `O\'Hara\\`; got != want {
		t.Errorf("quoted %s, want %s", got, want)
	}
}

func TestIDs(t *testing.T) {
	for id, want := range map[string]bool{
		"003Wy00000AbCdE": true, "003Wy00000AbCdEIAV": true, "": false, "003Wy00000AbCdEIA": false, "003Wy00000AbCd/": false,
		"003Wy00000AbCdéIA": false,
	} {
		if ValidID(id) != want {
			t.Errorf("ValidID(%q) is not %v", id, want)
		}
	}
	if got := longID("003Wy00000AbCdE"); got != "003Wy00000AbCdEIAV" {
		t.Errorf("long form %s", got)
	}
	if got := RecordURL("Contact", "003Wy00000AbCdEIAV"); got != "/lightning/r/Contact/003Wy00000AbCdEIAV/view" {
		t.Error(got)
	}
}

func TestUsageAndWindow(t *testing.T) {
	cfg := Config{}.withDefaults()
	c := &Client{cfg: cfg}
	for _, s := range []struct {
		header string
		used   int
		want   time.Duration
	}{
		{"", 0, cfg.Window.Std()},
		{"api-usage=100/1000", 100, cfg.Window.Std()},
		{"api-usage=700/1000", 700, cfg.Window.Std()},
		{"api-usage=950/1000", 950, cfg.MaxWindow.Std()},
		{"api-usage=2000/1000", 2000, cfg.MaxWindow.Std()},
		{"api-usage=25/5000; per-app-api-usage=17/250(appName=sample-app)", 17, cfg.Window.Std()},
		{"api-usage=x/5000, nonsense", 17, cfg.Window.Std()}, // unreadable: what was known stays
	} {
		c.usage.observe(s.header, noon)
		if got := c.Usage().Used; got != s.used {
			t.Errorf("%q: used %d, want %d", s.header, got, s.used)
		}
		if got := c.window(); got != s.want {
			t.Errorf("%q: window %v, want %v", s.header, got, s.want)
		}
	}
	c.usage.observe("api-usage=800/1000", noon)
	if got := c.window(); got <= cfg.Window.Std() || got >= cfg.MaxWindow.Std() {
		t.Errorf("at 80 %% the window is %v", got)
	}
	c.usage.observe("api-usage=1/1000", noon.Add(-time.Hour))
	if c.Usage().Used != 800 {
		t.Error("an older answer replaced a newer one")
	}
}

func TestCacheForgets(t *testing.T) {
	c := cache{ttl: time.Minute}
	hit := found{records: []candidate{{Record: crm.Record{ID: "1"}}}}
	c.put("hit", hit, noon)
	c.put("miss", found{}, noon)
	if _, ok := c.get("hit", noon.Add(59*time.Second)); !ok {
		t.Error("an answer is forgotten too early")
	}
	if _, ok := c.get("hit", noon.Add(time.Minute)); ok {
		t.Error("an answer is not forgotten")
	}
	if _, ok := c.get("miss", noon.Add(missFor)); ok {
		t.Error("nobody is believed for too long")
	}
	for i := range cacheSize + 10 {
		c.put(strings.Repeat("x", i%50)+time.Duration(i).String(), hit, noon)
	}
	if len(c.entries) != cacheSize || c.order.Len() != cacheSize {
		t.Errorf("%d entries, want at most %d", len(c.entries), cacheSize)
	}
	c.add("w", candidate{Record: crm.Record{ID: "1"}}, noon)
	c.add("w", candidate{Record: crm.Record{ID: "2"}}, noon)
	c.add("w", candidate{Record: crm.Record{ID: "1"}}, noon)
	if got, _ := c.get("w", noon); len(got.records) != 2 || got.records[0].ID != "1" {
		t.Errorf("written: %+v", got)
	}
}

func FuzzAnswers(f *testing.F) {
	f.Add([]byte(`[{"errorCode":"X","message":"m","fields":["a"]}]`), 400)
	f.Add([]byte(`{"error":"invalid_grant"}`), 400)
	f.Fuzz(func(t *testing.T, body []byte, status int) {
		for _, e := range []*crm.Error{restError(status, body), oauthError(status, body)} {
			if e.Kind == "" || len([]rune(e.Message)) > maxMessage+1 {
				t.Errorf("%+v", e)
			}
		}
	})
}

func FuzzNumber(f *testing.F) {
	f.Add("+1 415 555 0132", "(415) 555-0132")
	f.Fuzz(func(t *testing.T, a, b string) {
		if n, ok := readNumber(a, "US"); ok {
			n.like(b, "US")
			if n.country != 0 && n.like(a, "US") != same {
				t.Errorf("%q is unlike itself", a)
			}
		}
	})
}
