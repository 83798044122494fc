package dialer_test

import (
	"cordboard/config"
	"cordboard/platform"
	"cordboard/platform/dialer"
	"cordboard/platform/platformtest"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

// word is one message about a call, with the sender's name for it.
func word(call, event string) string {
	m := told{after: 1, agent: "agent-" + call, id: call, callType: "Regular-Call", event: event, campaignType: "Predictive"}
	m.name = call + "/" + event
	return string(m.raw())
}

// sender posts messages at the same time, each when everybody has come to rest.
type sender struct {
	post  func(body string) int
	mu    sync.Mutex
	codes map[string]int
	all   sync.WaitGroup
}

func (s *sender) send(name, body string) {
	s.all.Go(func() {
		code := s.post(body)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.codes[name] = code
	})
	synctest.Wait()
}

func (s *sender) answered(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.codes[name] != 0
}

// Ensure that the next batch does not wait for the one before, except for what it tells of the same calls, and that nobody
// is answered before what came earlier is stored: it may be the same.
func TestBatchesFollowEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, sink, _ := open(t)
		s := &sender{post: func(body string) int { return post(c, body).Code }, codes: map[string]int{}}
		release := sink.Block()
		s.send("a1", word("a", "CustAnswered"))
		s.send("a2", word("a", "Hold"))
		s.send("b1", word("b", "CustAnswered"))
		s.send("a1 again", word("a", "CustAnswered"))
		if n := sink.Waiting(); n != 2 {
			t.Errorf("%d deliveries are on their way, not one of each call", n)
		}
		for _, name := range []string{"a1", "a2", "b1", "a1 again"} {
			if s.answered(name) {
				t.Errorf("%s was answered before it was stored", name)
			}
		}
		release()
		s.all.Wait()
		for name, code := range s.codes {
			if code != http.StatusOK {
				t.Errorf("%s was answered %d", name, code)
			}
		}
		var words []string
		for _, ev := range sink.Moments() {
			if ev.Ref == "a" {
				words = append(words, ev.Name)
			}
		}
		if len(words) < 2 || words[0] != "CustAnswered" || words[1] != "Hold" {
			t.Errorf("of call a came %v", words)
		}
	})
}

// Ensure that only so many batches are on their way, and that all that waits goes after them.
func TestManyBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, sink, _ := open(t)
		s := &sender{post: func(body string) int { return post(c, body).Code }, codes: map[string]int{}}
		release := sink.Block()
		const calls = 30
		for n := range calls {
			s.send(fmt.Sprint(n), word(fmt.Sprint("c", n), "CustAnswered"))
		}
		if n := sink.Waiting(); n != 8 {
			t.Errorf("%d batches are on their way", n)
		}
		release()
		s.all.Wait()
		seen := map[string]bool{}
		for _, ev := range sink.Events() {
			seen[strings.TrimPrefix(ev.Ref, "c")] = true
		}
		if len(seen) != calls || len(sink.Events()) != calls {
			t.Errorf("%d events of %d calls came", len(sink.Events()), len(seen))
		}
	})
}

// Ensure that every sender hears of it, and the connection ends, when several batches cannot be stored.
func TestBatchesThatAreNotStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := dialer.Open(dialer.Config{Name: "dialer", Token: config.NewSecret(token), SigningKey: config.NewSecret(signingKey)}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		sink := platformtest.NewSink()
		ended := make(chan error, 1)
		go func() { ended <- c.Run(t.Context(), sink) }()
		sink.AwaitState(t, platform.Up)
		s := &sender{post: func(body string) int { return post(c, body).Code }, codes: map[string]int{}}
		release := sink.Block()
		for n := range 6 {
			s.send(fmt.Sprint(n), word(fmt.Sprint("c", n), "CustAnswered"))
		}
		failure := sink.Fail()
		release()
		s.all.Wait()
		for name, code := range s.codes {
			if code != http.StatusServiceUnavailable {
				t.Errorf("%s was answered %d", name, code)
			}
		}
		if err := <-ended; !errors.Is(err, failure) {
			t.Errorf("the connection ended with %v", err)
		}
	})
}
