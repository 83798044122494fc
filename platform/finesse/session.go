package finesse

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"cordboard/platform"
)

// loginTime bounds one login with its snapshot.
const loginTime = time.Minute

// session keeps one agent's XMPP session.
type session struct {
	*run
	agent     *Agent
	extension string
}

// keep opens the session again and again until ctx ends.
func (s *session) keep(ctx context.Context) {
	failures := 0
	refusals := 0
	for ctx.Err() == nil {
		began := time.Now()
		err := s.attempt(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > s.pace.longestRetry {
			failures = 0
		}
		failures++
		wait := min(s.pace.retry<<min(failures-1, 10), s.pace.longestRetry)
		state := platform.Waiting
		if errors.Is(err, platform.ErrRefused) {
			state, wait = platform.Refused, s.pace.refused
			if refusals++; refusals == 1 {
				s.log.Warn("agent refused by finesse", "connection", s.cfg.Name, "agent", s.agent.ID, "error", err)
			}
		} else {
			refusals = 0
			s.log.Debug("session lost", "connection", s.cfg.Name, "agent", s.agent.ID, "error", err)
		}
		s.tally.Set(s.agent.ID, state, err)
		if !platform.Pause(ctx, wait/2+rand.N(wait/2+1)) {
			return
		}
	}
}

// attempt is one life of the session: log in, read the snapshot, then pass on what comes until it is lost.
func (s *session) attempt(ctx context.Context) error {
	release, err := s.slot(ctx)
	if err != nil {
		return err
	}
	defer release()
	s.tally.Set(s.agent.ID, platform.Connecting, nil)
	login, cancel := context.WithTimeout(ctx, loginTime)
	defer cancel()
	p, err := s.nodes.inService(login, s.agent)
	if err != nil {
		return err
	}
	x, err := s.open(login, p)
	if err != nil {
		return err
	}
	l := &line{session: s, x: x, p: p, inbox: make(chan platform.Heard, 16), lost: make(chan error, 1), back: s.service.back()}
	var reading sync.WaitGroup
	defer reading.Wait()
	defer x.w.close()
	reader, stop := context.WithCancel(ctx)
	defer stop()
	reading.Go(func() { l.read(reader) })
	s.tally.Set(s.agent.ID, platform.Resyncing, nil)
	if err := l.begin(login); err != nil {
		return err
	}
	s.tally.Set(s.agent.ID, platform.Up, nil)
	cancel()
	release()
	return l.serve(ctx)
}

// open logs in and asks for notifications.
func (s *session) open(ctx context.Context, p place) (*xmpp, error) {
	x, err := s.nodes.dial(ctx, p, s.agent)
	if err != nil {
		return nil, err
	}
	if s.cfg.Subscribe {
		for _, node := range s.watched() {
			if err := x.subscribe(ctx, p.info.pubsub, node, true); err != nil {
				x.w.close()
				return nil, err
			}
		}
	}
	if err := x.presence(ctx, p.info.domain); err != nil {
		x.w.close()
		return nil, err
	}
	return x, nil
}

// watched are the nodes that Finesse subscribes a signed-in user to by itself.
func (s *session) watched() []string {
	user := "/finesse/api/User/" + s.agent.ID
	return []string{user, user + "/Dialogs", "/finesse/api/SystemInfo"}
}

// slot waits for leave to log in: a site that comes back is not stormed by all its agents at once.
func (s *session) slot(ctx context.Context) (release func(), err error) {
	select {
	case s.slots <- struct{}{}:
		return sync.OnceFunc(func() { <-s.slots }), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// line is one life of a session.
type line struct {
	*session
	x     *xmpp
	p     place
	inbox chan platform.Heard
	lost  chan error
	back  <-chan struct{} // closed when Finesse is back in service
}

// read takes messages off the wire with the time of their coming.
func (l *line) read(ctx context.Context) {
	for {
		text, err := l.x.next(ctx)
		if err != nil {
			l.lost <- err
			return
		}
		h := platform.Heard{Message: l.message("finesse-xmpp"), Raw: []byte(text)}
		select {
		case l.inbox <- h:
		case <-ctx.Done():
			l.lost <- ctx.Err()
			return
		}
	}
}

// begin signs the agent in if that is configured, finds out the extension and reads the snapshot.
func (l *line) begin(ctx context.Context) error {
	if l.cfg.SignIn || l.extension == "" {
		u, err := l.p.rest.user(ctx, l.agent)
		if err != nil {
			return err
		}
		l.extension = cmp.Or(l.extension, u.extension)
		if l.cfg.SignIn && u.state == "LOGOUT" {
			if err := l.p.rest.setUser(ctx, l.agent, "", "LOGIN", l.extension, ""); err != nil {
				return err
			}
		}
	}
	return l.snapshot(ctx)
}

// snapshot reads the agent's dialogs. Notifications that came before the question are older than the answer and go
// first. Those that came while it was under way are newer or older, nobody knows: they go with it, so that the ringing is
// told before the answer whichever of the two was heard first.
func (l *line) snapshot(ctx context.Context) error {
	l.drain(ctx)
	body, err := l.p.rest.dialogs(ctx, l.agent)
	if err != nil {
		return err
	}
	h := l.own(platform.Heard{Message: l.message("finesse-rest"), Raw: body})
	h.Node = "/finesse/api/User/" + l.agent.ID + "/Dialogs"
	h.With = l.waiting()
	if err := l.pump.Settle(ctx, h); err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	return nil
}

// drain passes on what was heard so far.
func (l *line) drain(ctx context.Context) {
	for _, h := range l.waiting() {
		l.pump.Take(ctx, h)
	}
}

// waiting takes what was heard so far out of the inbox.
func (l *line) waiting() (all []platform.Heard) {
	for {
		select {
		case h := <-l.inbox:
			all = append(all, l.own(h))
		default:
			return all
		}
	}
}

func (l *line) pass(ctx context.Context, h platform.Heard) bool { return l.pump.Take(ctx, l.own(h)) }

// own says whose feed a message is of.
func (l *line) own(h platform.Heard) platform.Heard {
	h.Agent, h.Extension = l.agent.ID, l.extension
	return h
}

// serve passes messages on until the session is lost.
func (l *line) serve(ctx context.Context) error {
	tick := time.NewTicker(l.pace.ping)
	defer tick.Stop()
	unanswered, askedAt := 0, time.Now().UnixNano()
	for {
		select {
		case <-ctx.Done():
			l.leave()
			return ctx.Err()
		case h := <-l.inbox:
			if !l.pass(ctx, h) {
				return ctx.Err()
			}
		case err := <-l.lost:
			l.drain(ctx)
			return err
		case <-l.back:
			l.back = l.service.back()
			if err := l.resync(ctx); err != nil {
				return err
			}
		case <-tick.C:
			if unanswered++; l.x.heard.Load() >= askedAt {
				unanswered = 0
			}
			if unanswered > 2 {
				return errors.New("XMPP: two pings were not answered")
			}
			askedAt = time.Now().UnixNano()
			if err := l.x.ping(ctx, l.p.info.domain); err != nil {
				return err
			}
		}
	}
}

// resync reads the snapshot once more after an outage that the session outlived.
func (l *line) resync(ctx context.Context) error {
	release, err := l.slot(ctx)
	if err != nil {
		return err
	}
	defer release()
	ctx, cancel := context.WithTimeout(ctx, loginTime)
	defer cancel()
	l.tally.Set(l.agent.ID, platform.Resyncing, nil)
	if err := l.snapshot(ctx); err != nil {
		return err
	}
	l.tally.Set(l.agent.ID, platform.Up, nil)
	return nil
}

// leave takes back explicit subscriptions: they outlive the session.
func (l *line) leave() {
	if !l.cfg.Subscribe {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for _, node := range l.watched() {
		if err := l.x.subscribe(ctx, l.p.info.pubsub, node, false); err != nil {
			return
		}
	}
}
