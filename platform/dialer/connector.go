package dialer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"cordboard/call"
	"cordboard/platform"
)

// Connector takes in what one dialer sends. It implements [platform.Connector] and [platform.Receiver].
type Connector struct {
	cfg   Config
	doors doors
	log   *slog.Logger

	mu      sync.Mutex
	run     *run // the Run under way
	sockets int
}

var _ interface {
	platform.Connector
	platform.Receiver
} = (*Connector)(nil)

// Open checks cfg and returns a connector that takes nothing before Run.
func Open(cfg Config, log *slog.Logger) (*Connector, error) {
	d, err := cfg.doors()
	if err := errors.Join(err, cfg.Check()); err != nil {
		return nil, fmt.Errorf("dialer: %w", err)
	}
	return &Connector{cfg: cfg, doors: d, log: log}, nil
}

// errClosed means that nothing is taken on this node, now.
var errClosed = errors.New("dialer: the connection is not running on this node")

// run is one Run of the connector: what requests and sockets bring goes through one decoder to the sink, in order.
type run struct {
	sink   platform.Sink
	follow platform.Follower // nil when the sink cannot tell what became of events
	in     chan *delivery
	done   chan struct{} // closed when nothing more is taken
	users  sync.WaitGroup
}

// delivery is what one request or frame brings.
type delivery struct {
	messages []platform.Message
	size     int64    // of a frame
	keys     []string // what the sender calls each message
	faults   []fault  // of the messages that could not be decoded
	settled  chan error
	waits    bool // the sender waits for what the events start
	started  []*platform.Wait

	events []call.Event
	calls  []string // the first ids of the calls that the events are of
}

// fault is why a message could not be decoded.
type fault struct {
	n   int // of the message
	err error
}

// Run implements [platform.Connector]: it takes messages in until ctx ends or the sink takes nothing more.
func (c *Connector) Run(ctx context.Context, sink platform.Sink) error {
	open, err := sink.Open(ctx)
	if err != nil {
		return fmt.Errorf("dialer: open legs: %w", err)
	}
	decoder := newDecoder(c.cfg.Variables, c.cfg.Events)
	decoder.Prime(open)
	r := &run{sink: sink, follow: platform.FollowerOf(sink), in: make(chan *delivery, inbox), done: make(chan struct{})}
	c.begin(r)
	err = newPump(r, decoder).run(ctx)
	c.end(r)
	return err
}

func (c *Connector) begin(r *run) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.run = r
	c.report()
}

// end turns away who comes and who waits, and waits until nobody uses the run any more.
func (c *Connector) end(r *run) {
	c.mu.Lock()
	c.run = nil
	close(r.done)
	c.mu.Unlock()
	r.users.Wait()
}

// enter is the Run under way, for a request to use until it calls leave; nil while there is none.
func (c *Connector) enter() *run {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.run != nil {
		c.run.users.Add(1)
	}
	return c.run
}

// count notes that a socket was opened or closed.
func (c *Connector) count(change int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sockets += change
	if c.run != nil {
		c.report()
	}
}

// report tells how many sockets there are; the caller holds the lock.
func (c *Connector) report() {
	detail := "listens; no socket is open"
	if c.sockets > 0 {
		detail = fmt.Sprintf("listens; sockets open: %d", c.sockets)
	}
	c.run.sink.Report(platform.Status{State: platform.Up, Detail: detail})
}

// submit hands a delivery to the pump; it fails when the run ends first.
func (r *run) submit(d *delivery) error {
	select {
	case r.in <- d:
		return nil
	case <-r.done:
		return errClosed
	}
}

// settle waits until a submitted delivery is durable: its events, and the messages that could not be decoded.
func (r *run) settle(ctx context.Context, d *delivery) error {
	select {
	case err := <-d.settled:
		if err != nil {
			return err
		}
	case <-r.done:
		select { // it may have been in the last batch
		case err := <-d.settled:
			if err != nil {
				return err
			}
		default:
			return errClosed
		}
	}
	for _, f := range d.faults {
		if err := r.sink.Keep(ctx, whole(d.messages[f.n]), f.err); err != nil {
			return fmt.Errorf("dialer: keeping a message: %w", err)
		}
	}
	return nil
}

// outlast waits until every step that a delivery's events started is over. It is false when that takes longer than the
// sender waits, or the run ends: the steps go on.
func (r *run) outlast(ctx context.Context, d *delivery) (ends platform.Ends, over bool) {
	for i, w := range d.started {
		select {
		case e := <-w.Over():
			ends.Done, ends.Skipped, ends.Dead = ends.Done+e.Done, ends.Skipped+e.Skipped, ends.Dead+e.Dead
			continue
		case <-ctx.Done():
		case <-r.done:
		}
		for _, w := range d.started[i:] {
			w.Leave()
		}
		return ends, false
	}
	return ends, true
}
