package dialer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cordboard/config"
	"cordboard/platform"
	"cordboard/platform/dialer"
	"cordboard/platform/platformtest"
)

const token = "a token that nobody guesses"

// farEnd is a dialer: it sends messages to whichever connector runs now, again and again until each is acknowledged.
type farEnd struct {
	t       *testing.T
	front   *httptest.Server
	present atomic.Pointer[dialer.Connector]
	calls   atomic.Int64
	senders sync.WaitGroup
	sent    chan struct{} // closed when what was played last is sent; the test's goroutine alone uses it
	ctx     context.Context
	// send sends messages in order and returns when all of them are acknowledged.
	send func(all [][]byte) error
}

func newFarEnd(t *testing.T) *farEnd {
	f := &farEnd{t: t, ctx: t.Context()}
	f.front = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f.present.Load().Receive(w, r) }))
	t.Cleanup(func() {
		f.senders.Wait()
		f.front.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return f
}

func (f *farEnd) connector(cfg dialer.Config, log *slog.Logger) *dialer.Connector {
	cfg.Name = "dialer"
	c, err := dialer.Open(cfg, log)
	if err != nil {
		f.t.Fatal(err)
	}
	f.present.Store(c)
	return c
}

// post sends each message as a request of its own, and again while it is refused for now.
func (f *farEnd) post(all [][]byte) error {
	for _, raw := range all {
		for f.ctx.Err() == nil {
			req, err := http.NewRequestWithContext(f.ctx, http.MethodPost, f.front.URL, bytes.NewReader(raw))
			if err != nil {
				return err
			}
			req.Header.Set("Authorization", "Bearer "+token)
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				return err
			}
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				break
			}
			if resp.StatusCode != http.StatusServiceUnavailable {
				return fmt.Errorf("answered %s", resp.Status)
			}
			f.rest()
		}
	}
	return nil
}

// rest is the pause of a sender who was refused for now.
func (f *farEnd) rest() {
	select {
	case <-time.After(time.Millisecond):
	case <-f.ctx.Done():
	}
}

// stream sends the messages over one socket, and what was not acknowledged again over the next.
func (f *farEnd) stream(all [][]byte) error {
	for len(all) > 0 && f.ctx.Err() == nil {
		conn, resp, err := websocket.Dial(f.ctx, f.front.URL, &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + token}}})
		if err != nil {
			if resp != nil && resp.StatusCode == http.StatusServiceUnavailable {
				f.rest()
				continue
			}
			return err
		}
		for _, raw := range all {
			conn.Write(f.ctx, websocket.MessageText, raw) // what fails is seen by the missing acknowledgement
		}
		for n := 0; len(all) > 0; {
			_, frame, err := conn.Read(f.ctx)
			if err != nil {
				break
			}
			var got struct{ Ack []int }
			if err := json.Unmarshal(frame, &got); err != nil {
				return err
			}
			for _, number := range got.Ack {
				if n++; number != n {
					return fmt.Errorf("acknowledged %d, want %d", number, n)
				}
				all = all[1:]
			}
		}
		conn.Close(websocket.StatusNormalClosure, "")
	}
	return nil
}

// play sends lines of a story in the background, after everything that was played before: a dialer keeps the order.
func (f *farEnd) play(text string) {
	var raws [][]byte
	for _, m := range story(f.t, text) {
		raws = append(raws, m.raw())
	}
	before, sent := f.sent, make(chan struct{})
	f.sent = sent
	f.senders.Go(func() {
		defer close(sent)
		if before != nil {
			<-before
		}
		if err := f.send(raws); err != nil && f.ctx.Err() == nil {
			f.t.Errorf("sending: %v", err)
		}
	})
}

func (f *farEnd) subject() platformtest.Subject {
	begin := func(n int64) string {
		return fmt.Sprintf("1 one c%d Regular-Call Preview Preview\n2 one c%[1]d Regular-Call Initiate Preview\n3 one c%[1]d Regular-Call CustAnswered Preview\n", n)
	}
	end := func(n int64) string {
		return fmt.Sprintf("4 one c%d Regular-Call ACW Preview\n5 one c%[1]d Regular-Call DROPPED Preview\n", n)
	}
	return platformtest.Subject{
		Connector: func(_ *testing.T, log *slog.Logger) platform.Connector {
			return f.connector(dialer.Config{Token: config.NewSecret(token)}, log)
		},
		Call: func(*testing.T) int {
			n := f.calls.Add(1)
			f.play(begin(n) + end(n))
			return 5
		},
		Begin: func(*testing.T) func(*testing.T) {
			n := f.calls.Add(1)
			f.play(begin(n))
			return func(*testing.T) { f.play(end(n)) }
		},
		Nonsense: func(*testing.T) { f.senders.Go(func() { f.send([][]byte{[]byte("nonsense")}) }) },
		Resends:  true,
		Secrets:  []string{token},
	}
}

func TestContractOverHTTP(t *testing.T) {
	platformtest.Run(t, func(t *testing.T) platformtest.Subject {
		f := newFarEnd(t)
		f.send = f.post
		return f.subject()
	})
}

func TestContractOverWebSocket(t *testing.T) {
	platformtest.Run(t, func(t *testing.T) platformtest.Subject {
		f := newFarEnd(t)
		f.send = f.stream
		return f.subject()
	})
}
