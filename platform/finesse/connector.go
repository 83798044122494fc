package finesse

import (
	"context"
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
)

// Connector listens to the agents of one Finesse site. It implements [platform.Connector] and [platform.Controller].
type Connector struct {
	cfg   Config
	log   *slog.Logger
	nodes *nodes
	pace  pace

	current platform.Current[run]
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

// run is one Run of the connector: its sessions deliver to one pump.
type run struct {
	*Connector
	pump    *platform.Pump
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
	decoder := NewDecoder()
	decoder.Prime(open)
	r := &run{
		Connector: c, slots: make(chan struct{}, loginsAtOnce), tally: platform.NewTally(len(c.cfg.Agents), sink.Report, cancel),
		service: newService(), answers: newAnswers(),
	}
	r.pump = platform.NewPump("finesse", sink, inboxSize, c.cfg.Tap, platform.Decoding{
		Decode: func(h *platform.Heard) ([]call.Event, error) {
			events, notices, err := decoder.decode(h.Message, h.Raw)
			r.take(ctx, notices)
			return events, err
		},
		Due: decoder.due, Flush: decoder.Flush,
	})
	defer c.nodes.closeIdle()
	defer c.current.Begin(r)()
	for i := range c.cfg.Agents {
		s := &session{run: r, agent: &c.cfg.Agents[i], extension: c.cfg.Agents[i].Extension}
		r.wg.Go(func() { s.keep(ctx) })
	}
	err = r.pump.Run(ctx)
	cancel(err)
	r.wg.Wait()
	return err
}

// take hands on what a message brings beside events: answers to orders, and how the site is.
func (r *run) take(ctx context.Context, notices []notice) {
	for i := range notices {
		n := &notices[i]
		r.answers.take(n)
		if n.system != "" && r.service.set(n.system == inService) {
			r.serviceChanged(ctx, n.system == inService)
		}
	}
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
		r.pump.Take(ctx, platform.Heard{Message: r.message("finesse-rest"), Raw: p.body})
		return
	}
}

func (r *run) message(source string) platform.Message {
	return platform.Message{At: time.Now().UTC(), Connection: r.cfg.Name, Source: source}
}
