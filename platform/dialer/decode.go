package dialer

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"cordboard/call"
	"cordboard/catalog"
	"cordboard/platform"
)

// Source is the source of every message in a trace.
const Source = "connect-dialer"

// Decoder turns the dialer's messages into call events. It implements [platform.Decoder]: no clock, no I/O, not safe for
// concurrent use.
//
// An event is told when the newest word of an agent's part differs from the one before: the same word again brings at
// most new data. A word is an event of a call when the catalog's tables name it for the call's mode, or when it was asked
// for. An agent who talks to a colleague has a leg of its own for that talk; it ends without a word when the agent is
// back with the customer, unless the dialer has one for it.
//
// What the messages leave open is inferred. The first agent of a call has the customer leg. Another one who is connected
// to the same customer has a conference leg when the call has become a conference, else a transfer leg. A call type
// Consult under an id of its own, and Amazon's call type Inbound while the agent has a call, belong to the call that the
// agent has. An agent who begins a call has left the one before.
type Decoder struct {
	mem   memory
	table table
	also  map[word]bool
	vars  Variables
	from  string // the connection, as the newest message names it
}

var _ platform.Decoder = (*Decoder)(nil)

// NewDecoder returns a decoder that knows no call yet, for a dialer that uses the usual names of variables.
func NewDecoder() *Decoder { return newDecoder(Variables{}, nil) }

// newDecoder returns a decoder that also tells the words of also.
func newDecoder(vars Variables, also []string) *Decoder {
	d := &Decoder{mem: newMemory(), table: tableOf(catalog.Default()), also: map[word]bool{}, vars: vars.usual()}
	for _, w := range also {
		d.also[words[strings.ToLower(w)]] = true
	}
	return d
}

// Prime tells the decoder which legs were open before a restart, so that they go on. It is called before the first
// Decode.
func (d *Decoder) Prime(legs []platform.OpenLeg) {
	calls := map[call.ID]*talk{}
	for _, o := range legs {
		t := calls[o.Call]
		if t == nil {
			t = &talk{mode: o.Mode, customer: o.Customer, campaign: o.Campaign, recalled: true}
			calls[o.Call] = t
		}
		d.mem.name(t, o.Ref)
		l := d.mem.begin(t, o.Leg, o.Ref, o.Agent, o.Role == call.ConsultLeg)
		l.role, l.extension, l.at, l.told = o.Role, o.Extension, o.At, true
		l.life = "@" + stamp(o.At) // it may not be the leg's first, and an end of it was told
		l.word = words[strings.ToLower(o.Name)]
		l.answered = !l.aside && !slices.Contains([]word{"", preview, initiate, connecting}, l.word)
		l.conferenced = o.Role == call.ConferenceLeg
		switch {
		case !l.answered || t.first != nil:
		case l.role == call.TransferLeg:
			t.first = &leg{talk: t, over: true} // somebody who has left
		default:
			t.first, l.role = l, call.CustomerLeg // of the first agent only the moment is the conference's
		}
	}
	for _, t := range calls {
		if t.find(func(l *leg) bool { return l.conferenced }) != nil {
			t.conferred()
		}
	}
}

// Decode implements [platform.Decoder].
func (d *Decoder) Decode(m platform.Message) ([]call.Event, error) {
	events, _, err := d.decode(m)
	return events, err
}

// decode also returns what the sender calls the message.
func (d *Decoder) decode(m platform.Message) ([]call.Event, string, error) {
	d.from = m.Connection
	raw := m.Text()
	msg, err := read(raw)
	if err != nil {
		return nil, "", err
	}
	if msg.Message.Call == nil {
		return nil, string(msg.ID), nil
	}
	c := &change{m: &m, raw: raw, body: msg.Message.Call, key: string(msg.ID), at: msg.At.Time, timed: !msg.At.IsZero()}
	if !c.timed {
		c.at = m.At.UTC()
	}
	known := false
	if c.word, known = words[strings.ToLower(string(c.body.Event))]; !known {
		return nil, c.key, errWord
	}
	c.agent = cmp.Or(c.body.User.ID, m.Agent)
	events, err := d.change(c)
	return d.signed(events), c.key, err
}

// Flush implements [platform.Decoder]: it holds nothing back, but ends legs of which nothing was heard for so long that
// their end must have been lost.
func (d *Decoder) Flush(now time.Time) []call.Event {
	if now.Before(d.mem.sweepAt) || now.IsZero() {
		return nil
	}
	d.mem.sweepAt = now.Add(sweep)
	var out []call.Event
	for _, legs := range d.mem.open {
		for _, l := range slices.Clone(legs) {
			if l.at.IsZero() { // known from before a restart, by data alone
				l.at = now
			}
			if now.Sub(l.at) > longest {
				out = append(out, d.conclude(l, now))
			}
		}
	}
	slices.SortFunc(out, func(a, b call.Event) int { return strings.Compare(a.ID, b.ID) })
	return d.signed(out)
}

// signed names the connection in events of calls from before a restart: only messages say it.
func (d *Decoder) signed(events []call.Event) []call.Event {
	for i := range events {
		events[i].Connection = cmp.Or(events[i].Connection, d.from)
	}
	return events
}
