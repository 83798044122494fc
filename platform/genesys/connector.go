package genesys

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"cordboard/call"
	"cordboard/platform"
)

const inboxSize = 1024 // messages that wait for the decoder

// Connector listens to the agents of one Genesys Cloud org. It implements [platform.Connector],
// [platform.Controller] and [platform.Receiver].
type Connector struct {
	cfg  Config
	log  *slog.Logger
	rest *rest
	pace pace

	current platform.Current[run]
}

// pace are the times that tests shorten.
type pace struct {
	ping                time.Duration // a socket that was silent for so long is asked for a sign of life, and lost after three times
	retry, longestRetry time.Duration
	topics              time.Duration // between two changes of a channel's topics
	overlap             time.Duration // for how long a channel that is replaced is listened to
	renew               time.Duration // after which a channel's subscriptions are renewed
	sweep, silent       time.Duration // how often, and after how long, conversations that nothing is heard of are asked about
}

var _ interface {
	platform.Connector
	platform.Controller
	platform.Receiver
} = (*Connector)(nil)

// Open checks cfg, reads the files that it names and returns a connector that is not connected yet.
func Open(cfg Config, log *slog.Logger) (*Connector, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("genesys: %w", err)
	}
	if cfg.AgentsFile != "" {
		ids, err := readAgents(cfg.AgentsFile)
		if err != nil {
			return nil, fmt.Errorf("genesys: %w", err)
		}
		cfg.Agents, cfg.AgentsFile = append(cfg.Agents[:len(cfg.Agents):len(cfg.Agents)], ids...), ""
		if err := cfg.Validate(); err != nil {
			return nil, fmt.Errorf("genesys: %w", err)
		}
		if len(cfg.Agents) == 0 {
			return nil, errors.New("genesys: agents_file: no agent is listed")
		}
	}
	client, err := newClient(cfg.CAFile)
	if err != nil {
		return nil, fmt.Errorf("genesys: %w", err)
	}
	if cfg.Transport != nil {
		client.Transport = cfg.Transport
	}
	c := &Connector{cfg: cfg, log: log}
	c.rest = &rest{http: platform.Rest{Client: client, Base: strings.TrimRight(cfg.URL, "/"), Limit: maxAnswer}, limit: &limit{}}
	c.rest.tokens = newTokens(cfg.login(), cfg.ClientID, cfg.ClientSecret, client)
	c.pace = pace{
		ping: 20 * time.Second, retry: time.Second, longestRetry: 30 * time.Second, topics: 2 * time.Second,
		overlap: 5 * time.Second, renew: 6 * time.Hour, sweep: time.Minute, silent: 5 * time.Minute,
	}
	return c, nil
}

// run is one Run of the connector: its lines, and what is sent to it, deliver to one pump.
type run struct {
	*Connector
	pump    *platform.Pump
	decoder *Decoder // used by the pump alone
	live    *live
	tally   *tally
	roster  *roster
	names   *names
	slots   chan struct{}
	wg      sync.WaitGroup

	mu    sync.Mutex
	lines []*line
	lined map[string]*line // by agent
}

// Run implements [platform.Connector]. Channels that are lost are opened again within Run; it ends early only when the sink
// takes nothing more, or when the org refuses the client.
func (c *Connector) Run(ctx context.Context, sink platform.Sink) error {
	open, err := sink.Open(ctx)
	if err != nil {
		return fmt.Errorf("genesys: open legs: %w", err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := &run{
		Connector: c, decoder: NewDecoder(), live: newLive(),
		tally: newTally(sink.Report), roster: newRoster(), slots: make(chan struct{}, 4), lined: map[string]*line{},
	}
	r.pump = platform.NewPump("genesys", sink, inboxSize, c.cfg.Tap, platform.Decoding{
		Decode: func(h *platform.Heard) ([]call.Event, error) { return r.decoder.decode(h.Message, h.Raw) },
		Due:    r.decoder.due, Flush: r.decoder.Flush, Stored: r.stored,
	})
	r.names = newNames(r)
	r.decoder.Prime(open)
	for _, o := range open {
		r.live.note(o.Ref, o.Agent, true, time.Now())
	}
	defer c.rest.http.Client.CloseIdleConnections()
	defer c.current.Begin(r)()
	r.wg.Go(func() {
		if err := r.begin(ctx); err != nil {
			cancel(err)
		}
	})
	err = r.pump.Run(ctx)
	cancel(err)
	r.wg.Wait()
	return err
}

// begin finds the agents and keeps a line for each share of them. Its error ends Run.
func (r *run) begin(ctx context.Context) error {
	r.tally.say(platform.Connecting, "")
	var agents []string
	err := r.insist(ctx, func() (err error) {
		if agents, err = r.agents(ctx); err == nil {
			err = r.names.load(ctx, pathCampaigns)
		}
		return err
	})
	if err != nil || ctx.Err() != nil {
		return err
	}
	late := r.names.loadAll(ctx)
	shares := share(agents, !r.cfg.NoDetails)
	r.tally.expect(len(shares))
	var lines sync.WaitGroup
	defer lines.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, len(shares))
	for i, share := range shares {
		l := &line{run: r, n: i, topics: newTopics(share), agents: map[string]bool{}}
		r.add(l, share)
		lines.Go(func() { failed <- l.keep(ctx) })
	}
	lines.Go(func() { r.names.keep(ctx, late) })
	lines.Go(func() { r.sweep(ctx) })
	for range shares {
		if err := <-failed; err != nil {
			return err
		}
	}
	return nil
}

// insist tries until it works, ctx ends, or the org refuses the client.
func (r *run) insist(ctx context.Context, try func() error) error {
	for n := 0; ; n++ {
		err := try()
		switch {
		case err == nil, ctx.Err() != nil:
			return nil
		case errors.Is(err, platform.ErrRefused):
			return err
		}
		r.tally.say(platform.Waiting, err.Error())
		if !platform.Pause(ctx, r.backoff(n)) {
			return nil
		}
		r.tally.say(platform.Connecting, "")
	}
}

func (r *run) add(l *line, agents []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, l)
	for _, a := range agents {
		l.agents[a] = true
		r.lined[a] = l
	}
}

// stored follows which conversations the events begin and end, and asks for the names that the decoder lacks.
func (r *run) stored(events []call.Event) {
	r.names.want(r.decoder.wants())
	now := time.Now()
	for i := range events {
		ev := &events[i]
		began, ended := r.live.note(ev.Ref, ev.Agent, r.decoder.open(ev.Ref), now)
		if !r.cfg.NoDetails {
			r.follow(ev, began, ended)
		}
	}
}

// follow asks for the details of a conversation that began, and gives them back when it has ended.
func (r *run) follow(ev *call.Event, began, ended bool) {
	if !began && !ended {
		return
	}
	r.mu.Lock()
	lines, first := r.lines, r.lined[ev.Agent]
	r.mu.Unlock()
	if ended {
		for _, l := range lines {
			if l.topics.remove(ev.Ref) {
				return
			}
		}
		return
	}
	if first != nil && first.topics.add(ev.Ref) {
		return
	}
	for _, l := range lines {
		if l.topics.add(ev.Ref) {
			return
		}
	}
}

func (r *run) message(source string) platform.Message {
	return platform.Message{At: time.Now().UTC(), Connection: r.cfg.Name, Source: source}
}
