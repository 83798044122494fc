package browser

import (
	"context"
	"encoding/json"
	"time"

	"github.com/coder/websocket"
)

// pictures are what the platform's own client in this browser has shown, until the desk has taken it.
type pictures struct {
	n       int64
	waiting []picture     // in their order
	wake    chan struct{} // has room for one
}

type picture struct {
	n    int64
	raw  json.RawMessage
	sent bool // on the present socket
}

// Show sends a picture of what the platform's own client shows, now or when a desk is open, and again until the desk has
// taken or refused it. It does not wait.
func (b *Browser) Show(raw []byte) {
	b.mu.Lock()
	b.pictures.n++
	b.pictures.waiting = append(b.pictures.waiting, picture{n: b.pictures.n, raw: raw})
	b.mu.Unlock()
	b.wake()
}

// Untaken counts the pictures that the desk has not taken yet.
func (b *Browser) Untaken() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.pictures.waiting)
}

// Refused counts the pictures that the desk did not want.
func (b *Browser) Refused() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.refused
}

func (b *Browser) wake() {
	select {
	case b.pictures.wake <- struct{}{}:
	default:
	}
}

// unsend marks all pictures as not sent: a new socket knows of none, or the desk asked for one again.
func (b *Browser) unsend(n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.pictures.waiting {
		if p := &b.pictures.waiting[i]; n == 0 || p.n == n {
			p.sent = false
		}
	}
}

// tell sends pictures until the socket breaks.
func (b *Browser) tell(ctx context.Context, conn *websocket.Conn) {
	for {
		next, ok := b.nextPicture()
		if !ok {
			select {
			case <-ctx.Done():
				return
			case <-b.pictures.wake:
			}
			continue
		}
		if write(ctx, conn, map[string]any{"type": "picture", "n": next.n, "picture": next.raw}) != nil {
			return
		}
	}
}

func (b *Browser) nextPicture() (picture, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.pictures.waiting {
		if p := &b.pictures.waiting[i]; !p.sent {
			p.sent = true
			return *p, true
		}
	}
	return picture{}, false
}

// answered hears what became of a picture. One that came at a bad time goes again, a little later.
func (b *Browser) answered(ctx context.Context, n int64, outcome string) {
	if outcome == "busy" {
		b.later.Go(func() {
			select {
			case <-ctx.Done():
			case <-time.After(200 * time.Millisecond):
				b.unsend(n)
				b.wake()
			}
		})
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if outcome == "refused" {
		b.refused++
	}
	for i := range b.pictures.waiting {
		if b.pictures.waiting[i].n == n {
			b.pictures.waiting = append(b.pictures.waiting[:i:i], b.pictures.waiting[i+1:]...)
			return
		}
	}
}
