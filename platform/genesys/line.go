package genesys

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"cordboard/platform"
)

// line keeps one channel for its share of the agents.
type line struct {
	*run
	n      int
	topics *topics
	agents map[string]bool
	since  time.Time // until when the line heard everything; zero before it was up
	up     bool      // what was missed has been read
}

// keep opens the channel again and again until ctx ends; its error is that the org refuses the client.
func (l *line) keep(ctx context.Context) error {
	for failures := 0; ctx.Err() == nil; failures++ {
		began := time.Now()
		err := l.attempt(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, platform.ErrRefused):
			return err
		case time.Since(began) > l.pace.longestRetry:
			failures = 0
		}
		l.log.Debug("channel lost", "connection", l.cfg.Name, "channel", l.n, "error", err)
		l.tally.set(l.n, platform.Waiting, err)
		platform.Pause(ctx, l.backoff(failures))
	}
	return nil
}

// backoff is the pause after so many failures in a row, drawn so that many who were lost together do not come back together.
func (c *Connector) backoff(failures int) time.Duration {
	wait := min(c.pace.retry<<min(failures, 10), c.pace.longestRetry)
	return wait/2 + rand.N(wait/2+1)
}

// attempt is one life of the line: open a channel, read what was missed, then listen until it is lost. A channel that
// announces its end is replaced meanwhile.
func (l *line) attempt(ctx context.Context) error {
	l.tally.set(l.n, platform.Connecting, nil)
	ctx, cancel := context.WithCancel(ctx)
	var readers sync.WaitGroup
	defer readers.Wait()
	defer cancel()
	e, err := l.open(ctx, &readers)
	if err != nil {
		return err
	}
	defer func() { e.ch.close() }()
	l.tally.set(l.n, platform.Resyncing, nil)
	l.up = false
	synced, since := make(chan error, 1), l.since
	readers.Go(func() { synced <- l.resync(ctx, since) })
	for {
		ends, err := l.serve(ctx, e, synced)
		if !ends {
			if l.up {
				l.since = e.ch.lastHeard()
			}
			return err
		}
		old := e
		next, err := l.open(ctx, &readers)
		if err != nil {
			l.log.Debug("a channel that ends could not be replaced yet", "connection", l.cfg.Name, "channel", l.n, "error", err)
			readers.Go(func() {
				if platform.Pause(ctx, l.pace.retry) {
					old.signal(socketClosing)
				}
			})
			continue
		}
		l.log.Debug("channel replaced", "connection", l.cfg.Name, "channel", l.n)
		readers.Go(func() {
			platform.Pause(ctx, l.pace.overlap)
			old.ch.close()
		})
		e = next
	}
}

// ear listens to one channel.
type ear struct {
	ch      *channel
	signals chan string // what is said about the socket
	lost    chan error
}

// signal passes on what is said about the socket, unless nobody listens to it any more.
func (e *ear) signal(name string) {
	select {
	case e.signals <- name:
	default:
	}
}

// open opens a channel and begins to listen to it.
func (l *line) open(ctx context.Context, readers *sync.WaitGroup) (*ear, error) {
	select {
	case l.slots <- struct{}{}: // not all lines at once
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-l.slots }()
	ch, err := openChannel(ctx, l.rest, l.topics.all())
	if err != nil {
		return nil, err
	}
	if ch.rejected > 0 {
		if ch.rejected >= len(l.agents) && len(l.agents) > 0 {
			ch.close()
			return nil, fmt.Errorf("%w: the topics of all agents: %s", platform.ErrRefused, ch.why)
		}
		l.log.Warn("genesys refuses topics", "connection", l.cfg.Name, "topics", ch.rejected, "why", ch.why)
	}
	l.tally.refused(l.n, ch.rejected, ch.why)
	e := &ear{ch: ch, signals: make(chan string, 8), lost: make(chan error, 1)}
	readers.Go(func() { e.lost <- l.hear(ctx, e) })
	return e, nil
}

// hear passes on what comes by the channel until it is lost.
func (l *line) hear(ctx context.Context, e *ear) error {
	for {
		raw, err := e.ch.read(ctx)
		if err != nil {
			return fmt.Errorf("genesys socket: %w", err)
		}
		switch name := system(raw); name {
		case "":
			if !l.pump.Take(ctx, platform.Heard{Message: l.message(sourceSocket), Raw: raw}) {
				return ctx.Err()
			}
		case heartbeat:
		default:
			e.signal(name)
		}
	}
}

// serve keeps a channel alive until it is lost. Ends means that it is not, but says that it will end soon.
func (l *line) serve(ctx context.Context, e *ear, synced <-chan error) (ends bool, err error) {
	ping, renew := time.NewTicker(l.pace.ping), time.NewTicker(l.pace.renew)
	defer ping.Stop()
	defer renew.Stop()
	var change <-chan time.Time // when topics may be changed again
	for {
		var changed <-chan struct{}
		if change == nil {
			changed = l.topics.changed
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case err := <-e.lost:
			return false, err
		case err := <-synced:
			if err != nil {
				return false, err
			}
			l.up = true
			l.tally.set(l.n, platform.Up, nil)
		case name := <-e.signals:
			switch name {
			case socketClosing:
				return true, nil
			case unsubscribed, tokenRevoked:
				return false, fmt.Errorf("genesys says %s", name)
			}
		case <-changed:
			change = time.After(l.pace.topics)
		case <-change:
			change = nil
			l.change(ctx, e.ch)
		case <-renew.C:
			if err := e.ch.subscribe(ctx, http.MethodPut, l.topics.all()); err != nil {
				return false, err
			}
		case <-ping.C:
			if err := l.alive(ctx, e.ch); err != nil {
				return false, err
			}
		}
	}
}

// alive asks a channel that has been silent for a sign of life, and gives it up when it has not answered twice.
func (l *line) alive(ctx context.Context, ch *channel) error {
	silence := ch.silence()
	if silence > 3*l.pace.ping {
		return fmt.Errorf("genesys socket: silent for %s", silence.Round(time.Millisecond))
	}
	if silence > l.pace.ping/2 {
		return ch.ping(ctx)
	}
	return nil
}

// change tells the org which details are wanted now. What fails is no loss: snapshots tell the same, a moment later.
func (l *line) change(ctx context.Context, ch *channel) {
	topics, replace := l.topics.news()
	if len(topics) == 0 {
		return
	}
	method := http.MethodPost
	if replace {
		method = http.MethodPut
	}
	if err := ch.subscribe(ctx, method, topics); err != nil && ctx.Err() == nil {
		l.log.Debug("details were not subscribed", "connection", l.cfg.Name, "channel", l.n, "error", err)
	}
}
