package platform

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"cordboard/call"
)

// Heard is one raw message on its way to a connector's decoder.
type Heard struct {
	// Message says where it comes from. Its text is Raw.
	Message
	Raw []byte
	// With is what was heard while the message was on its way, such as notifications while a snapshot was read: it is decoded
	// after the message, and what they tell together is delivered at once, in the order of the moments' times.
	With []Heard
	// Settled is told, once, when everything that the message brought is durable (nil), or why it is not. It is nil when
	// nobody waits; it must not block.
	Settled func(error)
}

// Whole is the message with its text, fit to be stored whatever that is.
func (h *Heard) Whole() Message {
	m := h.Message
	m.SetRaw(h.Raw)
	return m
}

// Decoding is what a pump needs of a connector's decoder. The pump calls one of its funcs at a time.
type Decoding struct {
	// Decode returns the events of a message. An error means that it could not be understood: it is kept, and the events
	// that came before the fault are delivered.
	Decode func(h *Heard) ([]call.Event, error)
	// Due is when Flush has something to say; the zero time means that it has nothing. Flush returns it.
	Due   func() time.Time
	Flush func(now time.Time) []call.Event
	// Stored, where it is not nil, hears of every delivery once it is durable, also of one without events: what was
	// decoded may have changed what the connector wants to know.
	Stored func(events []call.Event)
}

// Pump takes what the sources of a connector hear, decodes it in the order of hearing, and delivers the events to the sink.
// What waits together is delivered together. While the sink takes nothing everybody waits: nothing is read that cannot be
// kept. Make one with NewPump; Run runs it once, the other methods are safe for concurrent use.
type Pump struct {
	room   string
	sink   Sink
	decode Decoding
	tap    func(Message)
	in     chan Heard
	over   chan struct{} // closed when nothing more is taken
}

// pumpBatch is how many messages are decoded for one delivery.
const pumpBatch = 128

// NewPump returns a pump between the sources of a connector and sink. Room names the connector in errors; size is how many
// messages may wait, in the order of hearing; beyond it each source waits for itself. Tap, where it is not nil, sees every
// message before it is decoded.
func NewPump(room string, sink Sink, size int, tap func(Message), decode Decoding) *Pump {
	return &Pump{room: room, sink: sink, decode: decode, tap: tap, in: make(chan Heard, size), over: make(chan struct{})}
}

// ErrEnds says that a connection takes nothing more: its Run ends.
var ErrEnds = errors.New("the connection ends")

// Run decodes and delivers until ctx ends, and then returns nil, or the cause where that is [ErrRefused]. It returns early
// with the sink's error when that takes nothing more. What still waits then is not decoded, and its senders hear ErrEnds
// from Settle.
func (p *Pump) Run(ctx context.Context) error {
	defer close(p.over)
	for {
		var wake <-chan time.Time
		if due := p.decode.Due(); !due.IsZero() {
			wake = time.After(time.Until(due))
		}
		var err error
		select {
		case <-ctx.Done():
			if cause := context.Cause(ctx); errors.Is(cause, ErrRefused) {
				return cause
			}
			return nil
		case h := <-p.in:
			err = p.batch(ctx, h)
		case <-wake:
			err = p.deliver(ctx, p.decode.Flush(time.Now().UTC()))
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// batch decodes one message and whatever else waits, and makes their events durable together.
func (p *Pump) batch(ctx context.Context, h Heard) error {
	var events []call.Event
	var settled []func(error)
	var err error
	for n := 1; ; n++ {
		if h.Settled != nil {
			settled = append(settled, h.Settled)
		}
		var more []call.Event
		if more, err = p.decodeAll(ctx, &h); err != nil {
			break
		}
		if events == nil {
			events = more
		} else {
			events = append(events, more...)
		}
		if n == pumpBatch || len(p.in) == 0 {
			break
		}
		h = <-p.in // nobody else reads
	}
	if err == nil {
		err = p.deliver(ctx, events)
	}
	for _, tell := range settled {
		tell(err)
	}
	return err
}

// decodeAll decodes a message with all that was heard with it, and keeps what cannot be understood.
func (p *Pump) decodeAll(ctx context.Context, h *Heard) ([]call.Event, error) {
	events, fault := p.decode.Decode(h)
	if fault != nil {
		if err := p.sink.Keep(ctx, h.Whole(), fault); err != nil {
			return nil, fmt.Errorf("%s: keeping a message: %w", p.room, err)
		}
	}
	if len(h.With) == 0 {
		return events, nil
	}
	for i := range h.With {
		more, err := p.decodeAll(ctx, &h.With[i])
		if err != nil {
			return nil, err
		}
		events = append(events, more...)
	}
	slices.SortStableFunc(events, func(a, b call.Event) int { return a.At.Compare(b.At) })
	return events, nil
}

func (p *Pump) deliver(ctx context.Context, events []call.Event) error {
	if len(events) > 0 {
		if err := p.sink.Accept(ctx, events); err != nil {
			return fmt.Errorf("%s: delivering events: %w", p.room, err)
		}
	}
	if p.decode.Stored != nil {
		p.decode.Stored(events)
	}
	return nil
}

// Take hands a message over, and waits while there is no room for it. It is false when ctx or the pump's Run ends; Settled
// is not called then.
func (p *Pump) Take(ctx context.Context, h Heard) bool {
	if p.tap != nil {
		p.tap(h.Whole())
		for i := range h.With {
			p.tap(h.With[i].Whole())
		}
	}
	select {
	case p.in <- h:
		return true
	case <-ctx.Done():
		return false
	case <-p.over:
		return false
	}
}

// Settle hands messages over, in their order, and returns nil when everything of all of them is durable. Otherwise it
// may be, or not: the sink's error, that of ctx, or ErrEnds says why nobody knows.
func (p *Pump) Settle(ctx context.Context, all ...Heard) error {
	settled := make(chan error, len(all))
	for _, h := range all {
		h.Settled = func(err error) { settled <- err }
		if !p.Take(ctx, h) {
			return p.why(ctx)
		}
	}
	for range all {
		select {
		case err := <-settled:
			if err != nil {
				return err
			}
		case <-p.over:
			return ErrEnds
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// why says why nothing was taken.
func (p *Pump) why(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return ErrEnds
}
