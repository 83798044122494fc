package desk_test

import (
	"compress/gzip"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestPanelRefusesForeignPages(t *testing.T) {
	w := newWorld(t)
	foreign := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(rw, `<iframe src="%s/desk/?host=lightning&org=sim" onload="loaded=true"></iframe>`, w.panelAddress())
	}))
	t.Cleanup(foreign.Close)
	page := w.open(foreign.URL)
	page.until("window.loaded")
	if url := eval[string](w.panel(page), "location.href"); !strings.HasPrefix(url, "chrome-error:") {
		t.Errorf("a foreign page shows %s", url)
	}
	if n := len(w.hub.Tabs()); n != 0 {
		t.Errorf("%d tabs at the hub", n)
	}
}

func TestPanelTakesTicketsFromItsParentOnly(t *testing.T) {
	w := newWorld(t)
	console := w.open(address(w.console))
	w.online(1)
	panel := w.panel(console)
	// The question is seen by the console's page; here are answers by others, then one by the right one.
	panel.do(`(async () => {
		const { fromParent } = await import(document.querySelector('script[type=module]').src.replace('main.js', 'ticket.js'));
		const origin = '` + address(w.console) + `';
		const ask = crypto.randomUUID;
		crypto.randomUUID = () => 'question-0-0-0-0';
		const ticket = fromParent([origin])();
		crypto.randomUUID = ask;
		const say = (from, source, data) => dispatchEvent(new MessageEvent('message', { origin: from, source, data: { type: 'cordboard:ticket', question: 'question-0-0-0-0', ...data } }));
		say('https://evil.example', parent, { ticket: 'foreign origin' });
		say(origin, window, { ticket: 'not the parent' });
		say(origin, parent, { ticket: 'another question', question: 'x' });
		say(origin, parent, { ticket: 'right' });
		window.ticketTaken = await ticket;
	})()`)
	panel.until("window.ticketTaken")
	if got := eval[string](panel, "window.ticketTaken"); got != "right" {
		t.Errorf("took the ticket of %s", got)
	}
}

// packed is the size of all files, each compressed as a server would.
func packed(t *testing.T, files fs.FS) int {
	t.Helper()
	var n counter
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		z := gzip.NewWriter(&n)
		if _, err := z.Write(b); err != nil {
			return err
		}
		return z.Close()
	})
	if err != nil {
		t.Fatal(err)
	}
	return int(n)
}

type counter int

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }
