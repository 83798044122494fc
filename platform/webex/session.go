package webex

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/tidwall/gjson"

	"cordboard/platform"
)

// loginTime bounds one login with its reload.
const loginTime = time.Minute

// keepaliveFrame is what both ends send while nothing else is to be said ("Subscribe Notification").
const keepaliveFrame = `{"keepalive":"true"}`

// session keeps one agent's notification WebSocket.
type session struct {
	*run
	agent string
	api   *api
}

// keep opens the WebSocket again and again until ctx ends.
func (s *session) keep(ctx context.Context) {
	failures, refusals := 0, 0
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
		wait := max(min(s.pace.retry<<min(failures-1, 10), s.pace.longestRetry), retryAfter(err))
		state := platform.Waiting
		if errors.Is(err, platform.ErrRefused) {
			state, wait = platform.Refused, s.pace.refused
			if refusals++; refusals == 1 {
				s.log.Warn("agent refused by webex", "connection", s.cfg.Name, "agent", s.agent, "error", err)
			}
		} else {
			refusals = 0
			s.log.Debug("session lost", "connection", s.cfg.Name, "agent", s.agent, "error", err)
		}
		s.tally.Set(s.agent, state, err)
		if !platform.Pause(ctx, wait/2+rand.N(wait/2+1)) {
			return
		}
	}
}

// attempt is one life of the session: subscribe, ask for the agent's tasks, then pass on what comes until it is lost.
func (s *session) attempt(ctx context.Context) error {
	release, err := s.slot(ctx)
	if err != nil {
		return err
	}
	defer release()
	s.tally.Set(s.agent, platform.Connecting, nil)
	login, cancel := context.WithTimeout(ctx, loginTime)
	defer cancel()
	address, err := s.api.subscribe(login)
	if err != nil {
		return err
	}
	conn, _, err := websocket.Dial(login, address, &websocket.DialOptions{HTTPClient: s.http})
	if err != nil {
		return fmt.Errorf("WebSocket: %w", platform.Bare(err))
	}
	defer conn.CloseNow()
	conn.SetReadLimit(maxMessage)
	life, end := context.WithCancelCause(ctx)
	defer end(nil)
	var ears sync.WaitGroup
	defer ears.Wait()
	defer conn.CloseNow()
	signs := make(chan string, 8)
	ears.Go(func() { end(s.listen(life, conn, signs)) })
	ears.Go(func() { end(s.keepAlive(life, conn)) })
	s.tally.Set(s.agent, platform.Resyncing, nil)
	if err := s.resync(login, life, signs); err != nil {
		return err
	}
	s.tally.Set(s.agent, platform.Up, nil)
	cancel()
	release()
	<-life.Done()
	return context.Cause(life)
}

// The messages that a login waits for.
const (
	welcome       = "Welcome"
	reloginFailed = "AgentReloginFailed"
)

// resync asks for the agent's tasks once the WebSocket is known to the platform, and waits for the answer: what is told to
// nobody is not told again.
func (s *session) resync(login, life context.Context, signs <-chan string) error {
	if err := await(login, life, signs, welcome); err != nil {
		return err
	}
	if err := s.api.reload(login); err != nil {
		return err
	}
	return await(login, life, signs, reloginSuccess, reloginFailed) // an agent who is signed out has no tasks
}

// await waits for one of the signs.
func await(login, life context.Context, signs <-chan string, wanted ...string) error {
	for {
		select {
		case sign := <-signs:
			if slices.Contains(wanted, sign) {
				return nil
			}
		case <-life.Done():
			return context.Cause(life)
		case <-login.Done():
			return fmt.Errorf("WebSocket: no %s came: %w", wanted[0], login.Err())
		}
	}
}

// listen passes on what comes until the WebSocket is lost. A peer that says nothing for longer than the vendor's own cut is
// taken for dead.
func (s *session) listen(ctx context.Context, conn *websocket.Conn, signs chan<- string) error {
	for {
		reading, cancel := context.WithTimeoutCause(ctx, s.pace.silence, errors.New("silent"))
		_, raw, err := conn.Read(reading)
		silent := reading.Err() != nil && ctx.Err() == nil
		cancel()
		switch {
		case silent:
			return fmt.Errorf("WebSocket: nothing was heard for %v", s.pace.silence)
		case err != nil:
			return fmt.Errorf("WebSocket: %w", platform.Bare(err))
		}
		m := platform.Message{At: time.Now().UTC(), Connection: s.cfg.Name, Source: SourceSocket, Agent: s.agent}
		if !s.pump.Take(ctx, platform.Heard{Message: m, Raw: raw}) {
			return ctx.Err()
		}
		select {
		case signs <- gjson.GetBytes(raw, "type").Str:
		default: // nobody waits for a sign any more
		}
	}
}

func (s *session) keepAlive(ctx context.Context, conn *websocket.Conn) error {
	tick := time.NewTicker(s.pace.keepalive)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			writing, cancel := context.WithTimeout(ctx, s.pace.silence)
			err := conn.Write(writing, websocket.MessageText, []byte(keepaliveFrame))
			cancel()
			if err != nil {
				return fmt.Errorf("WebSocket: keepalive: %w", platform.Bare(err))
			}
		}
	}
}

// slot waits for leave to log in: an organization that comes back is not stormed by all its agents at once.
func (s *session) slot(ctx context.Context) (release func(), err error) {
	select {
	case s.slots <- struct{}{}:
		return sync.OnceFunc(func() { <-s.slots }), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// retryAfter is the pause that a refusal asked for.
func retryAfter(err error) time.Duration {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.retry
	}
	return 0
}
