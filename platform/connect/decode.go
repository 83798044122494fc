package connect

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cordboard/call"
	"cordboard/platform"
)

// Variables says in which of a contact's attributes a flow notes what Cordboard has a name for. Of each list the first that
// has a value counts. An empty list means the usual names.
type Variables struct {
	// Mode names the pacing mode of a campaign's call; dialing_mode, DialingMode, PacingMode by default.
	Mode []string `yaml:"mode"`
	// Campaign names the campaign where its own name is not known; CampaignName by default.
	Campaign []string `yaml:"campaign"`
	// Wrapup holds the outcome that the agent noted; Disposition, DispositionCode, WrapupCode, Outcome by default.
	Wrapup []string `yaml:"wrapup"`
}

func (v Variables) usual() Variables {
	or := func(names []string, usual ...string) []string {
		if len(names) > 0 {
			return names
		}
		return usual
	}
	v.Mode = or(v.Mode, "dialing_mode", "DialingMode", "PacingMode")
	v.Campaign = or(v.Campaign, "CampaignName")
	v.Wrapup = or(v.Wrapup, "Disposition", "DispositionCode", "WrapupCode", "Outcome")
	return v
}

// Options are what a decoder knows before the first message. The zero value is a sensible one.
type Options struct {
	// Platform is connect-hvoc, the default, or connect-tethered for the calls of a tethered site that do not pass its
	// dialer: those that agents dial and those that come in.
	Platform call.Platform
	// Modes are pacing modes by the ids of campaigns; they are not asked for.
	Modes     map[string]call.Mode
	Variables Variables
	// Patience is how long a moment waits for what a workflow needs and other sources may bring: the mode, the customer's
	// number, the agent's name. 0 means 2.5 s, which is less than a pop is worth; negative waits for nothing.
	Patience time.Duration
}

// usualPatience is longer than messages of different sources are usually apart.
const usualPatience = 2500 * time.Millisecond

// Decoder turns what Amazon Connect says into call events. It implements [platform.Decoder]: a state machine without I/O,
// clock or randomness. It knows the contacts of all agents of the connection. Make one with NewDecoder.
//
// A moment is told at once when the call's mode, the customer's number and the agent are known, as they are from a browser.
// Otherwise it waits a little, together with what follows it in its contact; what becomes known only then is told by an event
// without a name.
type Decoder struct {
	contacts map[string]*contact
	children map[string][]*contact // by the contact that they name as the first
	agents   map[string][]*part    // parts that go on, by agent
	names    map[string]string     // user names by agent
	ids      map[string]string     // agents by their user names in lower case
	recalled map[string][]*part    // parts from before a restart of which only the user name is known, by it

	modes     map[string]call.Mode
	campaigns map[string]campaign
	variables Variables
	platform  call.Platform
	table     table
	patience  time.Duration

	connection string    // that messages name
	waiting    []waiting // by when they are due
	wants      wants
	held       held
	swept      time.Time

	// Of the message that is being taken in:
	m         *platform.Message
	now, at   time.Time // when it was heard, and its own time
	touched   []*contact
	concluded bool
}

var _ platform.Decoder = (*Decoder)(nil)

// waiting is a contact of which something waits.
type waiting struct {
	c   *contact
	due time.Time
}

// NewDecoder returns a decoder that knows no contact yet.
func NewDecoder(o Options) *Decoder {
	of := cmp.Or(o.Platform, call.ConnectHVOC)
	return &Decoder{
		contacts: map[string]*contact{}, children: map[string][]*contact{}, agents: map[string][]*part{}, names: map[string]string{}, ids: map[string]string{},
		modes: o.Modes, campaigns: map[string]campaign{}, variables: o.Variables.usual(), platform: of, table: pageTable(of),
		patience: max(0, cmp.Or(o.Patience, usualPatience)), wants: newWants(), held: held{of: map[int64]int{}},
	}
}

// Decode implements [platform.Decoder].
func (d *Decoder) Decode(m platform.Message) ([]call.Event, error) {
	d.m = &m
	d.held.n++
	defer func() { d.m = nil }()
	d.connection = cmp.Or(m.Connection, d.connection)
	raw := m.Text()
	var err error
	switch m.Source {
	case SourceStreams:
		err = d.decodePicture(raw)
	case SourceAgentStream:
		err = d.decodeRecord(raw)
	case SourceEventBridge:
		err = d.decodeEvent(raw)
	case SourceREST:
		err = d.decodeAnswer(raw)
	default:
		return nil, fmt.Errorf("source %q is none of Amazon Connect's", m.Source)
	}
	if errors.Is(err, errOther) {
		err = nil
	}
	events := d.settleAll()
	d.sweep()
	return events, err
}

// hear notes the times of the present message.
func (d *Decoder) hear(at time.Time) {
	d.at = at
	d.now = cmp.Or(d.m.At, at)
	d.at = cmp.Or(d.at, d.now)
}

