package server

import (
	"context"
	"net"
	"net/http"
	"syscall"
	"time"

	"cordboard/platform"
)

// crowd keeps the last descriptors of the process for what must go on whatever comes in: the journal's files, requests to
// the CRM and to platforms. The system gives out the lowest free number, so the number of a new connection tells how many
// are in use. Of what is left to connections, desks do not get the last part: messages of platforms find room there.
type crowd struct {
	desks int // a desk on a descriptor from here on is sent away
	all   int // so is everything
}

// reserved is how many descriptors of so many are kept back. The journal takes about thirty.
func reserved(limit int) int { return 48 + limit/64 }

// newCrowd is for a process that may have so many descriptors; 0 means that nobody counts them.
func newCrowd(limit int) crowd {
	if limit == 0 {
		return crowd{}
	}
	r := reserved(limit)
	return crowd{desks: limit - r - r/2, all: limit - r}
}

// crowded is how long a connection that is sent away may take for its request.
const crowded = 2 * time.Second

// unread is how many bytes the system may hold for a browser that does not read them; it takes twice as many for it. The
// system's own choice is megabytes: a browser that is stuck would be noticed late, and thousands of them fill the memory.
const unread = 32 << 10

// place is a connection as its requests know it.
type place struct {
	conn       net.Conn
	descriptor int
}

type placeKey struct{}

// note notes a new connection for its requests.
func (c crowd) note(ctx context.Context, conn net.Conn) context.Context {
	p := place{conn, descriptor(conn)}
	if c.all > 0 && p.descriptor >= c.all {
		conn.SetDeadline(time.Now().Add(crowded))
	}
	return context.WithValue(ctx, placeKey{}, p)
}

// everything sends requests away for which there is no room.
func (c crowd) everything(next http.Handler) http.Handler { return c.below(c.all, next) }

// browsers sends browsers that want to stay away when there is little room left, and lets little wait for those that do.
func (c crowd) browsers(next http.Handler) http.Handler {
	return c.below(c.desks, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p, ok := r.Context().Value(placeKey{}).(place); ok {
			if tcp, ok := p.conn.(*net.TCPConn); ok {
				tcp.SetWriteBuffer(unread)
			}
		}
		next.ServeHTTP(w, r)
	}))
}

func (c crowd) below(most int, next http.Handler) http.Handler {
	if c.all == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p, _ := r.Context().Value(placeKey{}).(place); p.descriptor < most {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Retry-After", "5")
		w.Header().Set("Connection", "close")
		platform.Problem(w, http.StatusServiceUnavailable, "Too many connections", "This server has as many connections as it may have. Come back later.")
	})
}

// descriptor is the number of a connection's descriptor, 0 when it has none.
func descriptor(conn net.Conn) (n int) {
	s, ok := conn.(syscall.Conn)
	if !ok {
		return 0
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return 0
	}
	raw.Control(func(fd uintptr) { n = int(fd) })
	return n
}
