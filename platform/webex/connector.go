package webex

import (
	"context"
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
)

// Connector listens to the agents of one Webex Contact Center organization. It implements [platform.Connector],
// [platform.Controller] and [platform.Receiver].
type Connector struct {
	cfg    Config
	log    *slog.Logger
	http   *http.Client
	agents map[string]*api
	pace   pace

	current platform.Current[run]
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

// run is one Run of the connector: its sessions and webhooks deliver to one pump.
type run struct {
	*Connector
	pump  *platform.Pump
	slots chan struct{}
	tally *platform.Tally
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
	decoder := NewDecoder(c.mode)
	decoder.Prime(open)
	r := &run{Connector: c, slots: make(chan struct{}, loginsAtOnce), tally: platform.NewTally(len(c.cfg.Agents), sink.Report, cancel)}
	r.pump = platform.NewPump("webex", sink, inboxSize, c.cfg.Tap, platform.Decoding{
		Decode: func(h *platform.Heard) ([]call.Event, error) {
			m := h.Message
			m.Message = h.Raw
			return decoder.Decode(m)
		},
		Due: decoder.Due, Flush: decoder.Flush,
	})
	end := c.current.Begin(r)
	var sessions sync.WaitGroup
	for _, a := range c.cfg.Agents {
		s := &session{run: r, agent: a.ID, api: c.agents[a.ID]}
		sessions.Go(func() { s.keep(ctx) })
	}
	if len(c.cfg.Agents) == 0 {
		sink.Report(platform.Status{State: platform.Up, Detail: "listens to webhooks only"})
	}
	err = r.pump.Run(ctx)
	cancel(err)
	sessions.Wait()
	end()
	c.http.CloseIdleConnections()
	return err
}

func (c *Connector) mode(campaign string) call.Mode { return c.cfg.Campaigns[campaign] }
