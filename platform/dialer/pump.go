package dialer

import (
	"context"
	"fmt"
	"sync"
	"time"

	"cordboard/call"
	"cordboard/platform"
)

const (
	batchSize  = 256 // messages whose events are stored together
	maxBatches = 8   // that are being stored; more messages wait
	inbox      = 1024
	tick       = time.Minute
)

// pump decodes what comes in the order of coming, and has it stored. What waits together is stored together, and while
// batches are being stored the next one is decoded and follows at once, so that the journal always has its next group at
// hand. Of one call only one batch is on its way: its events are passed in order.
type pump struct {
	r       *run
	decoder *Decoder
	waiting []*delivery         // decoded, not in a batch yet
	batches []*batch            // on their way, in the order in which they left
	busy    map[string]struct{} // the calls that are in them
	stored  chan *batch
	storing sync.WaitGroup
	failed  error // why a batch was not stored; the run ends with it
}

// batch is what is stored together.
type batch struct {
	all  []*delivery
	err  error
	over bool
}

func newPump(r *run, d *Decoder) *pump {
	return &pump{r: r, decoder: d, busy: map[string]struct{}{}, stored: make(chan *batch, maxBatches)}
}

// run works until ctx ends or a batch cannot be stored.
func (p *pump) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer func() {
		cancel()
		p.storing.Wait()
		for len(p.stored) > 0 {
			p.land(<-p.stored)
		}
	}()
	sweep := time.NewTicker(tick)
	defer sweep.Stop()
	for {
		in := p.r.in
		if len(p.waiting) >= batchSize {
			in = nil
		}
		select {
		case <-ctx.Done():
			return nil
		case now := <-sweep.C:
			p.enter(&delivery{settled: make(chan error, 1)}, p.decoder.Flush(now.UTC()))
		case d := <-in:
			p.take(d)
		case b := <-p.stored:
			if p.land(b); b.err != nil {
				return b.err
			}
		}
		for p.send(ctx) {
		}
	}
}

// take decodes a delivery and what else waits.
func (p *pump) take(d *delivery) {
	for d != nil {
		p.decode(d)
		if d = nil; len(p.waiting) < batchSize {
			select {
			case d = <-p.r.in:
			default:
			}
		}
	}
}

// decode adds a delivery with its events to what waits.
func (p *pump) decode(d *delivery) {
	var events []call.Event
	for i, m := range d.messages {
		told, key, err := p.decoder.decode(m)
		if events == nil {
			events = told
		} else {
			events = append(events, told...)
		}
		d.keys = append(d.keys, key)
		if err != nil {
			d.faults = append(d.faults, fault{i, err})
		}
	}
	if d.waits {
		for range events {
			d.started = append(d.started, platform.NewWait())
		}
	}
	p.enter(d, events)
}

func (p *pump) enter(d *delivery, events []call.Event) {
	d.events = events
	for i := range events {
		id := events[i].Of // the call's first id, unless that is its own
		if id == "" {
			id = events[i].Ref
		}
		d.calls = append(d.calls, id)
	}
	p.waiting = append(p.waiting, d)
}

// send lets the next batch go: everything that waits, but for calls that are on their way, and what came after it for the
// same calls. It is false when nothing may go.
func (p *pump) send(ctx context.Context) bool {
	if len(p.waiting) == 0 || len(p.batches) >= maxBatches {
		return false
	}
	b := &batch{}
	rest := p.waiting[:0]
	behind := map[string]struct{}{}
	for _, d := range p.waiting {
		if len(b.all) < batchSize && !d.among(p.busy) && !d.among(behind) {
			b.all = append(b.all, d)
			continue
		}
		rest = append(rest, d)
		for _, id := range d.calls {
			behind[id] = struct{}{}
		}
	}
	clear(p.waiting[len(rest):])
	if p.waiting = rest; len(b.all) == 0 {
		return false
	}
	for _, d := range b.all {
		for _, id := range d.calls {
			p.busy[id] = struct{}{}
		}
	}
	p.batches = append(p.batches, b)
	p.storing.Go(func() {
		b.err = p.r.accept(ctx, b.all)
		p.stored <- b
	})
	return true
}

// among reports whether the delivery tells of one of the calls.
func (d *delivery) among(calls map[string]struct{}) bool {
	if len(calls) == 0 {
		return false
	}
	for _, id := range d.calls {
		if _, ok := calls[id]; ok {
			return true
		}
	}
	return false
}

// land lets the senders of a batch know what became of it, but only when those before it are stored: a message may bring
// nothing because another one, still on its way, brought the same. So nothing is said to be stored that came after what was
// not.
func (p *pump) land(b *batch) {
	b.over = true
	for _, d := range b.all {
		for _, id := range d.calls {
			delete(p.busy, id)
		}
	}
	for len(p.batches) > 0 && p.batches[0].over {
		first := p.batches[0]
		p.batches = p.batches[1:]
		if p.failed == nil {
			p.failed = first.err
		}
		for _, d := range first.all {
			d.settled <- p.failed
		}
	}
}

// accept stores the events of deliveries.
func (r *run) accept(ctx context.Context, all []*delivery) error {
	n, followed := 0, false
	for _, d := range all {
		n, followed = n+len(d.events), followed || len(d.started) > 0
	}
	events := all[0].events
	if len(all) > 1 {
		events = make([]call.Event, 0, n)
		for _, d := range all {
			events = append(events, d.events...)
		}
	}
	var err error
	switch {
	case n == 0:
	case followed:
		err = r.follow.Follow(ctx, events, waitsOf(all, n))
	default:
		err = r.sink.Accept(ctx, events)
	}
	if err != nil {
		return fmt.Errorf("dialer: delivering events: %w", err)
	}
	return nil
}

// waitsOf are the waits of the deliveries' events; nil where nobody waits.
func waitsOf(all []*delivery, events int) []*platform.Wait {
	waits := make([]*platform.Wait, 0, events)
	for _, d := range all {
		if len(d.started) > 0 {
			waits = append(waits, d.started...)
		} else {
			waits = append(waits, make([]*platform.Wait, len(d.events))...)
		}
	}
	return waits
}
