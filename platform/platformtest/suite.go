// Package platformtest is the contract of a platform.Connector as tests: every connector runs [Run] against its far end.
//
// A [Subject] says how to make a connector and how to move the far end. The suite brings a journal in memory ([Sink]) and
// checks what the rest of the house relies on: clean start and stop, reconnects that lose and double nothing, no
// acknowledgement ahead of the journal, back-pressure, refusals that are left alone, secrets that stay secret.
package platformtest

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"cordboard/platform"
)

// Subject is one connector with its far end, fresh for each test. Funcs that a platform has no way for stay nil; their
// tests are skipped with a sentence.
type Subject struct {
	// Connector returns a connector to the far end that logs to log. Pauses between attempts should be short.
	Connector func(t *testing.T, log *slog.Logger) platform.Connector
	// Refused returns a connector whose every credential the far end refuses.
	Refused func(t *testing.T, log *slog.Logger) platform.Connector
	// Call plays one call from its first event to its end and returns how many events with a name it brings when all
	// of it is heard.
	Call func(t *testing.T) (events int)
	// Begin plays the beginning of a call, up to the talk, and returns what ends it.
	Begin func(t *testing.T) (finish func(t *testing.T))
	// Cut breaks every connection that the connector holds; it may connect again at once.
	Cut func(t *testing.T)
	// Gate is what the connector hears calls through.
	Gate *Gate
	// Down lets the far end refuse connections until the returned func is called.
	Down func(t *testing.T) (up func())
	// Nonsense lets the far end send a message that no decoder understands.
	Nonsense func(t *testing.T)
	// Resends says that the far end sends by itself, and again until it was taken: what happened while nobody listened
	// is told late, and nothing has to be concluded from a snapshot.
	Resends bool
	// Logins is how many logins the far end has seen.
	Logins func() int
	// Secrets are what must never be logged.
	Secrets []string
}

// Run checks the contract; make builds a fresh subject for each part of it.
func Run(t *testing.T, make func(t *testing.T) Subject) {
	parts := []struct {
		name string
		run  func(t *testing.T, p *part)
	}{
		{"starts and stops", startsAndStops},
		{"stops while connecting", stopsWhileConnecting},
		{"tells a call once", tellsACallOnce},
		{"comes back after a cut", comesBack},
		{"loses nothing wherever it is cut", losesNothingAnywhere},
		{"ends a call that ended while nobody listened", endsWhatVanished},
		{"ends after a restart what vanished before it", endsAfterRestart},
		{"waits for the journal", waitsForTheJournal},
		{"ends when the journal fails", endsWithTheJournal},
		{"keeps what it does not understand", keepsNonsense},
		{"leaves a refusal alone", leavesRefusalAlone},
	}
	for _, p := range parts {
		t.Run(p.name, func(t *testing.T) {
			s := make(t)
			log := &logBook{}
			p.run(t, &part{Subject: s, log: log, sink: NewSink()})
			for _, secret := range s.Secrets {
				if strings.Contains(log.String(), secret) {
					t.Error("a secret stands in the log")
				}
			}
		})
	}
}

type part struct {
	Subject
	log  *logBook
	sink *Sink
}

