package server

import (
	"sync"
	"time"

	"cordboard/call"
	"cordboard/engine"
)

// feed hands what other nodes told to whoever watches. The zero feed is ready.
type feed struct {
	mu      sync.Mutex
	readers map[chan engine.Change]int // by reader, how many changes it missed
}

// feedBacklog is how many changes of other nodes a reader may lag behind.
const feedBacklog = 256

func (f *feed) watch() (changes chan engine.Change, stop func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.readers == nil {
		f.readers = map[chan engine.Change]int{}
	}
	ch := make(chan engine.Change, feedBacklog)
	f.readers[ch] = 0
	return ch, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.readers, ch)
	}
}

func (f *feed) tell(c engine.Change) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for ch, missed := range f.readers {
		one := c
		one.Missed += missed
		select {
		case ch <- one:
			f.readers[ch] = 0
		default:
			f.readers[ch] = missed + 1 + c.Missed
		}
	}
}

// Watch is like [engine.Engine.Watch], with what other nodes commit.
func (n *news) Watch() (<-chan engine.Change, func()) {
	own, stopOwn := n.own()
	others, stopOthers := n.heard.watch()
	all, over := make(chan engine.Change), make(chan struct{})
	var merging sync.WaitGroup
	merging.Go(func() {
		for {
			var c engine.Change
			select {
			case <-over:
				return
			case c = <-own:
			case c = <-others:
			}
			select {
			case <-over:
				return
			case all <- c:
			}
		}
	})
	return all, sync.OnceFunc(func() {
		close(over)
		merging.Wait()
		stopOwn()
		stopOthers()
	})
}

// recent is what this node committed last, for pages that have come to another node before this one knew. The zero recent
// is ready.
type recent struct {
	all  [2048]committedEvent
	next int
}

type committedEvent struct {
	at    time.Time
	event *call.Event
	state *call.State
}

// recently is how long an event counts as recent.
const recently = 10 * time.Second

func (r *recent) add(ev *call.Event, state *call.State) {
	r.all[r.next%len(r.all)] = committedEvent{time.Now(), ev, state}
	r.next++
}

// each calls do for the recent events of an agent, oldest first.
func (r *recent) each(agent string, do func(*call.Event, *call.State)) {
	for i := max(0, r.next-len(r.all)); i < r.next; i++ {
		c := r.all[i%len(r.all)]
		if c.event.Agent == agent && time.Since(c.at) < recently {
			do(c.event, c.state)
		}
	}
}

// recentKeys knows the events that were told lately: those that a node tells twice are told to pages once.
type recentKeys struct {
	at    map[string]time.Time
	swept time.Time
}

// fresh leaves out what was told before.
func (k *recentKeys) fresh(events []toldEvent) (fresh []toldEvent) {
	now := time.Now()
	if now.Sub(k.swept) > recently {
		k.swept = now
		for key, at := range k.at {
			if now.Sub(at) > 2*worth {
				delete(k.at, key)
			}
		}
	}
	for _, ev := range events {
		key := string(ev.Call) + " " + ev.Key()
		if _, told := k.at[key]; !told {
			k.at[key] = now
			fresh = append(fresh, ev)
		}
	}
	return fresh
}
