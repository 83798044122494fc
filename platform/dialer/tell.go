package dialer

import (
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"time"

	"cordboard/call"
)

// tell compares a message with what was last said of the leg and returns the events that it brings.
func (d *Decoder) tell(l *leg, c *change, tells bool) []call.Event {
	late := c.timed && c.at.Before(l.at) && c.word != dropped // nothing comes after the end
	if l.over && !late && c.revives(l) {
		l = d.mem.again(l)
	}
	id := c.id(l)
	switch {
	case c.idle() && !tells, l.knows(id), l.knows(c.mark()), !late && c.word == l.word, !late && l.over && !l.silent:
		return d.data(l, c)
	case late && !tells:
		return nil
	case late:
		return []call.Event{d.named(l, c, id)}
	}
	d.mem.resume(l)                 // the dialer has a word for its end after all
	if !late && !c.at.After(l.at) { // what is heard later is later
		c.at = l.at.Add(time.Microsecond)
	}
	out := d.consequences(l, c)
	l.word, l.at = c.word, c.at
	l.follow(c.word)
	if tells {
		out = append(out, d.named(l, c, id))
	} else {
		out = append(out, d.data(l, c)...)
	}
	if c.word == dropped {
		d.mem.end(l)
		return append(out, d.leftBehind(l, c)...)
	}
	return append(out, d.overtaken(l, c)...)
}

// back reports whether the word says that the agent is with the customer, or done with the call.
func (w word) back() bool { return w == custAnswered || w == conference || w == acw || w == dropped }

// revives reports whether an agent who had left the call is part of it again: it was handed back, or offered once more.
func (c *change) revives(l *leg) bool {
	switch c.word {
	case preview:
		return c.mark() == "" || !l.knows(c.mark()) // messages without a time or a name come in their order
	case custAnswered, conference, connecting, connected:
		return !l.knows(c.id(l)) && !l.knows(c.mark())
	}
	return false
}

// id is the same whenever the moment is told again. The end has no time in it, so that an end that was concluded and the
// message of it are one event; what happens once in a leg has none either, unless the message brings one.
func (c *change) id(l *leg) string {
	base := l.ref + "/" + l.id + l.life + "/"
	switch mark := c.mark(); {
	case c.word == dropped:
	case mark != "":
		return l.ref + "/" + l.id + "/" + mark // told again it is known, also to a decoder that does not know the leg's lives
	case slices.Contains([]word{hold, consult, conference, swapped}, c.word), c.word == custAnswered && l.answered:
		return base + string(c.word) + "~" + stamp(l.at)
	}
	return base + string(c.word)
}

// mark is the word with what tells its message from others: its time, or the sender's name for it; empty without both.
func (c *change) mark() string {
	switch {
	case c.timed:
		return string(c.word) + "@" + stamp(c.at)
	case c.key != "":
		return string(c.word) + "#" + c.key
	}
	return ""
}

// follow moves the leg to where the word takes it.
func (l *leg) follow(w word) {
	switch w {
	case custAnswered, connected:
		if !l.answered && !l.aside {
			l.join(call.TransferLeg)
			if l.talk.together(l) {
				l.join(call.ConferenceLeg)
				l.conferenced = true
			}
		}
	case conference:
		l.conferenced = true
		l.join(call.ConferenceLeg)
		l.talk.conferred()
	}
}

// conferred makes parts of the conference of those who were heard of before it was: nobody has been transferred to.
func (t *talk) conferred() {
	for _, o := range t.legs {
		if o.role == call.TransferLeg && !o.over {
			o.role = call.ConferenceLeg
		}
	}
}

// join makes the agent one who talks to the customer: the first one, or in the role.
func (l *leg) join(role call.Role) {
	l.answered = true
	if l.first == nil {
		l.talk.first = l
	}
	if l.first != l {
		l.role = role
	}
}

// roleAt is what the leg is at a word. The call's first agent stays the customer's, but for the moments of a conference.
func (l *leg) roleAt(w word) call.Role {
	if w == conference || w == custAnswered && l.conferenced {
		return call.ConferenceLeg
	}
	return l.role
}

