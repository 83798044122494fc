package finesse

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"cordboard/call"
	"cordboard/platform"
)

// The pace of a connection.
const (
	loginsAtOnce = 16 // logins and snapshots under way at any moment
	// inboxSize is how many messages wait while the sink takes none, in the order of hearing; beyond it the sessions wait,
	// each for itself, and one agent's feed may run ahead of another's.
	inboxSize = 16384
	batchSize = 128 // messages decoded for one Accept
)

// Connector listens to the agents of one Finesse site. It implements [platform.Connector] and [platform.Controller].
type Connector struct {
	cfg   Config
	log   *slog.Logger
	nodes *nodes
	pace  pace

	mu  sync.Mutex
	run *run // the Run under way
}

// pace are the times that tests shorten.
type pace struct {
	ping, retry, longestRetry, refused, poll time.Duration
}

var _ interface {
	platform.Connector
	platform.Controller
} = (*Connector)(nil)

// Open checks cfg, reads the files that it names and returns a connector that is not connected yet.
func Open(cfg Config, log *slog.Logger) (*Connector, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("finesse: %w", err)
	}
	if cfg.AgentsFile != "" {
		more, err := readAgents(cfg.AgentsFile)
		if err != nil {
			return nil, fmt.Errorf("finesse: %w", err)
		}
		cfg.Agents, cfg.AgentsFile = append(cfg.Agents[:len(cfg.Agents):len(cfg.Agents)], more...), ""
		if err := cfg.Validate(); err != nil {
			return nil, fmt.Errorf("finesse: %w", err)
		}
	}
	tlsCfg, err := platform.TLSConfig(cfg.CAFile)
	if err != nil {
		return nil, fmt.Errorf("finesse: %w", err)
	}
	c := &Connector{cfg: cfg, log: log}
	c.nodes = newNodes(&c.cfg, tlsCfg)
	c.pace = pace{ping: 15 * time.Second, retry: time.Second, longestRetry: 30 * time.Second, refused: 5 * time.Minute, poll: 2 * time.Second}
	return c, nil
}

// heard is one raw message on its way to the decoder.
type heard struct {
	m    platform.Message // without its text
	raw  []byte
	done chan<- struct{} // closed when the events are durable; may be nil
}

// run is one Run of the connector: its sessions deliver to one decoder, which delivers to the sink.
type run struct {
	*Connector
	sink    platform.Sink
	decoder *Decoder
	in      chan heard
	slots   chan struct{}
	tally   *platform.Tally
	service *service
	answers *answers
	wg      sync.WaitGroup
}

// Run implements [platform.Connector]. Sessions that are lost are opened again within Run; it ends early only when the
// sink takes nothing more, or when every agent's password was refused.
func (c *Connector) Run(ctx context.Context, sink platform.Sink) error {
	open, err := sink.Open(ctx)
	if err != nil {
		return fmt.Errorf("finesse: open legs: %w", err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := &run{
		Connector: c, sink: sink, decoder: NewDecoder(),
		in: make(chan heard, inboxSize), slots: make(chan struct{}, loginsAtOnce),
		service: newService(), answers: newAnswers(),
	}
	r.decoder.Prime(open)
	r.tally = platform.NewTally(len(c.cfg.Agents), sink.Report, cancel)
	c.setRun(r)
	defer c.nodes.closeIdle()
	defer c.setRun(nil)
	for i := range c.cfg.Agents {
		s := &session{run: r, agent: &c.cfg.Agents[i], extension: c.cfg.Agents[i].Extension}
		r.wg.Go(func() { s.keep(ctx) })
	}
	err = r.pump(ctx)
	cancel(err)
	r.wg.Wait()
	return err
}

func (c *Connector) setRun(r *run) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.run = r
}

// pump decodes what the sessions hear, in the order of hearing, and passes the events on. While the sink is slow the
// sessions wait: nothing is read that cannot be kept.
func (r *run) pump(ctx context.Context) error {
	for {
		var wake <-chan time.Time
		if due := r.decoder.due(); !due.IsZero() {
			wake = time.After(time.Until(due))
		}
		var err error
		select {
		case <-ctx.Done():
			if cause := context.Cause(ctx); errors.Is(cause, platform.ErrRefused) {
				return cause
			}
			return nil
		case h := <-r.in:
			err = r.batch(ctx, h)
		case <-wake:
			err = r.accept(ctx, r.decoder.Flush(time.Now()))
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// batch decodes one message and whatever else waits, and makes their events durable together.
func (r *run) batch(ctx context.Context, h heard) error {
	var events []call.Event
	var done []chan<- struct{}
	for n := 1; ; n++ {
		more, err := r.decode(ctx, h)
		if err != nil {
			return err
		}
		events = append(events, more...)
		if h.done != nil {
			done = append(done, h.done)
		}
		if n == batchSize {
			break
		}
		select {
		case h = <-r.in:
			continue
		default:
		}
		break
	}
	if err := r.accept(ctx, events); err != nil {
		return err
	}
	for _, d := range done {
		close(d)
	}
	return nil
}

func (r *run) accept(ctx context.Context, events []call.Event) error {
	if len(events) == 0 {
		return nil
	}
	if err := r.sink.Accept(ctx, events); err != nil {
		return fmt.Errorf("finesse: delivering events: %w", err)
	}
	return nil
}

// decode turns one message into events; what cannot be decoded is kept. Its error is the sink's.
func (r *run) decode(ctx context.Context, h heard) ([]call.Event, error) {
	events, notices, err := r.decoder.decode(h.m, h.raw)
	if err != nil {
		h.m.SetText(h.raw)
		if err := r.sink.Keep(ctx, h.m, err); err != nil {
			return nil, fmt.Errorf("finesse: keeping a message: %w", err)
		}
	}
	for i := range notices {
		n := &notices[i]
		r.answers.take(n)
		if n.system != "" && r.service.set(n.system == inService) {
			r.serviceChanged(ctx, n.system == inService)
		}
	}
	return events, nil
}

// serviceChanged follows SystemInfo: while the site is out of service it is asked how it is; when it is back every
// session reads its agent's dialogs anew, because calls within the outage were not told.
func (r *run) serviceChanged(ctx context.Context, up bool) {
	if up {
		r.tally.Out("")
		r.log.Info("finesse is in service again", "connection", r.cfg.Name)
		return
	}
	r.tally.Out("Finesse says that it is out of service")
	r.log.Warn("finesse says it is out of service", "connection", r.cfg.Name)
	r.wg.Go(func() { r.poll(ctx) })
}

func (r *run) poll(ctx context.Context) {
	for r.service.down() && platform.Pause(ctx, r.pace.poll) {
		p, err := r.nodes.inService(ctx, &r.cfg.Agents[0])
		if err != nil {
			continue
		}
		r.deliver(ctx, heard{m: r.message("finesse-rest"), raw: p.body})
		return
	}
}

func (r *run) message(source string) platform.Message {
	return platform.Message{At: time.Now().UTC(), Connection: r.cfg.Name, Source: source}
}

// deliver hands a message to the decoder; false means that the run ends.
func (r *run) deliver(ctx context.Context, h heard) bool {
	if r.cfg.Tap != nil {
		m := h.m
		m.SetText(h.raw)
		r.cfg.Tap(m)
	}
	select {
	case r.in <- h:
		return true
	case <-ctx.Done():
		return false
	}
}
