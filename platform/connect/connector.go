package connect

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

const (
	inboxSize = 256 // messages that wait for the decoder
	batchSize = 128 // messages decoded for one Accept
)

// Connector listens to one Amazon Connect instance. It implements [platform.Connector], [platform.Receiver],
// [platform.Listener] and [platform.DeskController].
type Connector struct {
	cfg  Config
	log  *slog.Logger
	aws  *services
	pace pace

	mu  sync.Mutex
	run *run // the Run under way
}

// pace are the times that tests shorten.
type pace struct {
	poll, shards        time.Duration // between two reads of an idle shard, and two looks for new shards
	throttled           time.Duration // after a read that was one too many
	retry, longestRetry time.Duration
	save                time.Duration // between two changes of the positions
	doubt, silence      time.Duration // how often, and after how long, parts that nothing is heard of are asked about
	patience            time.Duration // of the decoder; 0 is the usual one
	users               time.Duration // how long the start waits for the users' names
}

var _ interface {
	platform.Connector
	platform.Receiver
	platform.Listener
	platform.DeskController
} = (*Connector)(nil)

// Open checks cfg, reads the files that it names and returns a connector that is not connected yet.
func Open(cfg Config, log *slog.Logger) (*Connector, error) {
	if err := cfg.Check(); err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	if cfg.RequestsPerSecond == 0 {
		cfg.RequestsPerSecond = 2
	}
	s, err := openServices(context.Background(), &cfg)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return &Connector{cfg: cfg, log: log, aws: s, pace: pace{
		// Five reads a second and shard are allowed, for all who read the stream together (Kinesis: GetRecords).
		poll: 250 * time.Millisecond, throttled: time.Second, shards: 30 * time.Second, retry: time.Second, longestRetry: 30 * time.Second, save: time.Second,
		doubt: 30 * time.Second, silence: 5 * time.Minute, users: 20 * time.Second,
	}}, nil
}

// heard is one raw message on its way to the decoder.
type heard struct {
	m       platform.Message
	settled func(error) // called once, when everything of it is durable, or with why it will not be; nil when nobody waits
}

// run is one Run of the connector: its sources deliver to one decoder, which delivers to the sink.
type run struct {
	*Connector
	sink    platform.Sink
	decoder *Decoder
	in      chan heard
	parked  map[int64]func(error) // messages of which something waits in the decoder, by their numbers
	tally   *tally
	asker   *asker        // nil when nobody is asked
	done    chan struct{} // closed when nothing more is taken
	users   sync.WaitGroup
}

