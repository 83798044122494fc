package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"cordboard/sim/browser"
	simfinesse "cordboard/sim/finesse"
	simsalesforce "cordboard/sim/salesforce"
)

// world is everything outside the server: the site, the org, and agents' browsers.
type world struct {
	opts   Options
	site   *simfinesse.Server
	org    *simsalesforce.Server
	people []simsalesforce.Person
	agents []string
	tabs   []*browser.Browser
	pops   pops
	tasks  sync.WaitGroup
	failed chan error
}

// pops is what the browsers were given.
type pops struct {
	mu  sync.Mutex
	all []popped
}

type popped struct {
	call, kind, record string
	heard, arrived     time.Time
}

func (p *pops) add(b browser.Pop, arrived time.Time) {
	one := popped{call: strings.TrimPrefix(b.Call, connection+":"), kind: b.Kind, heard: b.Heard, arrived: arrived}
	if b.Record != nil {
		one.record = b.Record.ID
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, one)
}

// connection is what the configuration calls the link to the site.
const connection = "finesse"

func newWorld(o Options) (*world, error) {
	w := &world{opts: o, failed: make(chan error, o.Agents+2)}
	w.site = simfinesse.New(simfinesse.Config{Agents: o.Agents})
	w.org = simsalesforce.New(simsalesforce.Config{})
	w.people = w.org.Seed(o.People)
	return w, errors.Join(w.site.Listen(), w.org.Listen())
}

// configure writes the configuration that an engineer would write for this site, every setting that is not needed left
// out, so that the server is measured as it comes.
func (w *world) configure(dir string) (file string, err error) {
	site, org := w.site.Ready(), w.org.Ready()
	agents, err := w.agentsFile(site)
	if err != nil {
		return "", err
	}
	config := fmt.Sprintf(`listen: 127.0.0.1:0
data: data
workflows: [recommended]
desk: { open_tickets: true }
salesforce: { url: "%v", client_id: "%v", client_secret_file: org.secret }
connections:
  - name: %s
    platform: cisco
    settings: { url: "%v", xmpp: "%v", agents_file: agents.csv }
`, org["url"], org["client_id"], connection, site["url"], site["ws_url"])
	for name, text := range map[string]string{
		"cordboard.yaml": config, "org.secret": fmt.Sprint(org["client_secret"]), "agents.csv": agents,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	return filepath.Join(dir, "cordboard.yaml"), nil
}

// agentsFile lists the agents as the site's readiness line tells them.
func (w *world) agentsFile(ready map[string]any) (string, error) {
	raw, err := json.Marshal(ready)
	if err != nil {
		return "", err
	}
	var line struct {
		Agents struct {
			FirstID        int    `json:"first_id,string"`
			FirstExtension int    `json:"first_extension,string"`
			Password       string `json:"password"`
		} `json:"agents"`
	}
	if err := json.Unmarshal(raw, &line); err != nil {
		return "", fmt.Errorf("bench: the site's readiness line: %w", err)
	}
	var text strings.Builder
	for i := range w.opts.Agents {
		id := fmt.Sprint(line.Agents.FirstID + i)
		w.agents = append(w.agents, id)
		fmt.Fprintf(&text, "%s,%s,%d\n", id, line.Agents.Password, line.Agents.FirstExtension+i)
	}
	return text.String(), nil
}

// start runs a part of the world until ctx ends.
func (w *world) start(ctx context.Context, name string, run func(context.Context) error) {
	w.tasks.Go(func() {
		if err := run(ctx); err != nil && ctx.Err() == nil {
			w.failed <- fmt.Errorf("%s: %w", name, err)
		}
	})
}

// openDesks opens a browser for every agent, until outside ends, and waits until all are welcome and every agent is
// signed in.
func (w *world) openDesks(ctx, outside context.Context, url string) error {
	for _, agent := range w.agents {
		b := browser.New(browser.Config{
			Socket: "ws" + strings.TrimPrefix(url, "http") + "/desk/socket", Agent: agent,
			Ticket: func(ctx context.Context, agent string) (string, error) { return ticket(ctx, url, agent) },
			OnPop:  w.pops.add,
		})
		w.tabs = append(w.tabs, b)
		w.start(outside, "browser of agent "+agent, b.Run)
	}
	for _, b := range w.tabs {
		select {
		case <-b.Welcome():
		case err := <-w.failed:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return w.site.AwaitSessions(ctx, len(w.agents))
}

// ticket asks the server for a desk ticket, as the page around a panel does.
func ticket(ctx context.Context, url, agent string) (string, error) {
	body, err := json.Marshal(map[string]string{"agent": agent})
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/desk/ticket", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var got struct {
		Ticket string `json:"ticket"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || got.Ticket == "" {
		return "", fmt.Errorf("no ticket: the server answered %s", resp.Status)
	}
	return got.Ticket, nil
}
