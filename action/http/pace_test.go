package http

import (
	"fmt"
	"testing"
	"time"
)

// Ensure that steps come evenly, that who is told to come back keeps its time, and that nobody is told twice.
func TestPace(t *testing.T) {
	now := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	p := &pace{every: time.Second}
	for i := range 5 {
		if at := p.book(fmt.Sprint(i), now); at != now.Add(time.Duration(i)*time.Second) {
			t.Errorf("step %d goes at %s", i, at)
		}
	}
	if len(p.booked) != 3 {
		t.Errorf("%d steps come back", len(p.booked))
	}
	if at := p.book("late", now); at != now.Add(5*time.Second) {
		t.Errorf("the sixth goes at %s", at)
	}
	now = now.Add(4 * time.Second)
	if at := p.book("4", now); at.After(now) {
		t.Errorf("who has waited goes at %s", at)
	}
	if at := p.book("new", now); at != now.Add(2*time.Second) {
		t.Errorf("a new one goes at %s", at)
	}
	p.close(now.Add(time.Minute))
	p.close(now.Add(time.Second))
	for _, key := range []string{"late", "other"} {
		if at := p.book(key, now); at != now.Add(time.Minute) {
			t.Errorf("%s goes at %s although the origin is closed", key, at)
		}
	}
	free := &pace{}
	for range 3 {
		if at := free.book("a", now); at != now {
			t.Errorf("without a rate one goes at %s", at)
		}
	}
}

// Ensure that steps that never come back are forgotten.
func TestStaleBookings(t *testing.T) {
	now := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	p := &pace{every: time.Millisecond}
	p.close(now.Add(time.Minute))
	for i := range 2000 {
		p.book(fmt.Sprint(i), now)
	}
	now = now.Add(time.Hour)
	p.close(now.Add(time.Minute))
	for i := range 100 {
		p.book(fmt.Sprint("later", i), now)
	}
	if len(p.booked) > 2048 {
		t.Errorf("%d are remembered", len(p.booked))
	}
}