// Run implements [platform.Connector]. Sources that are lost are taken up again within Run; it ends early only when the sink
// takes nothing more, or when every source refuses us.
func (c *Connector) Run(ctx context.Context, sink platform.Sink) error {
	open, err := sink.Open(ctx)
	if err != nil {
		return fmt.Errorf("connect: open legs: %w", err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := &run{
		Connector: c, sink: sink, in: make(chan heard, inboxSize), parked: map[int64]func(error){}, done: make(chan struct{}),
		decoder: NewDecoder(Options{Platform: c.cfg.Platform, Modes: c.cfg.Campaigns, Variables: c.cfg.Variables, Patience: c.pace.patience}),
	}
	r.decoder.Prime(open)
	r.tally = newTally(sink.Report, cancel)
	if !c.cfg.NoAPI {
		r.asker = newAsker(r)
	}
	c.setRun(r)
	var sources sync.WaitGroup
	err = r.begin(ctx, &sources)
	if err == nil {
		err = r.pump(ctx)
	}
	cancel(err)
	r.settleNone()
	c.setRun(nil)
	close(r.done)
	sources.Wait()
	r.users.Wait()
	c.aws.http.CloseIdleConnections()
	return err
}

// begin starts the sources that are configured.
func (r *run) begin(ctx context.Context, sources *sync.WaitGroup) error {
	var places *places
	if r.cfg.Stream != "" {
		var err error
		if places, err = openPlaces(ctx, r.sink, r.cfg.Stream); err != nil {
			return fmt.Errorf("connect: positions: %w", err)
		}
		r.tally.expect(streamSource)
	}
	if r.cfg.Queue != "" {
		r.tally.expect(queueSource)
	}
	named := make(chan struct{})
	if r.asker != nil {
		sources.Go(func() { r.asker.keep(ctx, named) })
	} else {
		close(named)
	}
	r.tally.begin()
	if places != nil {
		sources.Go(func() { places.keep(ctx, r) })
	}
	sources.Go(func() {
		select { // who the agents are had better be known before anything is told of them
		case <-named:
		case <-time.After(r.pace.users):
		case <-ctx.Done():
			return
		}
		if places != nil {
			sources.Go(func() { newStream(r, places).keep(ctx) })
		}
		if r.cfg.Queue != "" {
			sources.Go(func() { newQueue(r).keep(ctx) })
		}
	})
	return nil
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

// pump decodes what the sources bring, in the order of coming, and passes the events on. While the sink is slow everybody
// waits: nothing is read that cannot be kept.
func (r *run) pump(ctx context.Context) error {
	doubts := time.NewTicker(r.pace.doubt)
	defer doubts.Stop()
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
			err = r.accept(ctx, r.decoder.Flush(time.Now().UTC()), nil)
		case now := <-doubts.C:
			r.asker.doubt(r.decoder.doubts(r.pace.silence, now.UTC()))
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// batch decodes one message and whatever else waits, and makes their events durable together.
func (r *run) batch(ctx context.Context, h heard) error {
	var events []call.Event
	var settled []func(error)
	for n := 1; ; n++ {
		more, err := r.decoder.Decode(h.m)
		if err != nil && h.m.Source == SourceStreams {
			h.settled(foreign(err)) // whose browser it is hears so, and nobody else has to
			h.settled = nil
		} else if err != nil {
			if err := r.sink.Keep(ctx, whole(h.m), err); err != nil {
				return fmt.Errorf("connect: keeping a message: %w", err)
			}
		}
		events = append(events, more...)
		if h.settled != nil {
			if n, waits := r.decoder.held.newest(); waits {
				r.parked[n] = h.settled
			} else {
				settled = append(settled, h.settled)
			}
		}
		if n == batchSize || len(r.in) == 0 {
			break
		}
		h = <-r.in // nobody else reads
	}
	return r.accept(ctx, events, settled)
}

// accept makes events durable, and settles the messages of which nothing waits any more.
func (r *run) accept(ctx context.Context, events []call.Event, settled []func(error)) error {
	r.asker.want(r.decoder.wanted())
	for _, n := range r.decoder.held.takeFreed() {
		if f := r.parked[n]; f != nil {
			settled = append(settled, f)
			delete(r.parked, n)
		}
	}
	var err error
	if len(events) > 0 {
		if err = r.sink.Accept(ctx, events); err != nil {
			err = fmt.Errorf("connect: delivering events: %w", err)
		}
	}
	for _, f := range settled {
		f(err)
	}
	return err
}

var errEnds = errors.New("the connection ends")

// settleNone tells those who wait that the run ends.
func (r *run) settleNone() {
	for _, f := range r.parked {
		f(errEnds)
	}
}

// whole is a message that can be stored whatever it is: text that is not JSON becomes a JSON string.
func whole(m platform.Message) platform.Message {
	m.SetText(m.Message)
	return m
}

func (r *run) message(source string, raw []byte) platform.Message {
	return platform.Message{At: time.Now().UTC(), Connection: r.cfg.Name, Source: source, Message: raw}
}

// deliver hands a message to the decoder; false means that the run ends, and that settled is not called.
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

// settle hands a message on and returns when everything of it is durable.
func (r *run) settle(ctx context.Context, m platform.Message) error {
	if wait := r.hand(ctx, m); wait != nil {
		return wait()
	}
	return errEnds
}

// hand hands a message on. What it returns waits until everything of it is durable; it is nil when the run ends.
func (r *run) hand(ctx context.Context, m platform.Message) (wait func() error) {
	settled := make(chan error, 1)
	if !r.deliver(ctx, heard{m: m, settled: func(err error) { settled <- err }}) {
		return nil
	}
	return func() error {
		select {
		case err := <-settled:
			return err
		case <-r.done:
			return errEnds
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
