package finesse

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"cordboard/call"
)

// tell compares a change with what was last said of the leg and returns the events that it brings.
func (d *Decoder) tell(l *leg, c *change) []call.Event {
	callType := l.callType
	if raw := c.dlg.callType; raw != "" || l.callType == "" {
		callType = foldType(raw, l.status)
	}
	state := cmp.Or(c.state, l.state)
	if callType == l.callType && state == l.state || state == "" {
		if c.own != nil && c.at.After(l.at) && !l.ended {
			l.said = append(l.said, said{callType, state, c.at, true})
			l.at = c.at
		}
		return d.out(l, c, d.dataOf(l, c))
	}
	ev := d.event(l, c)
	ev.CallType, ev.Name = callType, state
	if l.rawType != callType {
		ev.RawType = l.rawType
	}
	ev.Phase = phaseOf(l.role, callType, state)
	if state == stateDropped {
		ev.Merged = d.merged(l, c)
		if !ev.Merged && l.missed(c) {
			ev.Phase = call.Missed
		}
	}
	ev.ID = l.eventID(callType, state, c.at)
	l.callType, l.state, l.at = callType, state, c.at
	l.answered = l.answered || tookPart(state)
	d.takeData(l, c, &ev)
	out := d.out(l, c, []call.Event{ev})
	if state == stateDropped {
		l.presumed = c.concluded
		d.mem.end(l)
	}
	return out
}

// late tells a moment that was overtaken by a newer one: by a snapshot, or by a message of the other node after a
// failover. The leg keeps its newer state.
func (d *Decoder) late(l *leg, c *change) []call.Event {
	m := said{callType: c.folded(), state: c.state, at: c.at}
	if c.state == "" || c.state == stateDropped || slices.ContainsFunc(l.said, m.same) {
		return nil
	}
	if m.again = l.newest(m.at).repeats(m); m.again {
		l.said = append(l.said, m)
		return nil
	}
	next, known := l.next(m.at)
	ev := d.overtaken(l, c, m)
	ev.Vars, ev.Wrapup = c.vars(l), c.dlg.wrapup
	out := []call.Event{ev}
	if known && next.again && !next.repeats(m) {
		l.said = slices.DeleteFunc(l.said, func(s said) bool { return s == next })
		out = append(out, d.overtaken(l, c, next))
	}
	return out
}

// overtaken is the event of a moment that comes late.
func (d *Decoder) overtaken(l *leg, c *change, m said) call.Event {
	ev := d.event(l, c)
	ev.CallType, ev.Name, ev.Phase, ev.At = m.callType, m.state, phaseOf(l.role, m.callType, m.state), m.at
	if c.dlg.callType != m.callType {
		ev.RawType = c.dlg.callType
	}
	ev.ID = l.eventID(m.callType, m.state, m.at)
	return ev
}

// event fills in what every event of the leg carries.
func (d *Decoder) event(l *leg, c *change) call.Event {
	s := l.d
	return call.Event{
		Connection: c.m.Connection, Platform: call.Cisco,
		Ref: l.dialog, Of: cmp.Or(s.associated, s.secondary, s.of),
		Leg: l.id, Role: l.role, Agent: l.agent, Extension: l.extension,
		Mode: s.mode, At: c.at, Received: c.m.At,
		Customer: s.customer, Direction: directionOf(s.mode), Campaign: s.campaign, Queue: s.queue,
		Reconciled: c.concluded, Raw: c.raw,
	}
}

// eventID is the same whenever the moment is told again. The end has no time in it, so that an end concluded from a
// snapshot and the message of it are one event. A moment that comes again with the platform's old time is numbered.
func (l *leg) eventID(callType, state string, at time.Time) string {
	base := l.agent + "/" + l.dialog + "/"
	if state == stateDropped {
		return base + stateDropped + l.life
	}
	m := said{callType: callType, state: state, at: at}
	times := 1
	for _, s := range l.said {
		if s.same(m) && !s.again {
			times++
		}
	}
	l.said = append(l.said, m)
	id := base + callType + "/" + state + "/" + stamp(at)
	if times > 1 {
		return id + "/" + strconv.Itoa(times)
	}
	return id
}

// missed reports whether a leg ended while it still rang at the agent.
func (l *leg) missed(c *change) bool {
	return !l.answered && (l.state == stateAlerting || l.state == "" && c.dlg.state == stateAlerting)
}

func tookPart(state string) bool {
	switch state {
	case stateActive, stateHeld, stateWrapUp, stateAccepted:
		return true
	}
	return false
}

