package calling

import (
	"slices"

	"cordboard/call"
)

// Listener tells from the events of calls what was tried. It is pure and safe for concurrent use.
type Listener struct {
	// Region is the country as whose numbers those without a country code are read, such as US; empty when there is none.
	Region string
	// Refusals are the wrap-up words by which agents say that the person is not to be called any more; case does not count.
	Refusals []string
}

// Heard says what an event adds to the ledger, given its call with the event folded in. An event that is told in several words
// (dialing, ringing, answered) is one call placed. What a platform does not tell is not counted: the calls of a predictive
// dialer that no agent hears of.
func (l Listener) Heard(ev *call.Event, s *call.State) []Entry {
	if ev.Role == call.ConsultLeg || !ev.IsMoment() && ev.Wrapup == "" {
		return nil
	}
	var found []Entry
	add := func(kind Kind, key string) {
		found = append(found, Entry{Attempt: Attempt{kind, ev.At}, Key: string(kind) + "\x1f" + key, Campaign: s.Campaign, Call: ev.Call})
	}
	whole, leg := string(ev.Call), string(ev.Call)+"\x1f"+ev.Leg
	if slices.ContainsFunc(l.Refusals, func(word string) bool { return call.SameWord(word, ev.Wrapup) }) {
		add(Refused, whole)
	}
	switch {
	case !ev.IsMoment(), inbound(s):
	case offers(ev, s):
		add(Offered, leg)
	case ev.Role == call.CustomerLeg && ev.Phase == call.Dialing:
		add(Placed, ev.Key()) // an agent may dial again in the same conversation
	case ev.Role == call.CustomerLeg && outbound(s) && reached(ev.Phase) && !dialled(s.Leg(ev.Leg)):
		add(Placed, leg)
	}
	if ev.Phase == call.Answered {
		add(Talked, whole)
	}
	if ev.Phase == call.Missed && paced(s.Mode) && !slices.ContainsFunc(s.Legs, func(l call.Leg) bool { return !l.Answered().IsZero() }) {
		add(Abandoned, whole) // inferred: no platform tells of it
	}
	if len(found) > 0 {
		found = l.name(found, ev, s)
	}
	return found
}

// name says whom the entries are about; none when nobody knows.
func (l Listener) name(entries []Entry, ev *call.Event, s *call.State) []Entry {
	text := s.Customer // later legs bring numbers of their own
	if ev.Role == call.CustomerLeg && ev.Customer != "" {
		text = ev.Customer
	}
	number, contact := E164(text, l.Region), contactOf(s)
	if number == "" && contact == "" {
		return nil
	}
	for i := range entries {
		entries[i].Number, entries[i].Contact = number, contact
	}
	return entries
}

// E164 is a number in the ledger's form; empty when it is none. Numbers that are written so already cost nothing.
func E164(text, region string) string {
	if len(text) > 8 && len(text) <= 16 && text[0] == '+' && len(call.Digits(text)) == len(text)-1 {
		return text
	}
	if len(call.Digits(text)) < 7 {
		return "" // an extension, a word, nothing: cheaper than to find out by reading it
	}
	n, err := ReadNumber(text, region)
	if err != nil {
		return ""
	}
	return n.E164
}

// contactOf is the contact of a call as its variables name it: those that the dialer of Genesys Cloud sets on a participant.
func contactOf(s *call.State) string {
	return ContactKey(s.Connection, s.Vars["dialerContactListId"], s.Vars["dialerContactId"])
}

func inbound(s *call.State) bool { return s.Mode == call.Inbound || s.Direction == "inbound" }

func outbound(s *call.State) bool {
	return s.Direction == "outbound" || s.Mode != "" && s.Mode != call.Inbound
}

// offers reports whether the event shows a preview to an agent, in whichever word is the first that the platform has for it.
func offers(ev *call.Event, s *call.State) bool {
	if ev.Role != call.CustomerLeg && ev.Role != call.ReservationLeg || s.Mode != call.Preview && s.Mode != call.DirectPreview {
		return false
	}
	return ev.Phase == call.Offered || ev.Phase == call.Reserved || ev.Phase == call.Accepted
}

// reached reports whether the customer was dialled before such a moment.
func reached(p call.Phase) bool { return p == call.Ringing || p == call.Answered }

func dialled(l *call.Leg) bool {
	return l != nil && slices.ContainsFunc(l.Moments, func(m call.Moment) bool { return m.Phase == call.Dialing })
}

// paced reports whether the dialer calls before it has an agent.
func paced(m call.Mode) bool { return m == call.Progressive || m == call.Power || m == call.Predictive }
