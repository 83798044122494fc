package main

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	simfinesse "cordboard/sim/finesse"
	simsalesforce "cordboard/sim/salesforce"
	"cordboard/sim/scenario"
)

// TestCrash kills the server at random moments while calls are played, starts it again on the same data, and judges
// from the outside whether anything was lost or doubled. CORDBOARD_KILLS says how often (10 by default),
// CORDBOARD_CRASH_SEED which moments.
func TestCrash(t *testing.T) {
	kills := setting(t, "CORDBOARD_KILLS", 10)
	seed := uint64(setting(t, "CORDBOARD_CRASH_SEED", int(time.Now().UnixNano()&0xffffff)))
	t.Logf("%d kills, CORDBOARD_CRASH_SEED=%d", kills, seed)
	w := newWorld(t, worldOptions{agents: 10, org: simsalesforce.Config{Seed: seed}})
	r := newCrash(w, rand.New(rand.NewPCG(seed, 1)))
	r.playUntilStopped(seed)
	for range kills {
		r.lifeAndDeath()
	}
	last := r.live()
	r.org.ClearFaults()
	time.Sleep(time.Second) // some calls that nothing disturbs
	r.stop.Store(true)
	r.players.Wait()
	total := r.settled()
	r.judge(total)
	r.checkLog()
	last.cmd.Process.Signal(os.Interrupt)
	if code := last.code(t, 30*time.Second); code != 0 {
		t.Errorf("the last server ended with code %d\n%s", code, r.log())
	}
}

func newCrash(w *world, rng *rand.Rand) *crash {
	r := &crash{world: w, rng: rng, acked: newAcked()}
	r.hearing = func(string) []life { return r.lives }
	return r
}