// out holds events back while the mode is still to come, and lets the held ones go before the first that has it.
func (d *Decoder) out(l *leg, c *change, events []call.Event) []call.Event {
	if wait := d.waits(l, c); wait > 0 && (len(l.held) > 0 || !l.waited) {
		if len(l.held) == 0 && len(events) > 0 {
			l.waited, l.due = true, c.clock().Add(wait)
			d.mem.waiting = append(d.mem.waiting, l)
		}
		l.held = append(l.held, events...)
		return nil
	}
	return append(d.release(l), events...)
}

// waits is how long a leg's events may be held back; 0 means that they go out now.
func (d *Decoder) waits(l *leg, c *change) time.Duration {
	switch {
	case l.d.mode != "" || c.state == stateDropped:
		return 0
	case waitsForStatus(l.rawType):
		return holdFor
	case l.rawType == "CONSULT" && l.role == call.ConsultLeg && l.id == l.agent:
		if from := d.mem.devices[c.dlg.from]; from != nil && from != c.a {
			return holdConsult
		}
	}
	return 0
}

// release completes the events that a leg holds back and lets them go.
func (d *Decoder) release(l *leg) []call.Event {
	if len(l.held) == 0 {
		return nil
	}
	s := l.d
	for i := range l.held {
		h := &l.held[i]
		h.Mode, h.Direction = s.mode, directionOf(s.mode)
		h.Campaign, h.Customer = cmp.Or(h.Campaign, s.campaign), cmp.Or(h.Customer, s.customer)
		h.Of = cmp.Or(h.Of, s.associated, s.secondary, s.of)
	}
	events := l.held
	l.held = nil
	d.mem.waiting = slices.DeleteFunc(d.mem.waiting, func(o *leg) bool { return o == l })
	return events
}

// freed lets the events of other agents go that waited for what l's feed has now told of their dialog.
func (d *Decoder) freed(l *leg) []call.Event {
	var out []call.Event
	for _, w := range slices.Clone(d.mem.waiting) {
		if w != l && w.d == l.d && l.d.mode != "" {
			w.d.customer = cmp.Or(w.d.customer, l.d.customer)
			out = append(out, d.release(w)...)
		}
	}
	return out
}

// takeData puts the message's data on an event and remembers it.
func (d *Decoder) takeData(l *leg, c *change, ev *call.Event) {
	content := c.content(l)
	ev.Wrapup = c.dlg.wrapup
	ev.Vars = c.vars(l)
	if content != l.content {
		l.chain = mix(l.chain, content)
	}
	l.keepData(c, content)
}

func (l *leg) keepData(c *change, content uint64) {
	l.content = content
	if len(c.dlg.vars) > 0 {
		l.vars, l.varsSum = c.dlg.vars, sumOf(c.dlg.vars)
	}
	l.wrapup = cmp.Or(c.dlg.wrapup, l.wrapup)
}

// dataOf returns the event without a name that a message with new data but the old state brings.
func (d *Decoder) dataOf(l *leg, c *change) []call.Event {
	content := c.content(l)
	if content == l.content {
		return nil
	}
	ev := d.event(l, c)
	ev.Wrapup, ev.Vars = c.dlg.wrapup, c.vars(l)
	l.chain = mix(l.chain, content)
	ev.ID = l.agent + "/" + l.dialog + "/data/" + strconv.FormatUint(l.chain, 36) + l.life
	l.keepData(c, content)
	return []call.Event{ev}
}

// vars are the variables that have a value, and those that lost theirs.
func (c *change) vars(l *leg) map[string]string {
	if len(c.dlg.vars) == 0 {
		return nil
	}
	vars := make(map[string]string, len(c.dlg.vars))
	for _, v := range c.dlg.vars {
		if v.value != "" {
			vars[bareName(v.name)] = v.value
			continue
		}
		if valueOf(l.vars, v.name) != "" {
			vars[bareName(v.name)] = ""
		}
	}
	return vars
}

// bareName is a variable's name as workflows know it: ECC variables (user.LCMKey) go by their own name, so that a rule
// written for one platform reads the same variable on another.
func bareName(name string) string { return strings.TrimPrefix(name, "user.") }

// content is a hash of the variables and the wrap-up reason, the same in any order. A message without variables says
// nothing of them.
func (c *change) content(l *leg) uint64 {
	sum := l.varsSum
	if len(c.dlg.vars) > 0 {
		sum = sumOf(c.dlg.vars)
	}
	if w := cmp.Or(c.dlg.wrapup, l.wrapup); w != "" {
		sum += pairHash("\x00wrapup", w)
	}
	return sum
}

func sumOf(vars []variable) uint64 {
	var sum uint64
	for _, v := range vars {
		if v.value != "" {
			sum += pairHash(v.name, v.value)
		}
	}
	return sum
}

func pairHash(name, value string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	h.Write([]byte{0})
	h.Write([]byte(value))
	return h.Sum64()
}

func mix(chain, content uint64) uint64 { return (chain ^ content) * 1099511628211 }
