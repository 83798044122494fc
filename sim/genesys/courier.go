package genesys

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"
)

// deliveryTimeout is how long an API destination waits for an answer (API destinations, "invocation timeout").
const deliveryTimeout = 5 * time.Second

// attempts is when an event is given up. The bus would go on for a day.
const attempts = 12

// courier posts a target's events, one after the other. One that was not taken is tried again later, and does not hold
// up those behind it.
func (s *Server) courier(ctx context.Context, t *eventTarget) {
	client := s.cfg.Client
	if client == nil {
		transport := &http.Transport{}
		defer transport.CloseIdleConnections()
		client = &http.Client{Transport: transport}
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.gone:
			return
		case <-t.wake:
		}
		for {
			s.mu.Lock()
			if len(t.waiting) == 0 {
				s.mu.Unlock()
				break
			}
			d := t.waiting[0]
			t.waiting = t.waiting[1:]
			s.mu.Unlock()
			status := post(ctx, client, t, d.Body)
			s.noteDelivery(t, d, status)
			if ctx.Err() != nil {
				return
			}
		}
	}
}

// post is one attempt; 0 means that no answer came.
func post(ctx context.Context, client *http.Client, t *eventTarget, body []byte) int {
	ctx, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.URL, bytes.NewReader(body))
	if err != nil {
		return 0
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "Amazon/EventBridge/ApiDestinations")
	for name, value := range t.Headers {
		req.Header.Set(name, value)
	}
	res, err := client.Do(req)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
	return res.StatusCode
}

// again says whether an answer is worth another attempt (API destinations, "error codes that are retried").
func again(status int) bool {
	switch status {
	case 0, http.StatusUnauthorized, http.StatusProxyAuthRequired, http.StatusConflict, http.StatusTooManyRequests:
		return true
	}
	return status >= 500
}

func (s *Server) noteDelivery(t *eventTarget, d *Delivery, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.Attempts, d.Status = d.Attempts+1, status
	if d.Done = !again(status) || d.Attempts >= attempts; d.Done {
		s.life.Changed()
		return
	}
	select {
	case <-t.gone:
		d.Done = true
		return
	default:
	}
	s.life.Later(s.cfg.Redeliver<<min(d.Attempts-1, 6), func() { s.queueUp(t, d) })
}

// AwaitDelivered waits until nothing is on its way to any target.
func (s *Server) AwaitDelivered(ctx context.Context) error {
	return s.life.Await(ctx, func() bool {
		for _, d := range s.deliveries {
			if !d.Done {
				return false
			}
		}
		return true
	})
}

// AwaitDeliveries waits until n events were taken or given up.
func (s *Server) AwaitDeliveries(ctx context.Context, n int) error {
	return s.life.Await(ctx, func() bool {
		done := 0
		for _, d := range s.deliveries {
			if d.Done {
				done++
			}
		}
		return done >= n
	})
}
