package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// deskOrder says which desks a process opens, and where.
type deskOrder struct {
	Addresses []string `json:"addresses"` // of the nodes; agents take turns
	First     int      `json:"first"`     // agent's id; the others follow
	Count     int      `json:"count"`
	Source    string   `json:"source"` // the address that sockets come from; "" leaves it to the machine
}

// deskAnswer is the answer to an order or a question.
type deskAnswer struct {
	Error string   `json:"error,omitempty"`
	Usage usage    `json:"usage"`
	Pops  []popped `json:"pops,omitempty"`
}

// The questions that a process of desks answers after its order.
const (
	askPops = "pops" // all pops since the start
	askUsed = "used" // usage
)

// openers is how many desks are opened at the same time.
const openers = 16

// ServeDesks is a process full of desks: it reads an order and then questions on in, a line each, and answers each with a
// line of JSON on out, until in ends.
func ServeDesks(ctx context.Context, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lines, answers := bufio.NewScanner(in), json.NewEncoder(out)
	if !lines.Scan() {
		return lines.Err()
	}
	var o deskOrder
	if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
		return fmt.Errorf("bench: the order: %w", err)
	}
	f := &deskFloor{order: o, broken: make(chan struct{})}
	defer f.close()
	answer := deskAnswer{}
	if err := f.open(ctx); err != nil {
		answer.Error = err.Error()
	}
	for {
		answer.Usage = usageNow()
		if err := answers.Encode(answer); err != nil {
			return err
		}
		if !lines.Scan() {
			return lines.Err()
		}
		answer = deskAnswer{}
		if err := f.failure(); err != nil {
			answer.Error = err.Error()
		}
		if lines.Text() == askPops {
			answer.Pops = f.all()
		}
	}
}

// deskFloor is a floor full of agents' desks.
type deskFloor struct {
	order   deskOrder
	welcome atomic.Int64
	reading sync.WaitGroup

	mu     sync.Mutex
	desks  []*desk
	pops   []popped
	failed error
	broken chan struct{} // closed when failed is set
	closed bool
}

// open opens all desks and returns when each is welcome.
func (f *deskFloor) open(ctx context.Context) error {
	var d net.Dialer
	if f.order.Source != "" {
		d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(f.order.Source)}
	}
	all := make(chan struct{})
	welcome := func() {
		if f.welcome.Add(1) == int64(f.order.Count) {
			close(all)
		}
	}
	var next atomic.Int64
	var opening sync.WaitGroup
	errs := make(chan error, openers)
	for range openers {
		opening.Go(func() {
			if err := f.opener(ctx, d, &next, welcome); err != nil {
				errs <- err
			}
		})
	}
	opening.Wait()
	select {
	case err := <-errs:
		return err
	case <-all:
		return nil
	case <-f.broken:
		return f.failure()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// opener opens one desk after the other.
func (f *deskFloor) opener(ctx context.Context, d net.Dialer, next *atomic.Int64, welcome func()) error {
	offices := make([]*tickets, len(f.order.Addresses))
	defer func() {
		for _, t := range offices {
			if t != nil {
				t.conn.Close()
			}
		}
	}()
	for ctx.Err() == nil {
		i := int(next.Add(1) - 1)
		if i >= f.order.Count {
			return nil
		}
		agent := f.order.First + i
		node := agent % len(f.order.Addresses)
		address := f.order.Addresses[node]
		var err error
		if offices[node] == nil {
			if offices[node], err = openTickets(d, address); err != nil {
				return err
			}
		}
		ticket, err := offices[node].fetch(address, agent)
		if err != nil {
			return err
		}
		k, err := openDesk(d, address, agent, ticket)
		if err != nil {
			return err
		}
		if !f.add(k) {
			return errors.New("the desks are closed")
		}
		f.reading.Go(func() { f.fail(k.listen(welcome, f.note)) })
	}
	return ctx.Err()
}

func (f *deskFloor) add(k *desk) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		k.conn.Close()
		return false
	}
	f.desks = append(f.desks, k)
	return true
}

func (f *deskFloor) note(p popped) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pops = append(f.pops, p)
}

// fail notes the first desk that ended before all of them were closed.
func (f *deskFloor) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.closed && f.failed == nil {
		f.failed = err
		close(f.broken)
	}
}

func (f *deskFloor) failure() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failed
}

func (f *deskFloor) all() []popped {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.pops
}

func (f *deskFloor) close() {
	f.mu.Lock()
	f.closed = true
	for _, k := range f.desks {
		k.conn.Close()
	}
	f.mu.Unlock()
	f.reading.Wait()
}
