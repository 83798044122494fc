package platform_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cordboard/call"
	"cordboard/platform"
)

// attempts is a connector that plays one func for each attempt, and the last for all after.
type attempts struct {
	plays []func(ctx context.Context, sink platform.Sink) error
	began []time.Time
}

func (a *attempts) Run(ctx context.Context, sink platform.Sink) error {
	n := min(len(a.began), len(a.plays)-1)
	a.began = append(a.began, time.Now())
	return a.plays[n](ctx, sink)
}

type nullSink struct{}

func (nullSink) Accept(context.Context, []call.Event) error          { return nil }
func (nullSink) Keep(context.Context, platform.Message, error) error { return nil }
func (nullSink) Open(context.Context) ([]platform.OpenLeg, error)    { return nil, nil }
func (nullSink) Report(platform.Status)                              {}
func fails(context.Context, platform.Sink) error                     { return errors.New("lost") }
func refused(context.Context, platform.Sink) error {
	return fmt.Errorf("login: %w", platform.ErrRefused)
}
func runs(ctx context.Context, sink platform.Sink) error {
	sink.Report(platform.Status{State: platform.Up})
	<-ctx.Done()
	return nil
}

func supervise(t *testing.T, a *attempts, body func(s *platform.Supervisor, log *bytes.Buffer)) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := platform.NewSupervisor(slog.New(slog.NewTextHandler(&log, nil)),
			platform.Managed{Name: "north", Platform: "cisco", Connector: a, Sink: nullSink{}})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		synctest.Wait()
		body(s, &log)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if all, _ := s.Status(); all[0].State != platform.Stopped {
			t.Errorf("after the end the state is %s", all[0].State)
		}
	})
}

func TestSupervisorPausesGrow(t *testing.T) {
	a := &attempts{plays: []func(context.Context, platform.Sink) error{fails}}
	supervise(t, a, func(s *platform.Supervisor, log *bytes.Buffer) {
		all, _ := s.Status()
		if st := all[0]; st.State != platform.Waiting || st.RetryAt.IsZero() || st.Detail != "lost" || st.Connection != "north" {
			t.Errorf("status %+v", st)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		for i := 1; i < len(a.began); i++ {
			pause, longest := a.began[i].Sub(a.began[i-1]), min(time.Second<<min(i-1, 10), time.Minute)
			if pause < longest/2 || pause > longest {
				t.Errorf("pause %d is %s, want %s to %s", i, pause, longest/2, longest)
			}
		}
		if n := len(a.began); n < 60 || n > 140 {
			t.Errorf("%d attempts in an hour", n)
		}
		if lines := strings.Count(log.String(), "\n"); lines != 1 {
			t.Errorf("%d log lines, want 1:\n%s", lines, log)
		}
	})
}

func TestSupervisorLeavesARefusalAlone(t *testing.T) {
	a := &attempts{plays: []func(context.Context, platform.Sink) error{refused}}
	supervise(t, a, func(s *platform.Supervisor, log *bytes.Buffer) {
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := len(a.began); n < 12 || n > 25 {
			t.Errorf("%d attempts in an hour", n)
		}
		if all, _ := s.Status(); all[0].State != platform.Refused {
			t.Errorf("state %s", all[0].State)
		}
		if lines := strings.Count(log.String(), "\n"); lines != 1 {
			t.Errorf("said %d times:\n%s", lines, log)
		}
	})
}

func TestSupervisorStartsOverAfterASteadyRun(t *testing.T) {
	steadyThenLost := func(ctx context.Context, sink platform.Sink) error {
		sink.Report(platform.Status{State: platform.Up})
		time.Sleep(2 * time.Minute)
		return errors.New("lost")
	}
	a := &attempts{plays: []func(context.Context, platform.Sink) error{fails, fails, fails, fails, steadyThenLost, runs}}
	supervise(t, a, func(s *platform.Supervisor, log *bytes.Buffer) {
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if len(a.began) != 6 {
			t.Fatalf("%d attempts", len(a.began))
		}
		if pause := a.began[5].Sub(a.began[4]) - 2*time.Minute; pause > time.Second {
			t.Errorf("pause after a steady run is %s", pause)
		}
	})
}

func TestSupervisorTellsChanges(t *testing.T) {
	a := &attempts{plays: []func(context.Context, platform.Sink) error{fails, runs}}
	supervise(t, a, func(s *platform.Supervisor, log *bytes.Buffer) {
		for {
			all, changed := s.Status()
			if all[0].State == platform.Up {
				return
			}
			<-changed
		}
	})
}

func TestSupervisorFlappingIsOneLine(t *testing.T) {
	flap := func(ctx context.Context, sink platform.Sink) error {
		for range 100 {
			sink.Report(platform.Status{State: platform.Up})
			time.Sleep(10 * time.Millisecond)
			sink.Report(platform.Status{State: platform.Degraded, Detail: "1 of 2"})
			time.Sleep(10 * time.Millisecond)
		}
		return runs(ctx, sink)
	}
	a := &attempts{plays: []func(context.Context, platform.Sink) error{flap}}
	supervise(t, a, func(s *platform.Supervisor, log *bytes.Buffer) {
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if lines := strings.Count(log.String(), "\n"); lines != 1 || !strings.Contains(log.String(), "connection up") {
			t.Errorf("log:\n%s", log)
		}
	})
}
