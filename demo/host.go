package demo

import (
	"context"
	"net"
	"net/http"
	"time"

	"cordboard/desk"
	simhost "cordboard/sim/host"
	simsalesforce "cordboard/sim/salesforce"
)

// hostPage is the simulated console around a visitor's agent panel, on an address of its own, as in the field.
type hostPage struct {
	listener net.Listener
	handler  http.Handler
}

func listenHost() (*hostPage, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return &hostPage{listener: l}, nil
}

func (h *hostPage) origin() string { return "http://" + h.listener.Addr().String() }

// open tells the page about its world, once the server's address is known.
func (h *hostPage) open(w *World) {
	people := map[string]simsalesforce.Person{}
	for _, p := range w.People {
		people[p.ID] = p
	}
	h.handler = simhost.New(simhost.Config{
		Record: func(_ context.Context, id string) (object, name string, ok bool) {
			p, ok := people[id]
			return p.Object, p.Name, ok
		},
		Panel:   w.Server.URL() + desk.Path + "?host=lightning",
		Classic: w.Server.URL() + desk.Path + "?host=classic",
		Org:     w.Org.URL(),
		Agent:   w.opts.Visitor,
		Ticket:  w.Server.Tickets().Issue,
	})
}

func (h *hostPage) run(ctx context.Context) error {
	srv := &http.Server{Handler: h.handler, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(h.listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		srv.Close()
		<-failed
		return nil
	}
}
