package salesforce

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"cordboard/crm"
)

// stopGrace is how long requests in flight may take to finish when Run is asked to stop.
const stopGrace = 5 * time.Second

var errStopped = errors.New("the writer has stopped")

// Write implements crm.Writer: it upserts one record by the external-id field. It waits until the org has answered or
// ctx has ended; nothing is sent before Run runs. Every error is a *crm.Error.
func (c *Client) Write(ctx context.Context, w crm.Write) (crm.Written, error) {
	if w.Key == "" || len(w.Key) > 255 {
		return crm.Written{}, &crm.Error{Kind: crm.Invalid, Code: "key", Message: "a record key has 1 to 255 characters"}
	}
	return c.submit(ctx, w, "")
}

// Update changes the record with a known id, which no upsert by key can do for a record that others made. It batches
// as Write does, and never creates anything: a record that is not there any more is Gone.
func (c *Client) Update(ctx context.Context, id string, w crm.Write) (crm.Written, error) {
	if !ValidID(id) {
		return crm.Written{}, &crm.Error{Kind: crm.Invalid, Code: "id", Message: "this is no record id"}
	}
	return c.submit(ctx, w, longID(id))
}

func (c *Client) submit(ctx context.Context, w crm.Write, id string) (crm.Written, error) {
	if !nameForm.MatchString(w.Object) {
		return crm.Written{}, &crm.Error{Kind: crm.Invalid, Code: "object", Message: "this is no object's API name"}
	}
	// External ids are compared without case where the field does not say otherwise.
	key, group := w.Object+" "+strings.ToLower(w.Key), w.Object
	if id != "" {
		key, group = "id "+id, "id "+w.Object
	}
	j := &job{Write: w, id: id, since: time.Now(), ended: ctx.Err, answer: make(chan result, 1)}
	if !c.queue.add(key, group, j) {
		return crm.Written{}, &crm.Error{Kind: crm.Busy, Err: errStopped}
	}
	select {
	case r := <-j.answer:
		return r.written, r.err
	case <-ctx.Done():
		c.queue.drop(key, j)
		return crm.Written{}, &crm.Error{Kind: crm.Busy, Err: ctx.Err()}
	}
}

// Run sends what Write and Update hand in, and keeps the phone index, until ctx ends. It then refuses what waits (as Busy), lets what flies finish
// for a few seconds, and returns nil. A client's Run runs once.
func (c *Client) Run(ctx context.Context) error {
	flying, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var flights sync.WaitGroup
	var keeper sync.WaitGroup
	keeper.Go(func() { c.keepIndex(ctx) })
	defer keeper.Wait()
	room := make(chan struct{}, batchesAtOnce)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		batches, next := c.queue.take(time.Now(), c.window(), cap(room)-len(room))
		for _, b := range batches {
			if !b.now {
				room <- struct{}{} // never blocks: take keeps to the room there is
			}
			flights.Go(func() {
				c.fly(flying, b)
				if !b.now {
					<-room
				}
				c.queue.land(b, time.Now())
			})
		}
		timer.Reset(time.Hour)
		if !next.IsZero() {
			timer.Reset(time.Until(next))
		}
		select {
		case <-ctx.Done():
		case <-c.queue.wake:
		case <-timer.C:
		}
	}
	grace := time.AfterFunc(stopGrace, cancel)
	defer grace.Stop()
	c.refuseWaiting()
	flights.Wait()
	c.refuseWaiting() // what a flight put back
	return nil
}

func (c *Client) refuseWaiting() {
	for _, j := range c.queue.close() {
		j.answer <- result{err: &crm.Error{Kind: crm.Busy, Err: errStopped}}
	}
}

// settle answers everybody who waits for one record.
func (c *Client) settle(it *item, written crm.Written, err error) {
	if err == nil {
		c.learn(it.Object, written.ID, it.Fields)
		for _, j := range it.jobs {
			j.answer <- result{written: written}
		}
		return
	}
	e, ok := errors.AsType[*crm.Error](err)
	if !ok {
		e = &crm.Error{Kind: crm.Busy, Err: err}
	}
	if (e.Kind == crm.Invalid || e.Kind == crm.Gone) && len(it.jobs) > 1 {
		c.queue.again(it)
		return
	}
	it.hold = c.holdFor(err)
	own := *e // the caller may keep it; others got the same batch's error
	for _, j := range it.jobs {
		j.answer <- result{err: withoutValues(&own, it.Fields)}
	}
}

// holdFor is how long a key is left alone after a request without an answer: the org may still be working on it, and a
// second upsert beside it would make a second record where the external id is not unique.
func (c *Client) holdFor(err error) time.Duration {
	switch {
	case !unanswered(err):
		return 0
	case errors.Is(err, context.DeadlineExceeded):
		return c.afterTimeout
	}
	return min(time.Second, c.afterTimeout)
}

func (c *Client) warnMany(object string, n int) {
	c.log.Warn("several records have one key; the oldest is written", "object", object, "records", n)
}

// recordPath is the path of a record by its key.
func (c *Client) recordPath(object, key string) string {
	return fmt.Sprintf("/sobjects/%s/%s/%s", object, c.cfg.KeyField, key)
}
