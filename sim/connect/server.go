package connect

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"cordboard/sim/scenario"
	"cordboard/sim/stage"

	"cordboard/sim/connect/awsjson"
	"cordboard/sim/connect/sqs"
)

// Server is one simulated Amazon Connect instance with what stands around it. All methods may be called from any goroutine.
type Server struct {
	cfg      Config
	life     *stage.Life
	door     stage.Door
	mux      http.Handler
	bus      *bus
	queue    *sqs.Queue
	queueAPI *awsjson.Service
	records  *recordWriter
	dialer   *dialerFeed
	began    time.Time

	throttled atomic.Int64 // requests of the REST API that were over their quota

	mu        sync.Mutex // guards everything below and all that agents, contacts and calls hold
	agents    []*agent
	users     map[string]*agent // by user name
	campaigns []campaign
	contacts  map[string]*contact
	known     []*contact // oldest first, for forgetting
	dialing   map[*agent]*dialerCall
	orders    []Order
	tokens    map[string]string // client tokens of StartOutboundVoiceContact
	silent    map[*agent]bool   // agents whose CCP does not answer its host
	customers int
	delivery  Delivery
	heard     func(Message)
	random    *rand.Rand
}

// dialerLanes and busLanes are how many messages may be on their way at a time.
const (
	dialerLanes = 16
	busLanes    = 32
)

// New makes an instance. It listens to nothing and sends nothing before Run.
func New(cfg Config) *Server {
	cfg = cfg.withDefaults()
	seed := cfg.Seed
	if seed == 0 {
		seed = rand.Uint64()
	}
	s := &Server{cfg: cfg, began: time.Now().UTC().Truncate(time.Millisecond), users: map[string]*agent{}, campaigns: makeCampaigns(),
		contacts: map[string]*contact{}, dialing: map[*agent]*dialerCall{}, silent: map[*agent]bool{}, tokens: map[string]string{}, random: rand.New(rand.NewPCG(seed, 1))}
	s.life = stage.NewLife("connect", &s.mu)
	s.bus = &bus{random: rand.New(rand.NewPCG(seed, 2)), out: newCourier("Amazon/EventBridge/ApiDestinations", busLanes, cfg.Events, cfg.Log)}
	s.dialer = newDialerFeed(cfg)
	s.records = newRecordWriter(s)
	s.agents = makeAgents(s)
	for _, a := range s.agents {
		s.users[a.username] = a
	}
	s.queue = sqs.New(sqs.Config{URL: s.queueURL(), ARN: "arn:aws:sqs:" + cfg.Region + ":" + cfg.Account + ":" + queueName})
	s.queueAPI, s.bus.queue = s.queue.Handler(), s.queue.Send
	s.mux = s.routes()
	return s
}

// Handler serves everything for those who have their own HTTP server. What is sent by the simulator itself needs Run.
func (s *Server) Handler() http.Handler { return s.mux }

// Listen binds the address, so that Ready can tell it before Run serves it. It does nothing the second time.
func (s *Server) Listen() error {
	if err := s.door.Listen(s.cfg.Listener, s.cfg.Addr); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	return nil
}

// Run serves and sends until ctx ends, then breaks all connections and returns when nothing of the server runs any more. It
// returns nil, or why it could not serve. A server runs once.
func (s *Server) Run(ctx context.Context) error {
	if err := s.Listen(); err != nil {
		return err
	}
	web := &http.Server{Handler: s.mux, ReadHeaderTimeout: 10 * time.Second}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := web.Serve(s.door.Listener()); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error { return s.bus.out.run(ctx, s.client(busLanes)) })
	group.Go(func() error { return s.dialer.out.run(ctx, s.client(dialerLanes)) })
	group.Go(func() error { return s.dialer.socket.run(ctx, s) })
	group.Go(func() error { return s.records.run(ctx, s.client(1)) })
	group.Go(func() error { return s.heartBeats(ctx) })
	group.Go(func() error {
		<-ctx.Done()
		_ = web.Close()
		s.Close()
		return nil
	})
	return group.Wait()
}

// client is one for so many requests at a time to one host. It asks no proxy, and has its own copy of the TLS settings: a
// transport writes into them.
func (s *Server) client(connections int) *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost, t.Proxy, t.TLSClientConfig = connections, nil, s.cfg.TLS.Clone()
	return &http.Client{Transport: t}
}

// Close stops all timers and scripts and waits until nothing of the server runs. Run calls it by itself.
func (s *Server) Close() {
	s.queue.Close()
	s.life.End(func() {
		for _, a := range s.agents {
			for p := range a.pages {
				p.end()
			}
		}
	})
}

// heartBeats looks every second for agents of whom the stream has not told for long.
func (s *Server) heartBeats(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			s.beat(now.UTC().Truncate(time.Millisecond))
		}
	}
}

// Ready is what a client needs to know, for the line that the command prints: url (the base of every service's endpoint), region,
// account, instance_id and instance_arn, access_key_id and secret_access_key for signing, campaigns (ids by mode), agents (how
// many, the first and the last user name and ARN), stream, stream_arn and stream_endpoint of the agent event stream, queue_url of
// the contact events, ccp_url (to which an agent's page adds ?agent=NAME), and scripts. It is nil before Listen.
func (s *Server) Ready() map[string]any {
	url := s.door.URL()
	if url == "" {
		return nil
	}
	campaigns := map[string]string{}
	for _, c := range s.campaigns {
		campaigns[c.mode] = c.id
	}
	first, last := s.agents[0], s.agents[len(s.agents)-1]
	return map[string]any{
		"simulator": "connect", "url": url, "region": s.cfg.Region, "account": s.cfg.Account,
		"instance_id": s.cfg.Instance, "instance_arn": s.arn(""), "access_key_id": s.cfg.AccessKey, "secret_access_key": s.cfg.Secret,
		"campaigns": campaigns, "stream": s.cfg.Stream.Name, "stream_arn": s.streamARN(), "stream_endpoint": or(s.cfg.Stream.Endpoint, url),
		"queue_url": s.queueURL(), "ccp_url": url + "/ccp-v2/",
		"agents":  map[string]any{"count": len(s.agents), "first": first.username, "last": last.username, "first_arn": first.arn(), "last_arn": last.arn()},
		"scripts": scenario.Names(Scripts()),
	}
}

// arn names something of the instance; "" is the instance itself.
func (s *Server) arn(rest string) string {
	arn := "arn:aws:connect:" + s.cfg.Region + ":" + s.cfg.Account + ":instance/" + s.cfg.Instance
	if rest != "" {
		arn += "/" + rest
	}
	return arn
}

// uuid makes up an id. It runs under Server.mu.
func (s *Server) uuid() string {
	hi, lo := s.random.Uint64(), s.random.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", hi>>32, hi>>16&0xffff, hi&0xfff, lo>>48&0x3fff|0x8000, lo&0xffffffffffff)
}

// remember makes a contact known to the API; the oldest that are finished are forgotten.
func (s *Server) remember(n *contact) {
	s.contacts[n.id] = n
	s.known = append(s.known, n)
	for tries := 10; len(s.known) > s.cfg.Keep && tries > 0; tries-- {
		oldest := s.known[0]
		s.known[0] = nil
		s.known = s.known[1:]
		if oldest.agent != nil && oldest.t.cleared.IsZero() {
			s.known = append(s.known, oldest) // somebody still has it
			continue
		}
		delete(s.contacts, oldest.id)
	}
}

func (s *Server) campaignNamed(name string) *campaign {
	for i := range s.campaigns {
		if s.campaigns[i].name == name {
			return &s.campaigns[i]
		}
	}
	return nil
}
