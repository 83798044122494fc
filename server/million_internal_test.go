package server

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"cordboard/action/wait"
	"cordboard/call"
	"cordboard/engine"
	"cordboard/store/sqlite"
	"cordboard/workflow"
)

var (
	million = flag.String("million", "", "a folder for a journal in which many retries wait: measures how they start and fire")
	from    = flag.Duration("from", 0, "with -million: how long after the first one it begins, where earlier runs have fired some")
	many    = flag.Int("many", 1_000_000, "how many retries wait")
)

const waits = `
name: Retries
platform: genesys
rules:
  - on: ended
    do:
      - wait: { until: "${call.vars.at}" }
      - when: call.agent != ""
`

// Of as many retries as a large site has, none is in memory while it waits, the server starts as if there were none, and a
// thousand a second fire on their time. It takes minutes and a quiet machine: -million names a folder, which is filled first
// when it is empty.
func TestMillionWaiting(t *testing.T) {
	if *million == "" {
		t.Skip("-million names no folder")
	}
	file := filepath.Join(*million, "journal.db")
	if _, err := os.Stat(file); err != nil {
		fillWaiting(t, file)
		return
	}
	fireWaiting(t, file)
}

// firstDue is when the first retry is due; a thousand follow each second.
var firstDue = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)

// shifted is a clock that began somewhere else.
func shifted(start time.Time) func() time.Time {
	began := time.Now()
	return func() time.Time { return start.Add(time.Since(began)) }
}

func waitingRules(t *testing.T) *workflow.Set {
	all, problems := workflow.Parse("waits.yaml", []byte(waits), Specs())
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	set, err := workflow.Compile(all)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// running is a journal with its engine, until end.
type running struct {
	*engine.Engine
	store *sqlite.Store
	end   func()
}

func runEngine(t *testing.T, file string, rules *workflow.Set, now func() time.Time, fired engine.Action) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	store, err := sqlite.Open(ctx, file, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := &running{store: store, Engine: engine.New(engine.Config{
		Journal: store, Rules: rules, Now: now, Actions: map[string]engine.Action{"wait": wait.New(now), "when": fired},
		Limits: map[string]int{"wait": pureAtOnce, "when": pureAtOnce},
	})}
	var wg sync.WaitGroup
	wg.Go(func() { _ = store.Run(ctx) })
	wg.Go(func() {
		if err := r.Engine.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	r.end = func() {
		cancel()
		wg.Wait()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
	return r
}

func fillWaiting(t *testing.T, file string) {
	now := shifted(firstDue.Add(-24 * time.Hour))
	r := runEngine(t, file, waitingRules(t), now, acts(func(engine.Input) {}))
	defer r.end()
	began := time.Now()
	const group = 250
	var wg sync.WaitGroup
	places := make(chan int)
	for range 8 {
		wg.Go(func() {
			for first := range places {
				events := make([]call.Event, 0, group)
				for i := first; i < first+group; i++ {
					at := now()
					events = append(events, call.Event{
						ID: fmt.Sprintf("e%d", i), Connection: "genesys", Platform: call.Genesys, Ref: fmt.Sprintf("conversation-%d", i), Leg: "leg", Role: call.CustomerLeg,
						Agent: fmt.Sprintf("agent-%d", i%1000), Mode: call.Preview, CallType: "Outbound", Name: "ACW", Phase: call.Ended, At: at, Customer: fmt.Sprintf("+1212555%04d", i%10000),
						Vars: map[string]string{"at": firstDue.Add(time.Duration(i) * time.Millisecond).Format(time.RFC3339Nano), "dialerContactId": fmt.Sprintf("%032x", i)},
					})
				}
				if err := r.Accept(t.Context(), events); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := 0; i < *many; i += group {
		places <- i
	}
	close(places)
	wg.Wait()
	for {
		if s := r.Stats(); s.Ready == 0 && s.Running["wait"] == 0 && s.Queue == 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Logf("filled with %d retries in %s", *many, time.Since(began).Round(time.Second))
}

// acts is an action that tells of its steps.
type acts func(engine.Input)

func (a acts) Do(_ context.Context, in engine.Input) engine.Outcome {
	a(in)
	return engine.Did(nil)
}

func fireWaiting(t *testing.T, file string) {
	const lead, during = 10 * time.Second, 30 * time.Second
	start := firstDue.Add(*from)
	now := shifted(start.Add(-lead))
	var mu sync.Mutex
	var late []time.Duration
	began := time.Now()
	r := runEngine(t, file, waitingRules(t), now, acts(func(in engine.Input) {
		var i int
		if _, err := fmt.Sscanf(string(in.Step.Call), "genesys:conversation-%d", &i); err != nil {
			t.Error(err)
		}
		l := now().Sub(firstDue.Add(time.Duration(i) * time.Millisecond))
		mu.Lock()
		defer mu.Unlock()
		if time.Duration(i)*time.Millisecond >= *from {
			late = append(late, l)
		}
	}))
	defer r.end()
	if err := r.Accept(t.Context(), []call.Event{{ID: "x", Connection: "c", Platform: call.Cisco, Ref: "x" + fmt.Sprint(began.UnixNano()), Leg: "l", At: now()}}); err != nil {
		t.Fatal(err)
	}
	t.Logf("after %s the first event is taken", time.Since(began).Round(time.Millisecond))
	for {
		if s := r.Stats(); s.Hot > 500 {
			t.Logf("after %s there are %d calls in memory", time.Since(began).Round(time.Millisecond), s.Hot)
			break
		}
		if time.Since(began) > 9*time.Second {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	for now().Before(start.Add(during)) {
		time.Sleep(5 * time.Second)
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		s := r.Stats()
		mu.Lock()
		n := len(late)
		mu.Unlock()
		t.Logf("%s: fired %d, hot %d, ready %d, heap %d MB", now().Sub(start).Round(time.Second), n, s.Hot, s.Ready, m.HeapAlloc>>20)
	}
	mu.Lock()
	defer mu.Unlock()
	slices.Sort(late)
	if len(late) == 0 {
		t.Fatal("nothing fired")
	}
	at := func(share float64) time.Duration {
		return late[int(share*float64(len(late)-1))].Round(time.Millisecond)
	}
	t.Logf("%d fired, late by p50 %s, p99 %s, most %s; earliest %s", len(late), at(0.5), at(0.99), at(1), at(0))
	if late[0] < 0 && *from == 0 { // the clock of a run before this one was ahead, and has ended some waits
		t.Errorf("one fired %s early", -late[0])
	}
}