func (d *Decoder) decodePicture(raw []byte) error {
	p, err := readPicture(raw)
	if err != nil {
		return err
	}
	if err := p.date(d.m.At); err != nil {
		return err
	}
	p.agent = cmp.Or(p.agent, d.m.Agent, p.username)
	if p.agent == "" {
		return errors.New("configuration.agentARN is missing")
	}
	if d.m.Agent != "" && !d.mayBe(p.agent, d.m.Agent) {
		return errAnother
	}
	d.hear(p.at)
	d.nameAgent(p.agent, cmp.Or(d.m.Agent, p.username))
	d.learnPicture(p)
	return nil
}

func (d *Decoder) decodeRecord(raw []byte) error {
	r, err := readRecord(raw)
	if err != nil {
		return err
	}
	if err := r.date(d.m.At); err != nil {
		return err
	}
	d.hear(r.at)
	d.nameAgent(r.agent, r.username)
	d.learnRecord(r)
	return nil
}

func (d *Decoder) decodeEvent(raw []byte) error {
	e, err := readContactEvent(raw)
	if err != nil {
		return err
	}
	if e.at = cmp.Or(e.at, d.m.At.UTC()); e.at.IsZero() {
		return errors.New("time is no time")
	}
	d.hear(e.at)
	d.learnEvent(e)
	return nil
}

// mayBe reports whether the agent's user name is, or may be, name. An agent of whom nothing is known is asked about when
// somebody else is known by that name.
func (d *Decoder) mayBe(agent, name string) bool {
	if known := d.names[agent]; known != "" {
		return strings.EqualFold(known, name)
	}
	if id := d.ids[strings.ToLower(name)]; id != "" {
		d.wants.user(agent)
		return false
	}
	return true
}

// nameAgent learns an agent's user name. What waited for it is looked at again.
func (d *Decoder) nameAgent(agent, name string) {
	if name == "" {
		return
	}
	d.claim(agent, name)
	if d.names[agent] != "" {
		return
	}
	agent, name = strings.Clone(agent), strings.Clone(name)
	d.names[agent], d.ids[strings.ToLower(name)] = name, agent
	for _, p := range d.agents[agent] {
		d.touch(p.contact)
	}
}

// waitFor notes that the contact is to be looked at again at a time.
func (d *Decoder) waitFor(c *contact, due time.Time) {
	i := len(d.waiting)
	for i > 0 && due.Before(d.waiting[i-1].due) {
		i--
	}
	d.waiting = slices.Insert(d.waiting, i, waiting{c, due})
}

// Flush implements [platform.Decoder]: it tells what has waited long enough.
func (d *Decoder) Flush(now time.Time) []call.Event {
	if len(d.waiting) == 0 || !now.IsZero() && now.Before(d.waiting[0].due) {
		return nil
	}
	d.m = &platform.Message{At: now}
	defer func() { d.m = nil }()
	d.now, d.at = now, now
	var out []call.Event
	for len(d.waiting) > 0 && (now.IsZero() || !now.Before(d.waiting[0].due)) {
		w := d.waiting[0]
		d.waiting = d.waiting[1:]
		for _, p := range w.c.parts {
			for _, a := range p.asides {
				d.lookAside(a, now)
			}
		}
		if !w.c.due.IsZero() && (now.IsZero() || !now.Before(w.c.due)) {
			d.giveUp(w.c)
		}
		d.touch(w.c)
		out = append(out, d.settleAll()...)
	}
	return out
}

// Due is when Flush has something to do; the zero time means that it has nothing.
func (d *Decoder) Due() time.Time {
	if len(d.waiting) == 0 {
		return time.Time{}
	}
	return d.waiting[0].due
}

// How long contacts are remembered after the last message about them: those that are over for late repeats, those that
// wait in a queue, and those that an agent has.
const (
	keepOver  = 15 * time.Minute
	keepQueue = time.Hour
	keepLive  = 24 * time.Hour
	sweepEach = time.Minute
)

// sweep forgets now and then what is long over.
func (d *Decoder) sweep() {
	if d.now.Sub(d.swept) < sweepEach {
		return
	}
	d.swept = d.now
	for id, c := range d.contacts {
		if c.last.IsZero() { // from before a restart, however long that took
			c.last = d.now
		}
		if d.now.Sub(c.last) > c.keep() && len(c.pending) == 0 {
			d.forget(id, c)
		}
	}
}

func (c *contact) keep() time.Duration {
	keep := keepQueue
	for _, p := range c.parts {
		if p.live() {
			return keepLive
		}
		keep = keepOver
	}
	if c.over {
		keep = keepOver
	}
	return keep
}

func (d *Decoder) forget(id string, c *contact) {
	delete(d.contacts, id)
	if rest := slices.DeleteFunc(d.children[c.of], func(o *contact) bool { return o == c }); len(rest) > 0 {
		d.children[c.of] = rest
	} else {
		delete(d.children, c.of)
	}
	for _, p := range c.parts {
		d.agents[p.agent] = slices.DeleteFunc(d.agents[p.agent], func(o *part) bool { return o == p })
		if len(d.agents[p.agent]) == 0 {
			delete(d.agents, p.agent)
		}
	}
}