func (p *part) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(p.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func (p *part) start(t *testing.T) (stop func()) {
	t.Helper()
	stop = Start(t, p.Connector(t, p.logger()), p.sink)
	p.sink.AwaitState(t, platform.Up)
	return stop
}

func need[F any](t *testing.T, f F, missing bool, what string) F {
	t.Helper()
	if missing {
		t.Skip("this far end has no way to " + what)
	}
	return f
}

func startsAndStops(t *testing.T, p *part) {
	c := p.Connector(t, p.logger())
	for range 2 { // a connector runs again after it has returned
		stop := Start(t, c, p.sink)
		p.sink.AwaitState(t, platform.Up)
		stop()
		p.sink.Report(platform.Status{State: platform.Stopped})
	}
}

func stopsWhileConnecting(t *testing.T, p *part) {
	need(t, p.Down, p.Down == nil, "be down")
	up := p.Down(t)
	stop := Start(t, p.Connector(t, p.logger()), p.sink)
	p.sink.Await(t, "a state that says it is not up", func() bool {
		all := p.sink.States()
		return len(all) > 0 && all[len(all)-1].State != platform.Up
	})
	stop()
	up()
}

func tellsACallOnce(t *testing.T, p *part) {
	stop := p.start(t)
	want := p.Call(t)
	p.sink.Await(t, "all events of the call", func() bool { return len(p.sink.Moments()) >= want })
	stop()
	if got := len(p.sink.Moments()); got != want {
		t.Errorf("%d events, want %d", got, want)
	}
	if len(p.sink.OpenLegs()) > 0 {
		t.Errorf("a leg is still open after the end of the call")
	}
}

func comesBack(t *testing.T, p *part) {
	need(t, p.Cut, p.Cut == nil, "cut connections")
	p.start(t)
	want := p.Call(t)
	p.sink.Await(t, "all events of the call", func() bool { return len(p.sink.Moments()) >= want })
	finish := p.Begin(t)
	p.sink.Await(t, "an open leg", func() bool { return len(p.sink.OpenLegs()) > 0 })
	up := func() {}
	if p.Down != nil { // nobody comes back before everybody is lost
		up = p.Down(t)
	}
	p.Cut(t)
	p.sink.Await(t, "the loss", func() bool {
		all := p.sink.States()
		last := all[len(all)-1]
		return last.State != platform.Up && last.SessionsUp == 0
	})
	up()
	p.sink.AwaitState(t, platform.Up)
	finish(t)
	p.sink.Await(t, "the end of the call", func() bool { return len(p.sink.OpenLegs()) == 0 })
	p.Call(t)
	p.sink.Await(t, "a call after the cut", func() bool { return len(p.sink.Moments()) >= 2*want })
	for _, ev := range p.sink.Events() {
		if ev.Reconciled {
			t.Errorf("%s was concluded, although it was told", ev.ID)
		}
	}
}

func endsWhatVanished(t *testing.T, p *part) {
	need(t, p.Down, p.Down == nil || p.Cut == nil, "be down")
	p.start(t)
	finish := p.Begin(t)
	p.sink.Await(t, "an open leg", func() bool { return len(p.sink.OpenLegs()) > 0 })
	up := p.Down(t)
	p.Cut(t)
	finish(t)
	up()
	p.sink.Await(t, "the end of the leg", func() bool { return len(p.sink.OpenLegs()) == 0 })
	if !p.Resends {
		p.wantConcluded(t)
	}
}

func (p *part) wantConcluded(t *testing.T) {
	t.Helper()
	for _, ev := range p.sink.Moments() {
		if ev.Reconciled {
			return
		}
	}
	t.Error("no event says that it was concluded from a snapshot")
}

func endsAfterRestart(t *testing.T, p *part) {
	stop := p.start(t)
	finish := p.Begin(t)
	p.sink.Await(t, "an open leg", func() bool { return len(p.sink.OpenLegs()) > 0 })
	stop()
	finish(t)
	p.sink.SetOpen(p.sink.OpenLegs()...)
	Start(t, p.Connector(t, p.logger()), p.sink)
	p.sink.Await(t, "the end of the leg", func() bool { return len(p.sink.OpenLegs()) == 0 })
	if !p.Resends {
		p.wantConcluded(t)
	}
}

func waitsForTheJournal(t *testing.T, p *part) {
	stop := p.start(t)
	release := p.sink.Block()
	defer release()
	want := p.Call(t)
	p.sink.Await(t, "a delivery", func() bool { return p.sink.Waiting() > 0 })
	if held := p.sink.Waiting(); held != 1 {
		t.Errorf("%d deliveries wait side by side: their order is lost", held)
	}
	release()
	p.sink.Await(t, "all events of the call", func() bool { return len(p.sink.Moments()) >= want })
	stop()
}

func endsWithTheJournal(t *testing.T, p *part) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	done := make(chan error, 1)
	c := p.Connector(t, p.logger())
	go func() { done <- c.Run(ctx, p.sink) }()
	p.sink.AwaitState(t, platform.Up)
	failure := p.sink.Fail()
	p.Call(t)
	if err := <-done; !errors.Is(err, failure) {
		t.Errorf("Run returned %v, want the sink's error", err)
	}
}

func keepsNonsense(t *testing.T, p *part) {
	need(t, p.Nonsense, p.Nonsense == nil, "send nonsense")
	p.start(t)
	p.Nonsense(t)
	p.sink.Await(t, "a kept message", func() bool { return len(p.sink.Kept()) > 0 })
	k := p.sink.Kept()[0]
	if k.Reason == nil || len(k.Message.Message) == 0 || k.Message.Source == "" {
		t.Errorf("kept without its text, source or reason: %+v", k.Message.Source)
	}
	want := p.Call(t)
	p.sink.Await(t, "a call after it", func() bool { return len(p.sink.Moments()) >= want })
}

func leavesRefusalAlone(t *testing.T, p *part) {
	need(t, p.Refused, p.Refused == nil, "refuse")
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	done := make(chan error, 1)
	c := p.Refused(t, p.logger())
	go func() { done <- c.Run(ctx, p.sink) }()
	select {
	case err := <-done:
		if !errors.Is(err, platform.ErrRefused) {
			t.Errorf("Run returned %v, want a refusal", err)
		}
		for _, secret := range p.Secrets {
			if strings.Contains(err.Error(), secret) {
				t.Error("a secret stands in the error")
			}
		}
	case <-ctx.Done():
		t.Fatal("a refusal does not end Run")
	}
	if p.Logins != nil {
		if n := p.Logins(); n > 3 {
			t.Errorf("%d logins with a refused credential", n)
		}
	}
}

// logBook is what was logged.
type logBook struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
