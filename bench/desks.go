package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
)

// desksAProcess is how many desks one process holds at most: it may open 20,000 files where the measurements are made.
const desksAProcess = 10_000

// desks are the processes that hold all agents' desks.
type desks []*child

// openDesks opens a desk for every agent, shared out to the servers, and returns when all are welcome.
func openDesks(ctx context.Context, o Options, first int, servers []*serverChild) (all desks, err error) {
	processes := (o.Agents + desksAProcess - 1) / desksAProcess
	if processes == 1 && o.Agents > 1000 {
		processes = 2
	}
	var addresses []string
	for _, s := range servers {
		addresses = append(addresses, strings.TrimPrefix(s.url, "http://"))
	}
	for i := range processes {
		order := deskOrder{Addresses: addresses, First: first + o.Agents*i/processes}
		order.Count = first + o.Agents*(i+1)/processes - order.First
		if runtime.GOOS == "linux" { // where all of 127.0.0.0/8 is this machine
			order.Source = fmt.Sprintf("127.0.0.%d", 2+i)
		}
		c, err := startChild("a process of desks", o.Desks(), o.Stderr)
		if err != nil {
			return all, err
		}
		all = append(all, c)
		line, err := json.Marshal(order)
		if err != nil {
			return all, err
		}
		if err := c.tell(string(line)); err != nil {
			return all, err
		}
	}
	opened := make(chan error, 1)
	go func() { opened <- all.each("", func(deskAnswer) {}) }()
	select {
	case err := <-opened:
		return all, err
	case <-ctx.Done():
		for _, c := range all {
			c.cmd.Process.Kill()
		}
		<-opened
		return all, ctx.Err()
	}
}

// each asks every process, or reads what it answers to its order when there is no question.
func (d desks) each(question string, hear func(deskAnswer)) error {
	for _, c := range d {
		if question != "" {
			if err := c.tell(question); err != nil {
				return err
			}
		}
	}
	for _, c := range d {
		var a deskAnswer
		if err := c.read(&a); err != nil {
			return err
		}
		if a.Error != "" {
			return c.failed(errors.New(a.Error))
		}
		hear(a)
	}
	return nil
}

// used is what the processes have used together.
func (d desks) used() (u usage, err error) {
	err = d.each(askUsed, func(a deskAnswer) {
		u.CPU, u.RSS = u.CPU+a.Usage.CPU, u.RSS+a.Usage.RSS
	})
	return u, err
}

// pops are all that came, by the agents to whose desks they came.
func (d desks) pops() (all []popped, err error) {
	err = d.each(askPops, func(a deskAnswer) { all = append(all, a.Pops...) })
	return all, err
}

func (d desks) close() error {
	var errs []error
	for _, c := range d {
		errs = append(errs, c.stop())
	}
	return errors.Join(errs...)
}
