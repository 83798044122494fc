package desk

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"cordboard/platform"
	"cordboard/screen"
	"cordboard/socket"
)

// Hub knows every agent's desk: the tabs on this node, and on which other nodes an agent has some. It implements [screen.Screen]. It is safe for concurrent use.
type Hub struct {
	cfg     Config
	origins socket.Origins
	epoch   string
	born    time.Time
	out     *outbox // to other nodes

	mu       sync.Mutex
	desks    map[string]*agentDesk
	draining bool

	pictures map[PictureOutcome]*atomic.Int64
	pages    *counters[PageOutcome]
	refusals *counters[Refused]

	sockets sync.WaitGroup // being served; it grows only while the hub does not drain
}

// Config is what a Hub needs. The zero value of every field has a sensible meaning.
type Config struct {
	// Redeem returns the agent whose desk a ticket opens. It fails with ErrTicket, or with another error when nobody
	// can say. Required.
	Redeem func(ctx context.Context, ticket string) (agent string, err error)
	// Origins are the pages, as scheme://host[:port], that may open a desk beside the server's own. The same list
	// makes the frame-ancestors of the desk's pages. They are compared exactly; what is no origin is logged and left
	// out.
	Origins []string
	// Hear takes what the platform's own client shows in an agent's browser, in the order of the calls; durable then waits
	// until it is durable, or ctx ends. It fails with [platform.ErrForeign] when nobody takes such a thing. nil refuses all.
	Hear func(ctx context.Context, agent string, picture json.RawMessage) (durable func() error, err error)
	// SignIn is where the panel lets agents sign in; "" when somebody else says who they are.
	SignIn string
	// Order carries out what an agent asks a platform for. It ends with ctx, when the tab is gone. Its error says why the order
	// was not taken, as a *[Refusal] with the reason. nil refuses all.
	Order func(ctx context.Context, agent string, o Order) error
	// Pages, if there are any, hear of calls and act on them beside the panel.
	Pages *Pages
	// Arrived is told when a desk of an agent has come to this node or another: it may know nothing yet. It must not block;
	// nil when nobody wants to know.
	Arrived func(agent string)
	// Relay reaches the desks of other nodes; nil when there are none. With it Run has to run.
	Relay Relay
	// Grace is how long after an agent's last tab went, or after this hub was made, a pop still waits for a desk to
	// come back; 0 means 60 s.
	Grace time.Duration
	// Ping is the pause between two pings of a socket; 0 means 25 s. A tab that misses one is closed.
	Ping time.Duration
	// Write is how long one message may take to leave; 0 means 5 s.
	Write time.Duration
	// Log gets what goes wrong; nil discards it.
	Log *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// NewHub returns a hub without desks.
func NewHub(cfg Config) *Hub {
	if cfg.Grace == 0 {
		cfg.Grace = time.Minute
	}
	if cfg.Ping == 0 {
		cfg.Ping = 25 * time.Second
	}
	if cfg.Write == 0 {
		cfg.Write = 5 * time.Second
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Order == nil {
		cfg.Order = noOrders
	}
	if cfg.Arrived == nil {
		cfg.Arrived = func(string) {}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Hear == nil {
		cfg.Hear = func(context.Context, string, json.RawMessage) (func() error, error) { return nil, platform.ErrForeign }
	}
	origins, bad := socket.ParseOrigins(cfg.Origins)
	if len(bad) > 0 {
		cfg.Log.Error("these are no origins of the form https://host[:port] and open no desk", "origins", bad)
	}
	return &Hub{
		cfg: cfg, origins: origins, epoch: rand.Text(), born: cfg.Now(), out: newOutbox(), desks: map[string]*agentDesk{},
		pictures: map[PictureOutcome]*atomic.Int64{PictureStored: {}, PictureBusy: {}, PictureRefused: {}},
		pages:    newCounters(PageTaken, PageRefused, PageIgnored, PageMalformed, PageOversized, PageForeign),
		refusals: newCounters(RefusedOrigin, RefusedTicket, RefusedMalformed, RefusedOversized),
	}
}

// desk returns the agent's desk and makes it when there is none yet.
func (h *Hub) desk(agent string) *agentDesk {
	h.mu.Lock()
	defer h.mu.Unlock()
	d := h.desks[agent]
	if d == nil {
		d = &agentDesk{hub: h, agent: agent, pops: map[string]*popping{}}
		h.desks[agent] = d
	}
	return d
}

// Show implements [screen.Screen].
func (h *Hub) Show(ctx context.Context, agent string, p screen.Pop) (screen.Receipt, error) {
	d := h.desk(agent)
	w, receipt := d.begin(p)
	if w == nil {
		return receipt, nil
	}
	timer := time.NewTimer(p.Until.Sub(h.cfg.Now()))
	defer timer.Stop()
	var nudge <-chan time.Time
	if h.cfg.Relay != nil {
		ticker := time.NewTicker(askAgain)
		defer ticker.Stop()
		nudge = ticker.C
	}
	for {
		select {
		case <-w.done:
			return w.receipt, nil
		case <-timer.C:
			return d.expire(w), nil
		case <-ctx.Done():
			return screen.Receipt{}, ctx.Err()
		case <-nudge:
			d.nudge(w)
		}
	}
}

// SetState makes state the newest thing that the agent's panel shows, and sends it to all of the agent's tabs. The
// package's comment has its shape. state is kept as it is and must not be changed afterwards. One that is the same as the
// last is not sent again.
func (h *Hub) SetState(agent string, state json.RawMessage) { h.desk(agent).setState(state) }

// Tab is one open browser tab, as pages show it.
type Tab struct {
	Agent  string    `json:"agent"`
	Tab    string    `json:"tab"`
	Host   string    `json:"host"`
	Leader bool      `json:"leader"`
	Since  time.Time `json:"since"`
}

// Tabs lists every open tab of this node.
func (h *Hub) Tabs() []Tab {
	var all []Tab
	h.each(func(d *agentDesk) { all = append(all, d.list()...) })
	return all
}

// Drain asks every tab to come back (to this node's successor, or to another node), takes no new ones, and waits until
// all sockets are closed or ctx ends.
func (h *Hub) Drain(ctx context.Context) error {
	h.mu.Lock()
	h.draining = true
	for _, d := range h.desks {
		d.drain()
	}
	h.mu.Unlock()
	gone := make(chan struct{})
	go func() { h.sockets.Wait(); close(gone) }()
	select {
	case <-gone:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// enter counts a socket in; false means that the hub takes none any more.
func (h *Hub) enter() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.draining {
		return false
	}
	h.sockets.Add(1)
	return true
}

func (h *Hub) isDraining() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.draining
}
