package platform_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cordboard/platform"
)

// leaseLength is for how long the registry grants.
const leaseLength = 10 * time.Second

// registry is a lease that several supervisors share.
type registry struct {
	mu     sync.Mutex
	owner  string
	epoch  int64
	until  time.Time
	broken map[string]bool // nodes that cannot ask
	deaf   bool            // whoever cannot ask waits in vain
}

// seat is one node's door to the registry.
type seat struct {
	*registry
	node string
}

func (s seat) Lease(ctx context.Context, name string) (int64, time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken[s.node] && s.deaf {
		s.mu.Unlock()
		<-ctx.Done()
		s.mu.Lock()
	}
	if s.broken[s.node] {
		return 0, time.Time{}, errors.New("no answer")
	}
	now := time.Now()
	if s.owner != s.node || !now.Before(s.until) {
		if s.owner != "" && now.Before(s.until) {
			return 0, time.Time{}, platform.ErrHeld
		}
		s.owner = s.node
		s.epoch++
	}
	s.until = now.Add(leaseLength)
	return s.epoch, s.until, nil
}

func (s seat) Release(context.Context, string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.owner == s.node && !s.broken[s.node] {
		s.owner = ""
	}
	return nil
}

func (r *registry) cut(node string, cut bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.broken[node] = cut
}

// crowd counts the connectors that run, and remembers if there ever were two.
type crowd struct {
	mu      sync.Mutex
	running map[string]bool
	two     bool
}

func (c *crowd) Connector(node string, play func(context.Context) error) platform.Connector {
	return runner(func(ctx context.Context) error {
		c.set(node, true)
		defer c.set(node, false)
		return play(ctx)
	})
}

func (c *crowd) set(node string, on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.running, node)
	if on {
		c.running[node] = true
	}
	c.two = c.two || len(c.running) > 1
}

func (c *crowd) only() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.running) != 1 || c.two {
		return ""
	}
	for node := range c.running {
		return node
	}
	return ""
}

type runner func(ctx context.Context) error

func (r runner) Run(ctx context.Context, sink platform.Sink) error {
	sink.Report(platform.Status{State: platform.Up})
	return r(ctx)
}

func untilTheEnd(ctx context.Context) error { <-ctx.Done(); return nil }

// supervisors starts a node for each name; the returned funcs end them.
func supervisors(t *testing.T, r *registry, connector func(node string) platform.Connector, nodes ...string) (all map[string]*platform.Supervisor, end map[string]func()) {
	all, end = map[string]*platform.Supervisor{}, map[string]func(){}
	for _, node := range nodes {
		s := platform.NewSupervisor(slog.New(slog.DiscardHandler), platform.Managed{
			Name: "finesse", Platform: "cisco", Connector: connector(node), Sink: nullSink{}, Leases: seat{r, node},
		})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		all[node], end[node] = s, sync.OnceFunc(func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
	}
	return all, end
}

func state(s *platform.Supervisor) platform.State {
	all, _ := s.Status()
	return all[0].State
}

func TestOneNodeOwnsAConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, c := &registry{broken: map[string]bool{}}, &crowd{running: map[string]bool{}}
		all, end := supervisors(t, r, func(node string) platform.Connector { return c.Connector(node, untilTheEnd) }, "north", "south")
		time.Sleep(time.Hour)
		synctest.Wait()
		if c.only() != "north" || state(all["north"]) != platform.Up || state(all["south"]) != platform.Standby || r.epoch != 1 {
			t.Fatalf("running %v, states %s and %s, epoch %d", c.running, state(all["north"]), state(all["south"]), r.epoch)
		}
		end["north"]()
		time.Sleep(3 * time.Second) // it released the lease: nobody waits for its end
		synctest.Wait()
		if c.only() != "south" || state(all["north"]) != platform.Stopped || r.epoch != 2 {
			t.Fatalf("running %v, epoch %d", c.running, r.epoch)
		}
		end["south"]()
	})
}

func TestANodeThatCannotRenewStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, c := &registry{broken: map[string]bool{}}, &crowd{running: map[string]bool{}}
		all, end := supervisors(t, r, func(node string) platform.Connector { return c.Connector(node, untilTheEnd) }, "north", "south")
		time.Sleep(time.Minute)
		r.cut("north", true)
		time.Sleep(leaseLength + 3*time.Second)
		synctest.Wait()
		if c.only() != "south" || state(all["north"]) != platform.Standby {
			t.Fatalf("running %v (two at once: %v), north is %s", c.running, c.two, state(all["north"]))
		}
		r.cut("north", false)
		time.Sleep(time.Minute)
		synctest.Wait()
		if c.only() != "south" || state(all["north"]) != platform.Standby {
			t.Fatalf("running %v, north is %s", c.running, state(all["north"]))
		}
		end["south"]()
		end["north"]()
	})
}

// A node that hears nothing from the others says at once that it does not own the connection any more.
func TestALostConnectionIsNotShownAsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, c := &registry{broken: map[string]bool{}, deaf: true}, &crowd{running: map[string]bool{}}
		all, end := supervisors(t, r, func(node string) platform.Connector { return c.Connector(node, untilTheEnd) }, "north")
		time.Sleep(time.Minute)
		r.cut("north", true)
		time.Sleep(leaseLength)
		synctest.Wait()
		if got := state(all["north"]); got != platform.Standby {
			t.Errorf("north is %s", got)
		}
		end["north"]()
	})
}

// A short silence costs nothing: the connector runs on.
func TestAShortSilenceIsSurvived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &registry{broken: map[string]bool{}}
		began := 0
		_, end := supervisors(t, r, func(string) platform.Connector {
			return runner(func(ctx context.Context) error { began++; return untilTheEnd(ctx) })
		}, "north")
		for range 20 {
			r.cut("north", true)
			time.Sleep(leaseLength / 4)
			r.cut("north", false)
			time.Sleep(leaseLength)
		}
		synctest.Wait()
		if began != 1 || r.epoch != 1 {
			t.Fatalf("the connector ran %d times, epoch %d", began, r.epoch)
		}
		end["north"]()
	})
}

// Somebody else owned the connection meanwhile: what it heard must be read again, so the connector starts over.
func TestAnotherEpochStartsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &registry{broken: map[string]bool{}}
		began := 0
		_, end := supervisors(t, r, func(string) platform.Connector {
			return runner(func(ctx context.Context) error { began++; return untilTheEnd(ctx) })
		}, "north")
		time.Sleep(time.Minute)
		r.mu.Lock()
		r.epoch += 2
		r.mu.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		if began != 2 {
			t.Fatalf("the connector ran %d times, want 2", began)
		}
		end["north"]()
	})
}

// A node that cannot reach the platform leaves it to one that can.
func TestAFailingNodeHandsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, c := &registry{broken: map[string]bool{}}, &crowd{running: map[string]bool{}}
		_, end := supervisors(t, r, func(node string) platform.Connector {
			if node == "north" {
				return c.Connector(node, func(context.Context) error { return errors.New("no route") })
			}
			return c.Connector(node, untilTheEnd)
		}, "north", "south")
		time.Sleep(time.Minute)
		synctest.Wait()
		if c.only() != "south" {
			t.Fatalf("running %v", c.running)
		}
		end["north"]()
		end["south"]()
	})
}

// Refused credentials are the same on every node: they are not carried from one to the next.
func TestARefusedNodeKeepsTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &registry{broken: map[string]bool{}}
		tries := 0
		all, end := supervisors(t, r, func(string) platform.Connector {
			return runner(func(context.Context) error { tries++; return platform.ErrRefused })
		}, "north", "south")
		time.Sleep(time.Hour)
		synctest.Wait()
		if tries > 25 || state(all["south"]) != platform.Standby || r.epoch != 1 {
			t.Fatalf("%d tries, south is %s, epoch %d", tries, state(all["south"]), r.epoch)
		}
		end["south"]()
		end["north"]()
	})
}
