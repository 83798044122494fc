package connect

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"cordboard/platform"
)

// ended is the place of a shard that was read to its end. since begins the place of one that is read from a time on.
const (
	ended = "end"
	since = "since "
)

// places are how far the shards of a stream were read, by shard: the sequence number of the newest record before which
// everything is durable. They are saved now and then and at the end: what was read after that is read again, and tells
// nothing new. It is safe for concurrent use.
type places struct {
	stored platform.Positions // nil when nobody remembers
	prefix string

	mu      sync.Mutex
	at      map[string]string
	changed map[string]string
}

func openPlaces(ctx context.Context, sink platform.Sink, stream string) (*places, error) {
	p := &places{stored: platform.PositionsOf(sink), prefix: "kinesis/" + lastPart(stream) + "/", at: map[string]string{}, changed: map[string]string{}}
	if p.stored == nil {
		return p, nil
	}
	all, err := p.stored.Positions(ctx)
	if err != nil {
		return nil, err
	}
	for name, at := range all {
		if shard, ok := strings.CutPrefix(name, p.prefix); ok {
			p.at[shard] = at
		}
	}
	return p, nil
}

// fresh reports whether nothing was ever read of the stream.
func (p *places) fresh() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.at) == 0
}

func (p *places) get(shard string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at[shard]
}

// set moves a shard's place; "" forgets the shard.
func (p *places) set(shard, at string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.at[shard] == at {
		return
	}
	p.changed[p.prefix+shard] = at
	if p.at[shard] = at; at == "" {
		delete(p.at, shard)
	}
}

// forget drops the places of shards that are not there any more.
func (p *places) forget(there map[string]bool) {
	p.mu.Lock()
	known := maps.Clone(p.at)
	p.mu.Unlock()
	for shard := range known {
		if !there[shard] {
			p.set(shard, "")
		}
	}
}

// save makes what changed durable.
func (p *places) save(ctx context.Context) error {
	p.mu.Lock()
	changed := p.changed
	p.changed = map[string]string{}
	p.mu.Unlock()
	if p.stored == nil || len(changed) == 0 {
		return nil
	}
	err := p.stored.SetPositions(ctx, changed)
	if err != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		for name, at := range changed { // for the next time, unless it has changed again
			if _, again := p.changed[name]; !again {
				p.changed[name] = at
			}
		}
		return fmt.Errorf("positions: %w", err)
	}
	return nil
}

// lastSave is how long the last save may take.
const lastSave = 2 * time.Second

// keep saves now and then until ctx ends, and once more then.
func (p *places) keep(ctx context.Context, r *run) {
	tick := time.NewTicker(r.pace.save)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSave)
			defer cancel()
			if err := p.save(last); err != nil {
				r.log.Warn("positions of the stream are not saved: the next start reads a little again", "connection", r.cfg.Name, "error", err)
			}
			return
		}
		if err := p.save(ctx); err != nil && ctx.Err() == nil {
			r.log.Warn("positions of the stream are not saved", "connection", r.cfg.Name, "error", err)
		}
	}
}

// sequence follows the records of a shard that are on their way: its place moves to a record when that and everything before
// it is durable. It is safe for concurrent use.
type sequence struct {
	mu    sync.Mutex
	line  []*onTheWay
	moved func(at string)
}

type onTheWay struct {
	at   string
	done bool
}

// add puts a record at the end of the line; the returned func is told what became of it.
func (s *sequence) add(at string) (settled func(error)) {
	w := &onTheWay{at: at}
	s.mu.Lock()
	s.line = append(s.line, w)
	s.mu.Unlock()
	return func(err error) {
		if err != nil {
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		w.done = true
		at := ""
		for len(s.line) > 0 && s.line[0].done {
			at, s.line = s.line[0].at, s.line[1:]
		}
		if at != "" {
			s.moved(at)
		}
	}
}

// empty reports whether nothing is on its way.
func (s *sequence) empty() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.line) == 0
}
