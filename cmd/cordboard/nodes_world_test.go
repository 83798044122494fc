package main

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cordboard/store/postgres/pgtest"
)

// node is one of several servers: a process of its own, behind the balancer, with its own way to the database.
type node struct {
	name, address, file string
	gate                *gate
	child               *child
	away                bool // killed, paused or stopped: it is not to be asked
}

// nodes is a world with several servers on one database. Half of the agents are on one connection, half on another.
type nodes struct {
	*crash
	database *pgtest.Server
	balancer *balancer
	lease    time.Duration
	text     string // of the configuration
	all      []*node
	asking   *http.Client
	heard    map[string][]life // by connection
	epochs   map[string]int64  // of the connections, when everything was well
	seed     uint64
	began    time.Time
	took     []time.Duration // how long it took each time until every connection had one owner
}

// secondLink is put behind the configuration of the first connection.
const secondLink = `  - name: branch
    platform: cisco
    settings:
      url: %v
      xmpp: %v
      agents_file: branch.csv
`

func newNodes(t *testing.T, lease time.Duration, w *world, database *pgtest.Server, text string) *nodes {
	t.Helper()
	site := w.site.Ready()
	n := &nodes{began: time.Now(), database: database, lease: lease, text: text + fmt.Sprintf(secondLink, site["url"], site["ws_url"]),
		asking: &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{}}, heard: map[string][]life{}, epochs: map[string]int64{}}
	t.Cleanup(n.asking.CloseIdleConnections)
	raw, err := os.ReadFile(filepath.Join(w.dir, "agents.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines, half := strings.SplitAfter(string(raw), "\n"), len(w.agents)/2
	w.write("agents.csv", strings.Join(lines[:half], ""))
	w.write("branch.csv", strings.Join(lines[half:], ""))
	w.links = map[string]string{}
	for _, agent := range w.agents[half:] {
		w.links[agent] = "branch"
	}
	n.balancer = newBalancer(t, w.address)
	t.Cleanup(n.keepLog)
	return n
}

// add makes one more node and starts it.
func (n *nodes) add(name string) {
	n.t.Helper()
	at := &node{name: name, address: freeAddress(n.t), gate: newGate(n.t, "127.0.0.1:"+n.database.Port)}
	text := strings.Replace(n.text, "listen: "+n.world.address, "listen: "+at.address, 1)
	text = strings.Replace(text, "data: data", "data: data-"+name, 1)
	text += fmt.Sprintf("store: {url: %q, node: %s, lease: %s}\n", n.database.Through(at.gate.port()).URL("postgres"), name, n.lease)
	n.write("cordboard-"+name+".yaml", text)
	at.file = filepath.Join(n.dir, "cordboard-"+name+".yaml")
	n.begin(at)
	n.all = append(n.all, at)
	n.balancer.add(at.address)
}

func (n *nodes) begin(at *node) {
	at.child, at.away = n.world.start("serve", "-c", at.file), false
}

// askNode asks a node itself. It fails the test when the node has ended by itself.
func (n *nodes) askNode(at *node, path string, into any) bool {
	n.t.Helper()
	if !at.child.running() {
		n.t.Fatalf("%s ended by itself: %v\n%s", at.name, at.child.err, n.log())
	}
	return n.getBy(n.asking, at.address, path, into) == nil
}

// there are the nodes that are not away.
func (n *nodes) there() (all []*node) {
	for _, at := range n.all {
		if !at.away {
			all = append(all, at)
		}
	}
	return all
}

// owners are, by connection, the nodes that say that they have it, with all its sessions. Whoever is away is not asked;
// ok is false when somebody did not answer, or has some sessions only.
func (n *nodes) owners() (owners map[string][]*node, ok bool) {
	owners, ok = map[string][]*node{}, true
	for _, at := range n.there() {
		var c connections
		if !n.askNode(at, "/api/v1/connections", &c) {
			ok = false
			continue
		}
		for _, link := range c.Connections {
			switch {
			case link.State == "up" && link.SessionsUp == link.SessionsAll && link.SessionsAll == len(n.agents)/2:
				owners[link.Connection] = append(owners[link.Connection], at)
			case link.State != "standby":
				ok = false
			}
		}
	}
	return owners, ok
}

// owned reports whether each connection has exactly one owner.
func (n *nodes) owned() bool {
	owners, ok := n.owners()
	return ok && len(owners["finesse"]) == 1 && len(owners["branch"]) == 1
}

// well reports whether every node is there and ready, every connection owned once, and every desk open.
func (n *nodes) well() bool {
	desks := map[string]bool{}
	for _, at := range n.all {
		var c connections
		if at.away || !n.askNode(at, "/readyz", new(string)) || !n.askNode(at, "/api/v1/connections", &c) {
			return false
		}
		for _, d := range c.Desks {
			desks[d.Agent] = true
		}
	}
	return len(desks) == len(n.agents) && n.owned()
}

// recovered waits until everything is well after something that began at a moment. A connection that has had the same
// owner all the while has been heard all the while.
func (n *nodes) recovered(began time.Time) {
	n.t.Helper()
	n.await("all nodes are well again", n.well)
	epochs, now := n.leases(), time.Now()
	for name, epoch := range epochs {
		if epoch == n.epochs[name] {
			continue
		}
		if l := n.heard[name]; len(l) > 0 && l[len(l)-1].ended.IsZero() {
			l[len(l)-1].ended = began
		}
		n.heard[name] = append(n.heard[name], life{born: began, ready: now})
	}
	n.epochs = maps.Clone(epochs)
	n.lives = append(n.lives, life{born: began, ready: now})
}

// trouble says that from now on not everything is well.
func (n *nodes) trouble() (now time.Time) {
	n.acked.sample(n.world, n.rng)
	epochs, now := n.leases(), time.Now()
	n.lives[len(n.lives)-1].ended = now
	for name, epoch := range epochs {
		if epoch != n.epochs[name] { // it changed hands because the machine is busy, nobody knows when
			l := &n.heard[name][len(n.heard[name])-1]
			l.ended = l.ready
		}
	}
	n.epochs = epochs
	return now
}

// leases are how many owners each connection has had, as the database says.
func (n *nodes) leases() map[string]int64 {
	n.t.Helper()
	all := map[string]int64{}
	for _, name := range []string{"finesse", "branch"} {
		all[name] = n.database.Count(n.t, "SELECT coalesce(sum(epoch), 0)::bigint FROM cordboard.leases WHERE name = $1", name)
	}
	return all
}

// keepLog leaves what the servers have logged to those who look for the cause of a failure.
func (n *nodes) keepLog() {
	if !n.t.Failed() {
		return
	}
	to := filepath.Join(n.t.ArtifactDir(), "server.log")
	if err := os.Rename(filepath.Join(n.dir, "server.log"), to); err != nil {
		n.t.Log(err)
		return
	}
	n.t.Logf("the servers' log (to be kept with -artifacts): %s", to)
}
