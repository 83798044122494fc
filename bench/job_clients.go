package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// clients send jobs, each the next one when the one before it is done. They speak just as much HTTP as it takes, so that
// they cost little of what the server is measured with.
type clients struct {
	address  string
	asked    *stub
	next     atomic.Int64
	measures atomic.Bool
	all      []*client
}

type client struct {
	tooks []time.Duration
	told  int64
	early int64
}

func newClients(url string, n int, asked *stub) *clients {
	c := &clients{address: strings.TrimPrefix(url, "http://"), asked: asked}
	for range n {
		c.all = append(c.all, &client{})
	}
	return c
}

// await returns when the server takes messages: its connection runs a moment after it has an address.
func (c *clients) await(ctx context.Context) error {
	conn, err := net.Dial("tcp", c.address)
	if err != nil {
		return fmt.Errorf("bench: a client: %w", err)
	}
	defer conn.Close()
	r := bufio.NewReader(conn)
	for {
		if _, err := conn.Write(c.post(nil, []byte("[]"))); err != nil {
			return fmt.Errorf("bench: a client: %w", err)
		}
		status, body, err := readAnswer(r)
		switch {
		case err != nil:
			return fmt.Errorf("bench: a client: %w", err)
		case status == 200:
			return nil
		case status != 503:
			return fmt.Errorf("bench: the server does not take messages: %d %s", status, body)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// work lets every client send until ctx ends; a job that is under way then is waited for.
func (c *clients) work(ctx context.Context) error {
	var wg sync.WaitGroup
	errs := make([]error, len(c.all))
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for i, one := range c.all {
		wg.Go(func() {
			if errs[i] = c.send(ctx, one); errs[i] != nil {
				stop()
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// measure says from when on, or until when, jobs are timed.
func (c *clients) measure(on bool) { c.measures.Store(on) }

// took is how long the timed jobs took; told how many there were in all, and how many were told as done before the stub
// was asked. They are called when work has returned.
func (c *clients) took() (all []time.Duration) {
	for _, one := range c.all {
		all = append(all, one.tooks...)
	}
	return all
}

func (c *clients) told() (jobs, early int64) {
	for _, one := range c.all {
		jobs, early = jobs+one.told, early+one.early
	}
	return jobs, early
}

func (c *clients) send(ctx context.Context, one *client) error {
	conn, err := net.Dial("tcp", c.address)
	if err != nil {
		return fmt.Errorf("bench: a client: %w", err)
	}
	defer conn.Close()
	r := bufio.NewReader(conn)
	var out []byte
	for ctx.Err() == nil {
		n := c.next.Add(1)
		out = c.request(out[:0], n)
		begin := time.Now()
		if _, err := conn.Write(out); err != nil {
			return fmt.Errorf("bench: a client: %w", err)
		}
		status, body, err := readAnswer(r)
		switch {
		case err != nil:
			return fmt.Errorf("bench: a client: %w", err)
		case status != 200 || !bytes.Contains(body, []byte(`"steps":{"done":1}`)):
			return fmt.Errorf("bench: a job was answered %d %s", status, body)
		}
		one.told++
		if c.asked.times(n) == 0 {
			one.early++
		}
		if c.measures.Load() {
			one.tooks = append(one.tooks, time.Since(begin))
		}
	}
	return nil
}

// request is a job as a dialer's message: a call of its own, told by its first event.
func (c *clients) request(out []byte, n int64) []byte {
	body := fmt.Appendf(nil, `{"channel":"Amazon","topic":"OutboundCall","subtopic":"OutboundCallStateChange","message":{"source":"event","call":{`+
		`"id":"c%d","event":"CustAnswered","CallType":"Regular-Call","CallVariables":{"CampaignName":"Spring renewals","CampaignType":"Predictive","Phone":"+12025550143","Tier":"gold","Job":"%d"},`+
		`"ResponseFields":{"fromAddress":"+12025550143","CallState":"CustAnswered","Type":"Regular-Call"},"User":{"UserId":"agent.%d","Extension":"agent.%d"}}}}`, n, n, n, n)
	return c.post(out, body)
}

// post is a request that waits for the end of what it starts.
func (c *clients) post(out, body []byte) []byte {
	return fmt.Appendf(out, "POST /in/jobs/?wait=done HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		c.address, jobToken, len(body), body)
}
