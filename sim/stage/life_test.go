package stage_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cordboard/sim/stage"
)

// begin makes a life with a state that its lock guards.
func begin() (*stage.Life, *sync.Mutex) {
	var mu sync.Mutex
	return stage.NewLife("some", &mu), &mu
}

func TestAwaitHearsOfEachChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		life, mu := begin()
		state := 0
		got := make(chan error, 1)
		go func() { got <- life.Await(t.Context(), func() bool { return state == 3 }) }()
		for range 3 {
			synctest.Wait()
			select {
			case err := <-got:
				t.Fatalf("it waited for 3 and came back at %d: %v", state, err)
			default:
			}
			mu.Lock()
			state++
			life.Changed()
			mu.Unlock()
		}
		if err := <-got; err != nil {
			t.Fatal(err)
		}
	})
}

func TestAwaitEndsWithItsContextAndWithTheLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		life, _ := begin()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := life.Await(ctx, func() bool { return false }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after the context's end: %v", err)
		}
		got := make(chan error, 1)
		go func() { got <- life.Await(t.Context(), func() bool { return false }) }()
		synctest.Wait()
		life.End(func() {})
		if err := <-got; !errors.Is(err, stage.ErrEnded) {
			t.Errorf("after the life's end: %v", err)
		}
	})
}

func TestNothingOutlivesTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		life, mu := begin()
		var early, late, broken, spawned bool
		mu.Lock()
		life.Later(time.Second, func() { early = true })
		life.Later(time.Hour, func() { late = true })
		life.Spawn(func(ctx context.Context) {
			<-ctx.Done()
			time.Sleep(time.Second) // it takes its time, and the end waits
			spawned = true
		})
		if !life.Enter() {
			t.Error("it does not let in what runs")
		}
		mu.Unlock()
		go func() {
			<-life.Over()
			time.Sleep(2 * time.Second)
			life.Leave()
		}()
		time.Sleep(time.Minute)
		began := time.Now()
		life.End(func() { broken = true })
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("the end came %v after it was asked for, what runs ended after 2 s", took)
		}
		time.Sleep(2 * time.Hour)
		if !early || late || !broken || !spawned {
			t.Errorf("early timer %v, late timer %v, broken %v, spawned ended %v", early, late, broken, spawned)
		}
		mu.Lock()
		defer mu.Unlock()
		life.Later(0, func() { t.Error("a timer after the end") })
		if life.Enter() || life.Spawn(func(context.Context) { t.Error("spawned after the end") }) || life.Err() == nil {
			t.Error("it lets in what runs after the end")
		}
	})
}

func TestPauseEndsEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		life, _ := begin()
		if !life.Pause(t.Context(), time.Second) {
			t.Error("a pause that was not interrupted says so")
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if life.Pause(ctx, time.Hour) {
			t.Error("a pause goes on without its context")
		}
		time.AfterFunc(time.Minute, func() { life.End(func() {}) })
		if life.Pause(t.Context(), time.Hour) {
			t.Error("a pause goes on after the end")
		}
	})
}