func setting(t *testing.T, name string, value int) int {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return value
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// crash is one run of the test.
type crash struct {
	*world
	rng     *rand.Rand // of the killer
	stop    atomic.Bool
	players sync.WaitGroup
	acked   *acked
	// lives are those of the whole installation; hearing are those of whoever heard an agent's calls, the same unless
	// there are several nodes.
	lives   []life
	hearing func(agent string) []life
	// patient agents take no call while nobody can be asked, nor soon after.
	patient bool

	mu     sync.Mutex
	played []played
}

// life is one life of the server: born when its process started, ready once the API said that every session is up and
// every desk open (zero if it was killed before), ended when it was killed.
type life struct{ born, ready, ended time.Time }

// played is one call as the site played it.
type played struct {
	script string
	agents []string
	person simsalesforce.Person
	ids    simfinesse.Result
	began  time.Time
	ended  time.Time
	// talking is when the customer was seen to talk to the agent, talkedTill the earliest moment at which that may
	// have ended; zero where the script does not tell.
	talking, talkedTill time.Time
}

// lifeAndDeath starts the server and kills it: sometimes while it starts, sometimes when the org has just committed
// what the server does not know yet, mostly at any moment.
func (r *crash) lifeAndDeath() {
	if r.rng.Float64() < 0.25 {
		c := r.world.start()
		r.lives = append(r.lives, life{born: c.born})
		time.Sleep(time.Duration(r.rng.Float64() * float64(time.Second)))
		r.die(c)
		return
	}
	c := r.live()
	if r.rng.Float64() < 0.4 {
		r.fault()
	}
	moment := time.Duration(r.rng.Float64() * float64(2*time.Second))
	if r.rng.Float64() < 0.2 {
		r.committed(moment)
	} else {
		time.Sleep(moment)
	}
	r.die(c)
}

// live starts the server and waits until it is ready.
func (r *crash) live() *child {
	r.t.Helper()
	c := r.world.start()
	r.lives = append(r.lives, life{born: c.born})
	r.await("the server is up again", func() bool {
		if !c.running() {
			r.t.Fatalf("the server ended by itself: %v\n%s", c.err, r.log())
		}
		return r.up(len(r.agents))
	})
	r.lives[len(r.lives)-1].ready = time.Now()
	return c
}

func (r *crash) die(c *child) {
	r.t.Helper()
	if !c.running() {
		r.t.Fatalf("the server ended before it was killed: %v\n%s", c.err, r.log())
	}
	r.acked.sample(r.world, r.rng)
	r.lives[len(r.lives)-1].ended = time.Now()
	c.kill()
}

// fault makes the org misbehave a few times.
func (r *crash) fault() {
	faults := []simsalesforce.Fault{
		{Kind: simsalesforce.ResetAfterCommit, Path: "/composite/sobjects", Count: 1 + r.rng.IntN(2)},
		{Kind: simsalesforce.ResetBeforeCommit, Count: 1},
		{Kind: simsalesforce.RowLock, Object: "Task", Count: 1 + r.rng.IntN(3)},
		{Kind: simsalesforce.HTML503, Count: 1},
		{Kind: simsalesforce.ExpiredToken, Count: 1},
		{Kind: simsalesforce.Slow, Delay: simsalesforce.Delay(300 * time.Millisecond), Count: 3},
	}
	if err := r.org.AddFault(faults[r.rng.IntN(len(faults))]); err != nil {
		r.t.Fatal(err)
	}
}

// committed returns right after the org has committed a write whose answer will never come, or after limit.
func (r *crash) committed(limit time.Duration) {
	if err := r.org.AddFault(simsalesforce.Fault{Kind: simsalesforce.ResetAfterCommit, Path: "/composite/sobjects", Count: 1}); err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	before := len(r.org.Writes("Task"))
	r.org.Await(ctx, func() bool { return len(r.org.Writes("Task")) > before })
}

// soloScripts need one agent, pairScripts two.
var (
	soloScripts = []string{"predictive_plain", "predictive_plain", "manual_outbound", "preview", "direct_preview", "preview_skip", "inbound"}
	pairScripts = []string{"predictive", "predictive", "manual_outbound_consult_conference", "preview_consult_conference"}
)

// playUntilStopped keeps all agents busy, two a player.
func (r *crash) playUntilStopped(seed uint64) {
	for i := 0; i+1 < len(r.agents); i += 2 {
		pair := r.agents[i : i+2]
		rng := rand.New(rand.NewPCG(seed, uint64(i+2)))
		r.players.Go(func() {
			for !r.stop.Load() {
				r.heardOut(pair)
				if rng.Float64() < 0.35 {
					r.play(rng, pairScripts, pair)
					continue
				}
				var both sync.WaitGroup
				for _, agent := range pair {
					own := rand.New(rand.NewPCG(rng.Uint64(), 0))
					both.Go(func() { r.play(own, soloScripts, []string{agent}) })
				}
				both.Wait()
			}
		})
	}
	r.t.Cleanup(func() { r.stop.Store(true); r.players.Wait() })
}

// heardOut returns when the server knows of no open call of the agents, or is down: real agents do not take the next
// call within the same millisecond, and what belongs to whose call is inferred from what their feeds have told so far.
// Where the server is there but cannot say, because the database is away, feeds wait, and one may be read long before
// another once it is back.
func (r *crash) heardOut(agents []string) {
	var unsure time.Time // until then it may know less than it will have heard
	for i := 0; i < len(agents) && !r.stop.Load(); {
		var list struct {
			Calls []any `json:"calls"`
		}
		err := r.get("/api/v1/calls?limit=1&state=open&agent="+agents[i], &list)
		if err != nil && r.patient {
			i, unsure = 0, time.Now().Add(time.Second)
		}
		if len(list.Calls) == 0 && time.Now().After(unsure) {
			i++
			continue
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// play plays one call of one of the scripts at some pace.
func (r *crash) play(rng *rand.Rand, names []string, agents []string) {
	script, _ := simfinesse.Script(names[rng.IntN(len(names))])
	scale := 0.003 + 0.03*rng.Float64()*rng.Float64()
	p := played{script: script.Name, agents: agents, person: r.people[rng.IntN(len(r.people))], began: time.Now()}
	spec := simfinesse.Call{Agents: agents, Customer: p.person.Number, Campaign: "Crash", Scale: scale}
	if script.Name == "preview" || script.Name == "preview_skip" || script.Name == "direct_preview" {
		spec.Vars = map[string]string{"SalesforceId": p.person.ID}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var watching sync.WaitGroup
	watch, unwatch := context.WithCancel(ctx)
	if script.Name == "predictive_plain" {
		watching.Go(func() {
			if _, err := r.site.AwaitDialog(watch, agents[0], "ACTIVE"); err == nil {
				p.talking = time.Now()
			}
		})
		p.talkedTill = p.began.Add(earliest(script, scenario.Hangup, scale))
	}
	ids, err := r.site.Play(ctx, script, spec)
	unwatch()
	watching.Wait()
	if err != nil {
		r.t.Errorf("playing %s: %v", script.Name, err)
		return
	}
	p.ids, p.ended = ids, time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.played = append(r.played, p)
}

// earliest is how long after its beginning a call comes to a step at the soonest.
func earliest(s scenario.Script, verb string, scale float64) time.Duration {
	var sum time.Duration
	for _, step := range s.Steps {
		sum += step.After
		if step.Verb == verb {
			break
		}
	}
	return time.Duration(float64(sum) * scale)
}
