package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	simsalesforce "cordboard/sim/salesforce"
	"cordboard/store/postgres/pgtest"
)

// takeOver is within what time every connection is owned by exactly one node again, as documented for the lease of 10 s
// that a server has unless it is told otherwise.
const takeOver = 15 * time.Second

// TestNodes runs two servers, and later three, on one PostgreSQL under load. It kills, pauses, cuts off and stops nodes,
// restarts the database and ends its connections, and judges from the outside whether anything was lost or doubled.
// CORDBOARD_NODES says how often it makes trouble (4 by default, with a short lease; from 20 on with the lease that a
// server has by default), CORDBOARD_CRASH_SEED which and when.
func TestNodes(t *testing.T) {
	rounds := setting(t, "CORDBOARD_NODES", 4)
	lease, pairs := 2*time.Second, 1
	if rounds >= 20 {
		lease, pairs = 10*time.Second, 3
	}
	n := twoNodes(t, lease, pairs)
	n.install(witness)
	n.playUntilStopped(n.seed)
	troubles := n.schedule(rounds)
	for i, trouble := range troubles {
		if i == (rounds+1)/2 {
			began := n.trouble()
			n.add("west")
			n.recovered(began)
		}
		n.round(trouble)
	}
	n.org.ClearFaults()
	time.Sleep(time.Second) // some calls that nothing disturbs
	n.stop.Store(true)
	n.players.Wait()
	n.judge(n.settled())
	if strays := n.strays(); strays > 0 {
		t.Errorf("%d events and steps were written by nodes that had no right to", strays)
	}
	n.checkLog()
	n.report()
	for _, at := range n.all {
		at.child.cmd.Process.Signal(syscall.SIGTERM)
		if code := at.child.code(t, 30*time.Second); code != 0 {
			t.Errorf("%s ended with code %d\n%s", at.name, code, n.log())
		}
	}
}

// TestNodesWithoutFencing is the control: when the database takes what a node writes whose time is over, the witness
// sees it.
func TestNodesWithoutFencing(t *testing.T) {
	n := twoNodes(t, 2*time.Second, 2)
	n.install(witness)
	n.install(withoutFencing)
	n.playUntilStopped(n.seed)
	for range 30 {
		time.Sleep(time.Second) // calls begin
		n.usurp()
		if strays := n.strays(); strays > 0 {
			t.Logf("%d writes of a node whose time was over were taken", strays)
			return
		}
	}
	t.Error("nobody noticed that nodes write whatever they like")
}

// usurp gives every connection to another node in the database, and tells nobody: who owned it goes on in good faith until
// it looks again. A node that wakes up late does the same, but seldom gets to a write before it notices.
func (n *nodes) usurp() {
	n.t.Helper()
	n.database.Exec(n.t, `UPDATE cordboard.leases l SET epoch = epoch + 1, session = (
		SELECT session FROM cordboard.nodes WHERE session <> l.session AND until > clock_timestamp() LIMIT 1)`)
	for range 20 {
		if time.Sleep(50 * time.Millisecond); n.strays() > 0 {
			return
		}
	}
}

// twoNodes starts two servers with some pairs of agents on each connection, and waits until they are well.
func twoNodes(t *testing.T, lease time.Duration, pairs int) *nodes {
	t.Helper()
	if testing.Short() {
		t.Skip("several servers and a database")
	}
	database := pgtest.Start(t)
	seed := uint64(setting(t, "CORDBOARD_CRASH_SEED", int(time.Now().UnixNano()&0xffffff)))
	t.Logf("CORDBOARD_CRASH_SEED=%d", seed)
	var text string
	w := newWorld(t, worldOptions{agents: 4 * pairs, org: simsalesforce.Config{Seed: seed}, config: func(s string) string { text = s; return s }})
	n := newNodes(t, lease, w, database, text)
	n.seed = seed
	n.crash = newCrash(w, rand.New(rand.NewPCG(seed, 3)))
	n.patient = true
	n.hearing = func(agent string) []life { return n.heard[n.connectionOf(agent)] }
	began := time.Now()
	n.add("north")
	n.add("south")
	n.recovered(began)
	return n
}

// troubling makes trouble of one kind, ends it, and says what it was for those who read the log.
type troubling func(n *nodes, began time.Time) string

// schedule is what happens in which order: first what is most likely to go wrong.
func (n *nodes) schedule(rounds int) []troubling {
	all := []troubling{pauseOwner, killOwner, restartDatabase, cutOwnerOff}
	often := []troubling{pauseOwner, pauseOwner, killOwner, killOwner, killAny, cutOwnerOff, cutOwnerOff, restartDatabase, endConnections, stopAny, killAll}
	for len(all) < rounds {
		all = append(all, often[n.rng.IntN(len(often))])
	}
	return all[:rounds]
}

// round lets the installation work for a while, and then makes trouble.
func (n *nodes) round(make troubling) {
	n.t.Helper()
	if n.rng.Float64() < 0.4 {
		n.fault()
	}
	time.Sleep(time.Duration(n.rng.Float64() * float64(3*time.Second)))
	began := n.trouble()
	what := make(n, began)
	n.t.Logf("%s: %s", time.Since(n.began).Round(time.Second), what)
	n.recovered(began)
}

