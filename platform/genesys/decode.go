package genesys

import (
	"hash/maphash"
	"maps"
	"slices"
	"strings"
	"time"

	"cordboard/call"
	"cordboard/platform"
)

// holdFor is how long the decoder waits for what it still lacks, which is longer than messages are usually out of order:
// for a call's mode, because the dialing mode of a campaign may have to be asked for, and EventBridge, which keeps no
// order, may tell of the dialer only afterwards; and for the snapshot that tells a moment better than a detail event.
const holdFor = 2500 * time.Millisecond

// Decoder turns Genesys Cloud's messages into call events. It implements [platform.Decoder].
//
// A snapshot shows the whole conversation and no change, so the decoder compares: each moment of an agent's leg is told
// once, by whichever message shows first that it has come, with the platform's own time. A message that comes late tells
// the moment that was missed; one that comes twice tells nothing. What only a detail event on the WebSocket says waits for
// the snapshot, which says it better.
//
// A leg is a participant with a user: its id is the participant's. Moments of a leg, in their order: alerting, Preview
// (a callback or preview was taken), dialing, connected, held, disconnected, ACW, terminated. There is no word for the end
// of a hold: it is told as a moment without a name. A preview ends with ACW, which then has the phase ended, because its
// wrap-up is done before it is closed. A conversation in which there is no customer, or no agent, tells nothing.
type Decoder struct {
	mem       memory
	campaigns map[string]named
	queues    map[string]string
	wrapups   map[string]string
	waiting   waitList
	wanted    []string // campaigns that nothing is known of
	seed      maphash.Seed
}

var _ platform.Decoder = (*Decoder)(nil)

// NewDecoder returns a decoder that knows no call yet.
func NewDecoder() *Decoder {
	return &Decoder{
		mem: newMemory(), campaigns: map[string]named{}, queues: map[string]string{}, wrapups: map[string]string{},
		seed: maphash.MakeSeed(),
	}
}

// Decode implements [platform.Decoder].
func (d *Decoder) Decode(m platform.Message) ([]call.Event, error) {
	return d.decode(m, m.Text())
}

func (d *Decoder) decode(m platform.Message, raw []byte) ([]call.Event, error) {
	n, err := readNote(&m, string(raw))
	if err != nil {
		return nil, err
	}
	n.hash = maphash.Bytes(d.seed, raw)
	var events []call.Event
	now := m.At
	if now.IsZero() {
		now = n.at
	}
	if !now.IsZero() {
		events = d.Flush(now)
	}
	switch n.about {
	case aboutConversation:
		return append(events, d.conversation(&m, &n, raw)...), nil
	case aboutDetail:
		return append(events, d.detail(&m, &n, raw)...), nil
	case aboutCampaigns:
		return append(events, d.learnCampaigns(&m, n.names)...), nil
	case aboutQueues:
		learnNames(d.queues, n.names)
	case aboutWrapups:
		learnNames(d.wrapups, n.names)
	}
	return events, nil
}

// Prime tells the decoder which legs were open before a restart, so that those that vanished can be ended. It is called
// before the first Decode.
func (d *Decoder) Prime(legs []platform.OpenLeg) {
	for _, o := range legs {
		if o.Ref == "" || o.Leg == "" {
			continue
		}
		c := d.mem.conversation(o.Ref)
		if c.leg(o.Leg) != nil {
			continue
		}
		c.mode, c.customer = o.Mode, o.Customer
		c.preview = o.Mode == call.Preview
		l := &leg{id: o.Leg, agent: o.Agent, role: o.Role, callback: c.preview, recalled: true}
		l.accepted = o.Name != wordAlerting
		l.talked = l.accepted && o.Name != wordPreview && o.Name != wordDialing
		if o.Name == wordACW { // the only word that decides what comes after it
			l.told = append(l.told, told{wordACW, rankACW, o.At})
		}
		c.legs = append(c.legs, l)
	}
}

// Flush implements [platform.Decoder].
func (d *Decoder) Flush(now time.Time) (out []call.Event) {
	for c := d.waiting.due(now); c != nil; c = d.waiting.due(now) {
		t := telling{d: d, c: c, m: &platform.Message{At: now}, firm: true}
		for _, l := range c.legs {
			t.due(l, now)
		}
		out = append(out, t.done(nil)...)
		if len(c.held) > 0 && (now.IsZero() || !now.Before(c.due)) {
			c.patient = true
			d.settle(c)
			out = append(out, d.release(c)...)
		}
	}
	return out
}

// due is when Flush next has something to do; the zero time when nothing waits.
func (d *Decoder) due() time.Time { return d.waiting.soonest() }

// open reports whether anything more is expected of a conversation.
func (d *Decoder) open(id string) bool {
	c := d.mem.all[id]
	return c != nil && c.open()
}

// wants are the campaigns that came up and of which nothing is known, each once.
func (d *Decoder) wants() []string {
	all := d.wanted
	d.wanted = nil
	return all
}

// learnCampaigns takes campaigns in and lets the events go that waited for them. Of a call that did not wait so long its mode
// is told by an event without a name.
func (d *Decoder) learnCampaigns(m *platform.Message, all []named) []call.Event {
	for _, n := range all {
		d.campaigns[strings.Clone(n.id)] = named{strings.Clone(n.id), strings.Clone(n.name), strings.ToLower(n.dialing)}
	}
	var out []call.Event
	for _, w := range d.waiting.all {
		c := w.c
		if d.settle(c); c.mode != "" {
			out = append(out, d.release(c)...)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(d.mem.all)) {
		if c := d.mem.all[id]; c.patient && c.mode == "" && len(c.legs) > 0 {
			if d.settle(c); c.mode != "" {
				t := telling{d: d, c: c, m: m}
				out = append(out, t.done(nil)...)
			}
		}
	}
	return out
}

func learnNames(into map[string]string, all []named) {
	for _, n := range all {
		if n.id != "" && n.name != "" {
			into[strings.Clone(n.id)] = strings.Clone(n.name)
		}
	}
}
