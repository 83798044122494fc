package desk

import (
	"context"
	"errors"
	"time"

	"golang.org/x/time/rate"

	"cordboard/platform"
)

// What a desk takes of the platform's own client in its agent's browser, on one node and in all tabs together: far above
// what calls bring about, and far below what would cost others anything.
const (
	picturesPerSecond = 10
	picturesBurst     = 50
	picturesAtOnce    = 32 // under way to the journal
	pictureTime       = 5 * time.Second
)

// PictureOutcome is what became of a picture.
type PictureOutcome string

// What may become of a picture.
const (
	PictureStored  PictureOutcome = "stored"  // what it brought is on disk
	PictureBusy    PictureOutcome = "busy"    // not now: send the newest again
	PictureRefused PictureOutcome = "refused" // it is none that anybody takes: do not send it again
)

// pictureAnswer tells a tab what became of its picture n.
type pictureAnswer struct {
	Type    string         `json:"type"`
	N       int64          `json:"n"`
	Outcome PictureOutcome `json:"outcome"`
	Detail  string         `json:"detail,omitempty"`
}

// gallery bounds the pictures of one desk.
type gallery struct {
	limit    *rate.Limiter
	underWay int
}

// admit counts a picture in; false means that it has to wait.
func (d *agentDesk) admit() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gallery == nil {
		d.gallery = &gallery{limit: rate.NewLimiter(picturesPerSecond, picturesBurst)}
	}
	if d.gallery.underWay >= picturesAtOnce || !d.gallery.limit.AllowN(d.hub.cfg.Now(), 1) {
		return false
	}
	d.gallery.underWay++
	return true
}

func (d *agentDesk) dismiss() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gallery.underWay--
}

// picture hands one on, after those before it, and answers when that is over. It does not wait: receipts of pops come on the
// same socket.
func (t *tab) picture(d *agentDesk, m fromTab) {
	if !d.admit() {
		t.answer(d, m.N, PictureBusy, "too many at a time")
		return
	}
	before, mine := t.handed, make(chan struct{})
	t.handed = mine
	t.pictures.Go(func() {
		defer d.dismiss()
		if before != nil {
			<-before
		}
		ctx, cancel := context.WithTimeout(context.Background(), pictureTime)
		defer cancel()
		durable, err := d.hub.cfg.Hear(ctx, d.agent, m.Picture)
		close(mine)
		if err == nil {
			err = durable()
		}
		switch {
		case err == nil:
			t.answer(d, m.N, PictureStored, "")
		case errors.Is(err, platform.ErrForeign):
			d.hub.cfg.Log.Debug("a picture was refused", "agent", d.agent, "error", err)
			t.answer(d, m.N, PictureRefused, err.Error())
		default:
			d.hub.cfg.Log.Debug("a picture could not be taken", "agent", d.agent, "error", err)
			t.answer(d, m.N, PictureBusy, "not now")
		}
	})
}

func (t *tab) answer(d *agentDesk, n int64, o PictureOutcome, detail string) {
	d.hub.pictures[o].Add(1)
	t.send(pictureAnswer{Type: "picture", N: n, Outcome: o, Detail: detail})
}

// Pictures counts what became of the pictures that tabs of this node have sent.
func (h *Hub) Pictures() map[PictureOutcome]int64 {
	all := map[PictureOutcome]int64{}
	for o, n := range h.pictures {
		all[o] = n.Load()
	}
	return all
}
