package workspace

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/coder/websocket"

	"cordboard/call"
	"cordboard/engine"
	"cordboard/platform"
	"cordboard/socket"
)

// Config is what a Workspace needs. Redeem, Watch, Journal and Orders are required.
type Config struct {
	// Redeem returns the agent whose workspace a ticket opens, and voids the ticket; "" for a ticket that is unknown, used
	// or too old. An error means that nobody can say.
	Redeem func(ctx context.Context, ticket string) (agent string, err error)
	// Origins are the pages, as scheme://host[:port], that may open a workspace beside the server's own. They are compared
	// exactly; what is no origin is logged and left out.
	Origins []string
	// Watch is where calls come from: what is committed from now on. The caller ends it with stop.
	Watch func() (changes <-chan engine.Change, stop func())
	// Present, if there is one, is told when an agent's first page has signed in, before the page is answered, and when
	// the last one has gone. It must not block.
	Present func(agent string, here bool)
	// Journal tells which calls are open.
	Journal engine.Stories
	// Orders is where commands go.
	Orders Commander
	// Ping is the pause between two pings of a socket; 0 means 25 s. A page that misses one is closed.
	Ping time.Duration
	// Write is how long one message may take to leave; 0 means 5 s.
	Write time.Duration
	// Log gets what goes wrong; nil discards it.
	Log *slog.Logger
}

// Commander gives orders to connections. It is safe for concurrent use.
type Commander interface {
	// Connections are the names of the connections of a platform that take orders, sorted.
	Connections(p call.Platform) []string
	// Verbs are what the connection of that name can be ordered to do for an agent; none when it does not know the agent.
	Verbs(connection, agent string) []platform.Verb
	// Control passes an order to the connection of that name, one of Connections. An error says, without a customer's
	// data, why the order was not taken.
	Control(ctx context.Context, connection string, c platform.Command) error
}

// Workspace tells pages of their agents' calls and takes their orders. It is safe for concurrent use. Make one with New;
// Run has to run, or nothing is told.
type Workspace struct {
	cfg     Config
	origins socket.Origins
	tally   tally

	mu       sync.Mutex
	clients  map[string][]*client // by agent
	draining bool

	sockets sync.WaitGroup // being served; it grows only while the workspace does not drain
}

// New returns a workspace without pages.
func New(cfg Config) *Workspace {
	if cfg.Ping == 0 {
		cfg.Ping = 25 * time.Second
	}
	if cfg.Write == 0 {
		cfg.Write = 5 * time.Second
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	origins, bad := socket.ParseOrigins(cfg.Origins)
	if len(bad) > 0 {
		cfg.Log.Error("these are no origins of the form https://host[:port] and open no workspace", "origins", bad)
	}
	return &Workspace{cfg: cfg, origins: origins, clients: map[string][]*client{}}
}

// Run tells pages what is committed, until ctx ends.
func (w *Workspace) Run(ctx context.Context) error {
	changes, stop := w.cfg.Watch()
	defer stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case c := <-changes:
			w.publish(c)
		}
	}
}

// publish tells the pages of each event's agent. Each message is made once, and only when somebody is there.
func (w *Workspace) publish(c engine.Change) {
	if c.Missed > 0 {
		pages := 0
		w.each(func(p *client) { pages++; p.socket.Close(CloseMissed, "messages were missed: come back") })
		if pages > 0 {
			w.cfg.Log.Warn("something may not have been told: the pages of workspaces have to come back", "changes", c.Missed, "pages", pages)
		}
	}
	var calls map[call.ID]*call.State
	for i := range c.Events {
		ev := &c.Events[i]
		pages := w.of(ev.Agent)
		if len(pages) == 0 {
			continue
		}
		if calls == nil {
			calls = make(map[call.ID]*call.State, len(c.Calls))
			for j := range c.Calls {
				calls[c.Calls[j].State.ID] = &c.Calls[j].State
			}
		}
		if n, ok := newsOf(ev, calls[ev.Call]); ok {
			for _, p := range pages {
				p.tell(n)
			}
		}
	}
}

// of returns the agent's pages.
func (w *Workspace) of(agent string) []*client {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clients[agent] // never changed, only replaced
}

func (w *Workspace) each(do func(*client)) {
	w.mu.Lock()
	var all []*client
	for _, pages := range w.clients {
		all = append(all, pages...)
	}
	w.mu.Unlock()
	for _, p := range all {
		do(p)
	}
}

// join adds a page that has signed in; a code says why it may not be.
func (w *Workspace) join(p *client) (code websocket.StatusCode, why string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch pages := w.clients[p.agent]; {
	case w.draining:
		return CloseMoving, "the server is stopping"
	case len(pages) >= maxPages:
		return CloseTooMany, "too many workspaces of this agent are open"
	default:
		w.clients[p.agent] = append(pages[:len(pages):len(pages)], p)
		if len(pages) == 0 && w.cfg.Present != nil {
			w.cfg.Present(p.agent, true)
		}
		return 0, ""
	}
}

// leave takes a page out.
func (w *Workspace) leave(p *client) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var rest []*client
	for _, other := range w.clients[p.agent] {
		if other != p {
			rest = append(rest, other)
		}
	}
	if len(rest) == 0 {
		if _, was := w.clients[p.agent]; was && w.cfg.Present != nil {
			w.cfg.Present(p.agent, false)
		}
		delete(w.clients, p.agent)
		return
	}
	w.clients[p.agent] = rest
}

// enter counts a socket in; false means that the workspace takes none any more.
func (w *Workspace) enter() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.draining {
		return false
	}
	w.sockets.Add(1)
	return true
}

// Drain asks every page to come back, takes no new ones, gives up on orders under way, and waits until all sockets are
// closed or ctx ends.
func (w *Workspace) Drain(ctx context.Context) error {
	w.mu.Lock()
	w.draining = true
	w.mu.Unlock()
	w.each(func(p *client) {
		p.socket.Close(CloseMoving, "the server is stopping")
		p.cancel()
	})
	gone := make(chan struct{})
	go func() { w.sockets.Wait(); close(gone) }()
	select {
	case <-gone:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
