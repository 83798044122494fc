package webex

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"cordboard/call"
	"cordboard/platform"
)

// The pace of a connection.
const (
	loginsAtOnce = 16  // subscriptions under way at any moment
	inboxSize    = 256 // messages that wait for the decoder
	batchSize    = 128 // messages decoded for one Accept
)

// Connector listens to the agents of one Webex Contact Center organization. It implements [platform.Connector],
// [platform.Controller] and [platform.Receiver].
type Connector struct {
	cfg    Config
	log    *slog.Logger
	http   *http.Client
	agents map[string]*api
	pace   pace

	mu  sync.Mutex
	run *run // the Run under way
}

// pace are the times that tests shorten.
type pace struct {
	keepalive, silence, retry, longestRetry, refused time.Duration
}

var _ interface {
	platform.Connector
	platform.Controller
	platform.Receiver
} = (*Connector)(nil)

// Open checks cfg, reads the files that it names and returns a connector that is not connected yet.
func Open(cfg Config, log *slog.Logger) (*Connector, error) {
	if cfg.AgentsFile != "" {
		more, err := readAgents(cfg.AgentsFile)
		if err != nil {
			return nil, fmt.Errorf("webex: %w", err)
		}
		cfg.Agents, cfg.AgentsFile = append(cfg.Agents[:len(cfg.Agents):len(cfg.Agents)], more...), ""
	}
	if err := cfg.Check(); err != nil {
		return nil, fmt.Errorf("webex: %w", err)
	}
	if cfg.TokenURL == "" {
		cfg.TokenURL = defaultTokenURL
	}
	tlsCfg, err := platform.TLSConfig(cfg.CAFile)
	if err != nil {
		return nil, fmt.Errorf("webex: %w", err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig, transport.MaxIdleConnsPerHost = tlsCfg, loginsAtOnce
	c := &Connector{
		cfg: cfg, log: log, http: &http.Client{Transport: transport, Timeout: 30 * time.Second}, agents: map[string]*api{},
		// The client's own constants (@webex/contact-center): a keepalive every 4 s, a cut after 16 s of silence.
		pace: pace{keepalive: 4 * time.Second, silence: 16 * time.Second, retry: time.Second, longestRetry: 30 * time.Second, refused: 5 * time.Minute},
	}
	for _, a := range cfg.Agents {
		t := &tokens{http: platform.Rest{Client: c.http, Base: cfg.TokenURL, Limit: maxToken}, id: cfg.ClientID, secret: cfg.ClientSecret, refresh: a.RefreshToken}
		c.agents[a.ID] = &api{http: platform.Rest{Client: c.http, Base: strings.TrimSuffix(cfg.URL, "/"), Limit: maxMessage}, tokens: t}
	}
	return c, nil
}

// heard is one raw message on its way to the decoder.
type heard struct {
	m       platform.Message
	settled chan<- error // told when its events are durable; nil when nobody waits
}

// run is one Run of the connector: its sessions and webhooks deliver to one decoder, which delivers to the sink.
type run struct {
	*Connector
	sink    platform.Sink
	decoder *Decoder
	in      chan heard
	slots   chan struct{}
	tally   *platform.Tally
	done    chan struct{} // closed when nothing more is taken
	users   sync.WaitGroup
}

// Run implements [platform.Connector]. Sessions that are lost are opened again within Run; it ends early only when the sink
// takes nothing more, or when every agent's token was refused.
func (c *Connector) Run(ctx context.Context, sink platform.Sink) error {
	open, err := sink.Open(ctx)
	if err != nil {
		return fmt.Errorf("webex: open legs: %w", err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := &run{
		Connector: c, sink: sink, decoder: NewDecoder(c.mode), in: make(chan heard, inboxSize),
		slots: make(chan struct{}, loginsAtOnce), done: make(chan struct{}),
	}
	r.decoder.Prime(open)
	r.tally = platform.NewTally(len(c.cfg.Agents), sink.Report, cancel)
	c.setRun(r)
	var sessions sync.WaitGroup
	for _, a := range c.cfg.Agents {
		s := &session{run: r, agent: a.ID, api: c.agents[a.ID]}
		sessions.Go(func() { s.keep(ctx) })
	}
	if len(c.cfg.Agents) == 0 {
		sink.Report(platform.Status{State: platform.Up, Detail: "listens to webhooks only"})
	}
	err = r.pump(ctx)
	cancel(err)
	sessions.Wait()
	c.setRun(nil)
	close(r.done)
	r.users.Wait()
	c.http.CloseIdleConnections()
	return err
}

func (c *Connector) setRun(r *run) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.run = r
}

// enter is the Run under way, for a request to use until it calls users.Done; nil while there is none.
func (c *Connector) enter() *run {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.run != nil {
		c.run.users.Add(1)
	}
	return c.run
}

func (c *Connector) mode(campaign string) call.Mode { return c.cfg.Campaigns[campaign] }

// pump decodes what the sessions and webhooks bring, in the order of coming, and passes the events on. While the sink is
// slow everybody waits: nothing is read that cannot be kept.
func (r *run) pump(ctx context.Context) error {
	for {
		var wake <-chan time.Time
		if due := r.decoder.Due(); !due.IsZero() {
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
			err = r.accept(ctx, r.decoder.Flush(time.Now().UTC()))
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// batch decodes one message and whatever else waits, and makes their events durable together.
func (r *run) batch(ctx context.Context, h heard) error {
	var events []call.Event
	var waiting []chan<- error
	for n := 1; ; n++ {
		more, err := r.decoder.Decode(h.m)
		if err != nil {
			if err := r.sink.Keep(ctx, whole(h.m), err); err != nil {
				return fmt.Errorf("webex: keeping a message: %w", err)
			}
		}
		events = append(events, more...)
		if h.settled != nil {
			waiting = append(waiting, h.settled)
		}
		if n == batchSize || len(r.in) == 0 {
			break
		}
		h = <-r.in // nobody else reads
	}
	err := r.accept(ctx, events)
	for _, w := range waiting {
		w <- err
	}
	return err
}

// whole is a message that can be stored whatever it is: text that is not JSON becomes a JSON string.
func whole(m platform.Message) platform.Message {
	m.SetText(m.Message)
	return m
}

func (r *run) accept(ctx context.Context, events []call.Event) error {
	if len(events) == 0 {
		return nil
	}
	if err := r.sink.Accept(ctx, events); err != nil {
		return fmt.Errorf("webex: delivering events: %w", err)
	}
	return nil
}

// deliver hands a message to the decoder; false means that the run ends.
func (r *run) deliver(ctx context.Context, h heard) bool {
	if r.cfg.Tap != nil {
		r.cfg.Tap(h.m)
	}
	select {
	case r.in <- h:
		return true
	case <-ctx.Done():
		return false
	case <-r.done:
		return false
	}
}