// owner is the node that has one of the connections.
func (n *nodes) owner() *node {
	owners, _ := n.owners()
	if at := owners[[]string{"finesse", "branch"}[n.rng.IntN(2)]]; len(at) > 0 {
		return at[0]
	}
	return n.any()
}

func (n *nodes) any() *node { return n.all[n.rng.IntN(len(n.all))] }

// taken waits until every connection has exactly one owner among the nodes that are there. That may take so long and no
// longer, counted from a moment.
func (n *nodes) taken(since time.Time) time.Duration {
	n.t.Helper()
	n.await("every connection has one owner", n.owned)
	took := time.Since(since)
	n.took = append(n.took, took)
	if took > takeOver {
		n.t.Errorf("it took %v until every connection had one owner again, want at most %v", took, takeOver)
	}
	return took.Round(100 * time.Millisecond)
}

func killOwner(n *nodes, began time.Time) string { return n.kill(n.owner(), began) }
func killAny(n *nodes, began time.Time) string   { return n.kill(n.any(), began) }

// kill ends a node. It comes back at once, or after the others have taken over.
func (n *nodes) kill(at *node, _ time.Time) string {
	at.away = true
	at.child.kill()
	killed := time.Now()
	var took time.Duration
	if n.rng.Float64() < 0.7 {
		took = n.taken(killed)
	}
	n.begin(at)
	if took == 0 {
		took = n.taken(time.Now())
	}
	return fmt.Sprintf("%s was killed, owned after %v", at.name, took)
}

func killAll(n *nodes, _ time.Time) string {
	for _, at := range n.all {
		at.child.kill()
	}
	for _, at := range n.all {
		n.begin(at)
	}
	return fmt.Sprintf("all were killed, owned after %v", n.taken(time.Now()))
}

func pauseOwner(n *nodes, began time.Time) string { return n.pause(n.owner(), began) }

// pause stops a node until others have taken over, and lets it go on.
func (n *nodes) pause(at *node, _ time.Time) string {
	at.away = true
	at.child.cmd.Process.Signal(syscall.SIGSTOP)
	paused := time.Now()
	took := n.taken(paused)
	// Sometimes it goes on right then, sometimes much later.
	long := time.Duration(n.rng.Float64() * float64(3*n.lease-took))
	time.Sleep(max(0, long))
	at.child.cmd.Process.Signal(syscall.SIGCONT)
	at.away = false
	return fmt.Sprintf("%s was paused for %v, owned after %v, and after it went on, %v", at.name,
		time.Since(paused).Round(100*time.Millisecond), took, n.taken(time.Now()))
}

// cutOwnerOff keeps a node from the database until others have taken over. What it had sent arrives late, or never.
func cutOwnerOff(n *nodes, _ time.Time) string {
	at := n.owner()
	at.gate.shut()
	cut := time.Now()
	time.Sleep(n.lease) // until then it is right to take itself for the owner
	took := n.taken(cut)
	time.Sleep(time.Duration(n.rng.Float64() * float64(n.lease)))
	at.gate.reopen(n.rng.Float64() < 0.5)
	return fmt.Sprintf("%s was cut off, owned after %v, and after it was let in again, %v", at.name, took, n.taken(time.Now()))
}

func restartDatabase(n *nodes, _ time.Time) string {
	n.database.Stop(syscall.SIGQUIT) // as pg_ctl restart -m immediate
	down := time.Duration(n.rng.Float64() * float64(2*time.Second))
	time.Sleep(down)
	if err := n.database.Start(); err != nil {
		n.t.Fatal(err)
	}
	return fmt.Sprintf("the database was crashed and was away for %v, owned after %v", down.Round(100*time.Millisecond), n.taken(time.Now()))
}

func endConnections(n *nodes, _ time.Time) string {
	times := 1 + n.rng.IntN(5)
	for range times {
		n.database.Exec(n.t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'cordboard %'")
		time.Sleep(time.Duration(n.rng.Float64() * float64(300*time.Millisecond)))
	}
	return fmt.Sprintf("the database ended all connections %d times, owned after %v", times, n.taken(time.Now()))
}

// stopAny has a node stop in order, as an upgrade does.
func stopAny(n *nodes, _ time.Time) string {
	at := n.any()
	at.away = true
	at.child.cmd.Process.Signal(syscall.SIGTERM)
	asked := time.Now()
	if code := at.child.code(n.t, 30*time.Second); code != 0 {
		n.t.Errorf("%s ended with code %d\n%s", at.name, code, n.log())
	}
	stopped := time.Since(asked)
	took := n.taken(asked)
	n.begin(at)
	return fmt.Sprintf("%s was stopped in %v, owned after %v", at.name, stopped.Round(100*time.Millisecond), took)
}

// report says what the rounds have shown.
func (n *nodes) report() {
	n.t.Helper()
	raw, err := os.ReadFile(n.dir + "/server.log")
	if err != nil {
		n.t.Fatal(err)
	}
	slices.Sort(n.took)
	n.t.Logf("%v, every connection was owned once again after at most %v, half of the times after %v; nodes started over %d times",
		time.Since(n.began).Round(time.Second), n.took[len(n.took)-1].Round(100*time.Millisecond), n.took[len(n.took)/2].Round(100*time.Millisecond),
		strings.Count(string(raw), "others may have taken over"))
}
