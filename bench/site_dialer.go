package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// dialerSite is the dialer of a tethered Amazon Connect: it tells the calls of all agents over one WebSocket.
type dialerSite struct {
	connection string
	events     events

	mu           sync.Mutex
	conn         net.Conn
	out          []byte
	told         []telling
	acknowledged int    // of them, from the front
	kept         string // the first reason why a message was not understood
	failed       error
	changed      chan struct{}
	reading      sync.WaitGroup
}

const dialerToken = "the token of the bench"

func openDialer(connection string) *dialerSite {
	return &dialerSite{connection: connection, changed: make(chan struct{})}
}

func (s *dialerSite) platform() string         { return "connect-tethered" }
func (s *dialerSite) first() int               { return 100_001 }
func (s *dialerSite) settings() string         { return "{ token_file: dialer.token }" }
func (s *dialerSite) files() map[string]string { return map[string]string{"dialer.token": dialerToken} }

// run writes what is due until ctx ends. What is due at the same moment leaves in one packet.
func (s *dialerSite) run(ctx context.Context) error {
	defer s.close()
	return s.events.run(ctx, s.write)
}

// connect opens the socket at the node that runs the connection: the others answer 503.
func (s *dialerSite) connect(ctx context.Context, servers []*serverChild) error {
	for {
		for _, server := range servers {
			conn, err := net.Dial("tcp", strings.TrimPrefix(server.url, "http://"))
			if err != nil {
				return err
			}
			if err = upgrade(conn, "/in/"+s.connection+"/", "Authorization: Bearer "+dialerToken+"\r\n"); err == nil {
				s.mu.Lock()
				s.conn = conn
				s.mu.Unlock()
				s.reading.Go(s.listen)
				return nil
			}
			conn.Close()
			if !strings.Contains(err.Error(), " 503 ") {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (s *dialerSite) close() {
	s.mu.Lock()
	if s.conn != nil {
		s.conn.Close()
	}
	s.mu.Unlock()
	s.reading.Wait()
}

// call puts the call's events in their places and returns when the last one has left.
func (s *dialerSite) call(ctx context.Context, c plannedCall) (string, error) {
	id := fmt.Sprintf("c%d", c.n)
	vars, err := json.Marshal(c.vars)
	if err != nil {
		return id, err
	}
	over := make(chan struct{})
	for i, word := range c.story.told {
		e := event{at: c.begins.Add(c.pause * time.Duration(i)), message: func() string { return message(c, id, word, string(vars)) }}
		if i == len(c.story.told)-1 {
			e.left = func() { close(over) }
		}
		s.events.add(e)
	}
	select {
	case <-over:
		return id, nil
	case <-ctx.Done():
		return id, ctx.Err()
	}
}

// message is one event as the dialer tells it.
func message(c plannedCall, id, word, vars string) string {
	return fmt.Sprintf(`{"channel":"Amazon","topic":"OutboundCall","subtopic":"OutboundCallStateChange","message":{"source":"event","call":{`+
		`"id":"%s","event":"%s","CallType":"Regular-Call","CallVariables":{"CampaignName":"Spring renewals","CampaignType":"%s","Phone":"%s",%s,`+
		`"ResponseFields":{"fromAddress":"%[4]s","CallState":"%[2]s","Type":"Regular-Call"},"ResponseActual":{},"ButtonStates":{"items":{},"count":0},`+
		`"User":{"UserId":"%[6]d","Extension":"%[6]d"}}}}`, id, word, c.story.mode, c.person.Number, vars[1:], c.agent)
}

// write sends events, each in a frame.
func (s *dialerSite) write(due []event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed != nil {
		return s.failed
	}
	s.out = s.out[:0]
	now := time.Now()
	for _, e := range due {
		s.out = appendFrame(s.out, opText, e.message())
		s.told = append(s.told, telling{due: e.at, told: now})
	}
	_, err := s.conn.Write(s.out)
	return err
}

// listen counts acknowledgements until the socket ends.
func (s *dialerSite) listen() {
	b := make([]byte, 64<<10)
	for n := 0; ; {
		m, err := s.conn.Read(b[n:])
		if err != nil {
			s.note(nil, err)
			return
		}
		n += m
		used := 0
		for {
			op, payload, size, err := nextFrame(b[used:n])
			if err == nil && op == opClose {
				err = fmt.Errorf("the dialer's socket was closed: %q", payload)
			}
			if err == nil && op == opPing {
				err = s.pong(string(payload))
			}
			if err != nil {
				s.note(nil, err)
				return
			}
			if size == 0 {
				break
			}
			used += size
			if op == opText {
				s.note(payload, nil)
			}
		}
		if n = copy(b, b[used:n]); n == len(b) {
			b = append(b, make([]byte, len(b))...)
		}
	}
}

func (s *dialerSite) pong(payload string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.conn.Write(appendFrame(nil, opPong, payload))
	return err
}

// note counts the numbers in an acknowledgement: {"ack":[1,2,3]}.
func (s *dialerSite) note(ack []byte, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if list, ok := bytes.CutPrefix(ack, []byte(`{"ack":[`)); ok {
		list, rest, _ := bytes.Cut(list, []byte(`]`))
		now := time.Now()
		for range bytes.Count(list, []byte(`,`)) + 1 {
			if s.acknowledged < len(s.told) {
				s.told[s.acknowledged].acknowledged = now
			}
			s.acknowledged++
		}
		if s.kept == "" && bytes.Contains(rest, []byte(`"kept"`)) {
			s.kept = string(rest)
		}
	}
	if err != nil && s.failed == nil {
		s.failed = err
	}
	close(s.changed)
	s.changed = make(chan struct{})
}

// finish waits for the last acknowledgement.
func (s *dialerSite) finish(ctx context.Context) ([]telling, error) {
	for {
		s.mu.Lock()
		left, changed, failed, kept := len(s.told)-s.acknowledged, s.changed, s.failed, s.kept
		s.mu.Unlock()
		switch {
		case kept != "":
			return nil, fmt.Errorf("bench: the server did not understand a message: %s", kept)
		case left == 0:
			return s.told, nil
		case failed != nil:
			return nil, fmt.Errorf("bench: the dialer's socket: %w", failed)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("bench: %d messages are not acknowledged", left), ctx.Err())
		}
	}
}