// event fills in what every event of the leg carries; heard is when the message came, if there is one.
func (l *leg) event(at, heard time.Time) call.Event {
	direction := "outbound"
	if l.mode == call.Inbound {
		direction = "inbound"
	}
	ev := call.Event{
		Connection: l.connection, Platform: call.ConnectTethered, Ref: l.ref, Leg: l.id, Role: l.role, Agent: l.agent, Extension: l.extension,
		Mode: l.mode, At: at, Received: heard, Customer: l.customer, Direction: direction, Campaign: l.campaign,
	}
	if l.refs[0] != l.ref {
		ev.Of = l.refs[0]
	}
	return ev
}

// typeOf is the catalog's call type, and the one that was said where that differs.
func (l *leg) typeOf(said string) (callType, raw string) {
	switch {
	case l.mode == call.Manual && !l.aside:
		callType = outbound
	case l.mode == call.Manual, l.mode == call.Inbound:
		callType = inbound
	case l.mode == "":
		callType, _ = typeOf(said)
	default:
		callType = regular
	}
	if letters(said) != letters(callType) {
		raw = said
	}
	return callType, raw
}

// named is the event that a word is.
func (d *Decoder) named(l *leg, c *change, id string) call.Event {
	ev := l.event(c.at, c.m.At)
	ev.ID, ev.Name, ev.Role, ev.Raw = id, string(c.word), l.roleAt(c.word), c.raw
	ev.Phase = c.word.phase()
	if ev.Role == call.ConferenceLeg && c.word == custAnswered {
		ev.Phase = call.Conferenced
	}
	if l.aside && !c.ends() {
		ev.Phase = call.Consulting
	}
	ev.CallType, ev.RawType = l.typeOf(string(c.body.CallType))
	ev.Vars, ev.Wrapup = l.news(c, d.vars)
	l.said, l.told = append(l.said, id, c.mark()), true
	return ev
}

// data is the event without a name that a message with new variables but nothing else brings.
func (d *Decoder) data(l *leg, c *change) []call.Event {
	first := !l.told && l.word == connecting // the journal is to know the leg
	vars, wrapup := l.news(c, d.vars)
	if len(vars) == 0 && wrapup == "" && !first {
		return nil
	}
	l.chain = (l.chain ^ sum(vars, wrapup)) * 1099511628211
	ev := l.event(c.at, c.m.At)
	ev.ID = l.ref + "/" + l.id + l.life + "/data/" + strconv.FormatUint(l.chain, 36)
	ev.Vars, ev.Wrapup, ev.Raw, l.told = vars, wrapup, c.raw, true
	return []call.Event{ev}
}

// news are the variables that changed, and the wrap-up if that did.
func (l *leg) news(c *change, names Variables) (vars map[string]string, wrapup string) {
	for _, f := range c.body.Variables {
		old, known := l.vars[f.name]
		if old == f.value && (known || f.value == "") {
			continue
		}
		if vars == nil {
			vars = make(map[string]string, len(c.body.Variables))
		}
		vars[f.name] = f.value
	}
	if l.vars == nil {
		l.talk.vars = make(map[string]string, len(vars))
	}
	maps.Copy(l.vars, vars)
	if !c.ends() { // before, it would be the outcome of an earlier attempt
		return vars, ""
	}
	if w := c.body.find(names.Wrapup); w != l.wrapup {
		l.wrapup, wrapup = w, w
	}
	return vars, wrapup
}

// sum is a hash of data, the same in any order.
func sum(vars map[string]string, wrapup string) uint64 {
	pair := func(name, v string) uint64 {
		h := fnv.New64a()
		h.Write([]byte(name))
		h.Write([]byte{0})
		h.Write([]byte(v))
		return h.Sum64()
	}
	total := pair("\x00wrapup", wrapup)
	for name, v := range vars {
		total += pair(name, v)
	}
	return total
}
