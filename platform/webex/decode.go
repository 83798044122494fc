package webex

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"time"

	"cordboard/call"
	"cordboard/platform"
)

// The sources of raw messages, as traces name them.
const (
	SourceSocket  = "webex-ws"
	SourceWebhook = "webex-webhook"
)

// Decoder turns notifications and webhooks into call events. It implements [platform.Decoder]: a state machine without I/O,
// clock or randomness. It knows the tasks of every agent of the connection. Make one with NewDecoder.
type Decoder struct {
	tasks   map[string]*task // by every id of the interaction
	modes   func(campaign string) call.Mode
	early   map[string]*ahead    // messages that came before what explains them, by interaction
	reloads map[string]time.Time // agents whose tasks are being told again, by when that began
	from    string               // the connection, as the newest message names it
	last    time.Time            // of the newest message
	swept   time.Time
}

// NewDecoder returns a decoder that knows nothing yet. Campaigns, where it is not nil, tells the pacing mode of a campaign by
// the name that the calls carry: a notification does not tell progressive from predictive.
func NewDecoder(campaigns func(name string) call.Mode) *Decoder {
	if campaigns == nil {
		campaigns = func(string) call.Mode { return "" }
	}
	return &Decoder{tasks: map[string]*task{}, modes: campaigns, early: map[string]*ahead{}, reloads: map[string]time.Time{}}
}

// keep is how long a task is remembered after its last message: late repeats of what is known are then no news.
const keep = 12 * time.Hour

// settle is how long after a new subscription its pictures of the agent's tasks may come; no source says (inferred).
const settle = 3 * time.Second

// Decode implements [platform.Decoder].
func (d *Decoder) Decode(m platform.Message) ([]call.Event, error) {
	d.from = m.Connection
	return d.decode(m, true)
}

// decode works a message out; one that may have to wait for another is put aside if it may.
func (d *Decoder) decode(m platform.Message, mayWait bool) ([]call.Event, error) {
	var n *notice
	var err error
	if m.Source == SourceWebhook {
		n, err = readWebhook(m.Text())
	} else {
		n, err = readNotice(m.Text())
	}
	if n != nil {
		if n.at.IsZero() { // the time of hearing is nearly as good
			n.at = m.At.UTC()
		}
		d.hear(n)
	}
	switch {
	case errors.Is(err, errNoTask):
		if n != nil && n.kind == reloginSuccess {
			d.reloads[cmp.Or(m.Agent, n.agent)] = when(m, n)
		}
		return nil, nil
	case err != nil:
		return nil, err
	case n.at.IsZero():
		return nil, errors.New("data.eventTime is missing")
	case n.media != "" && n.media != "telephony":
		return nil, nil // chats and mails are no calls
	}
	if m.Source != SourceWebhook {
		n.agent = cmp.Or(m.Agent, n.agent) // a feed tells its own agent, whomever the notice is about
	}
	if n.agent == "" {
		return nil, errors.New("data.agentId is missing")
	}
	if mayWait && d.waits(m, n) {
		return nil, nil
	}
	t := d.task(n)
	t.learn(n, d.modes)
	r := &reading{notice: n, task: t, hook: m.Source == SourceWebhook, heard: when(m, n), raw: m.Message}
	if n.kind == agentContact {
		r.picture()
	} else if n.kind == contactMerged {
		r.link(t.ownLeg(n.agent, false, n.at))
	} else if what, ok := tells[n.kind]; ok && what.word != "" {
		r.tell(what)
	}
	return d.signed(append(r.events, d.catchUp(n.id)...)), nil
}

// signed names the connection in events.
func (d *Decoder) signed(events []call.Event) []call.Event {
	for i := range events {
		events[i].Connection = d.from
	}
	return events
}

// when is the time of hearing a message, or the platform's own time of it where a trace has no other.
func when(m platform.Message, n *notice) time.Time {
	if m.At.IsZero() {
		return n.at
	}
	return m.At
}

// hear keeps the clock of the messages, and now and then forgets what is long over.
func (d *Decoder) hear(n *notice) {
	if n.at.After(d.last) {
		d.last = n.at
	}
	if d.last.Sub(d.swept) < time.Hour {
		return
	}
	d.swept = d.last
	for id, t := range d.tasks {
		if d.last.Sub(t.last) > keep {
			delete(d.tasks, id)
		}
	}
}

// task finds the task of a notice, also under the id that it had as a preview.
func (d *Decoder) task(n *notice) *task {
	t := d.tasks[n.id]
	if was := d.tasks[n.reservation]; n.reservation != "" && was != nil {
		if t != nil && t != was {
			was.merge(t) // the answer overtook the offer's other messages
		}
		t = was
	}
	if t == nil {
		t = &task{legs: map[string]*leg{}, stint: map[string]int{}}
	}
	d.tasks[n.id] = t
	if n.reservation != "" {
		d.tasks[n.reservation] = t
	}
	if n.at.After(t.last) {
		t.last = n.at
	}
	return t
}

// Flush implements [platform.Decoder]: it ends the legs that a new subscription did not show any more, and takes in what
// has waited long enough for a message that explains it.
func (d *Decoder) Flush(now time.Time) []call.Event {
	var events []call.Event
	for _, id := range slices.Sorted(maps.Keys(d.early)) {
		if now.IsZero() || now.Sub(d.early[id].since) >= lead {
			events = append(events, d.catchUp(id)...)
		}
	}
	for agent, began := range d.reloads {
		if !now.IsZero() && now.Sub(began) < settle {
			continue
		}
		delete(d.reloads, agent)
		events = append(events, d.conclude(agent, began)...)
	}
	return d.signed(events)
}

// Due is when Flush has something to do; the zero time means that it has nothing.
func (d *Decoder) Due() time.Time {
	var due time.Time
	soonest := func(at time.Time) {
		if due.IsZero() || at.Before(due) {
			due = at
		}
	}
	for _, began := range d.reloads {
		soonest(began.Add(settle))
	}
	for _, a := range d.early {
		soonest(a.since.Add(lead))
	}
	return due
}
