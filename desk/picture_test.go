package desk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"cordboard/desk"
	"cordboard/platform"
	"cordboard/screen"
)

// hearing is who hears pictures: it notes them, and answers as their text says.
type hearing struct {
	mu     sync.Mutex
	heard  []string
	hold   chan struct{} // until it is closed nothing is durable
	agents map[string]bool
}

func (h *hearing) hear(ctx context.Context, agent string, picture json.RawMessage) (func() error, error) {
	var what string
	if json.Unmarshal(picture, &what) != nil || what == "foreign" {
		return nil, fmt.Errorf("%w: about somebody else", platform.ErrForeign)
	}
	if what == "never" {
		return nil, errors.New("the journal is away")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.heard, h.agents[agent] = append(h.heard, what), true
	return func() error {
		if h.hold == nil {
			return nil
		}
		select {
		case <-h.hold:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}, nil
}

func newGallery(t *testing.T) (*site, *hearing) {
	h := &hearing{agents: map[string]bool{}}
	return newSite(t, func(c *desk.Config) { c.Hear = h.hear }), h
}

func (c *client) picture(n int, picture any) {
	c.t.Helper()
	write(c.t, c.conn, map[string]any{"type": "picture", "n": n, "picture": picture})
}

// became is what the tab is told of its pictures, by their numbers.
func (c *client) became(n int) map[int64]string {
	c.t.Helper()
	all := map[int64]string{}
	for range n {
		m := c.next("picture")
		all[m.N] = m.Outcome
	}
	return all
}

func TestPictures(t *testing.T) {
	s, h := newGallery(t)
	c, _ := s.tab(anna, "a")
	for i, what := range []any{"first", "foreign", map[string]int{"no": 1}, "never", "second"} {
		c.picture(i+1, what)
	}
	got := c.became(5)
	for n, want := range map[int64]string{1: "stored", 2: "refused", 3: "refused", 4: "busy", 5: "stored"} {
		if got[n] != want {
			t.Errorf("picture %d was %s, want %s", n, got[n], want)
		}
	}
	if !slices.Equal(h.heard, []string{"first", "second"}) || !h.agents[anna] || len(h.agents) != 1 {
		t.Errorf("heard %v of %v", h.heard, h.agents)
	}
	if n := s.hub.Pictures(); n[desk.PictureStored] != 2 || n[desk.PictureRefused] != 2 || n[desk.PictureBusy] != 1 {
		t.Errorf("counted %v", n)
	}
}

// Pictures keep their order, and a receipt does not wait for them: neither while the journal is slow, nor when a tab sends far
// too many.
func TestPicturesKeepTheirOrderAndHoldNothingUp(t *testing.T) {
	s, h := newGallery(t)
	h.hold = make(chan struct{})
	c, _ := s.tab(anna, "a")
	const sent = 60
	for i := range sent {
		c.picture(i, fmt.Sprint(i))
	}
	got := s.show(anna, note("k"))
	for m := c.next(""); m.Type != "pop"; m = c.next("") {
		if m.Type != "picture" || m.Outcome != "busy" {
			t.Fatalf("told %+v while nothing is stored", m)
		}
	}
	c.receipt("k", screen.Shown, "")
	outcome(t, got, screen.Shown)
	close(h.hold)
	for n := int64(0); n < sent; {
		n = 0
		for _, count := range s.hub.Pictures() {
			n += count
		}
		if n < sent {
			c.next("picture")
		}
	}
	n := s.hub.Pictures()
	if n[desk.PictureBusy] < 10 || n[desk.PictureStored] < 10 || n[desk.PictureRefused] > 0 || int64(len(h.heard)) != n[desk.PictureStored] {
		t.Errorf("counted %v, heard %d", n, len(h.heard))
	}
	for i, what := range h.heard {
		if what != fmt.Sprint(i) {
			t.Fatalf("heard %v", h.heard)
		}
	}
}

// A hub that nobody listens behind refuses pictures, and an empty one is no message of the protocol.
func TestPicturesForNobody(t *testing.T) {
	s := newSite(t, nil)
	c, _ := s.tab(anna, "a")
	c.picture(1, "x")
	if got := c.became(1); got[1] != "refused" {
		t.Errorf("became %v", got)
	}
	write(t, c.conn, map[string]any{"type": "picture", "n": 2})
	c.wantClosed(4501)
}
