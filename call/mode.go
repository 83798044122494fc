package call

import "slices"

// Undecided returns the moments of a call that were told before ev brought its mode, in the order of their times: a rule
// that names a mode could not know then whether it was meant. Before and after are the call without and with ev. They are
// told as of now, so that what they start is as urgent as what ev starts; of a leg that is over, as of their own time.
// There are none unless ev brought the mode.
func Undecided(before, after *State, ev *Event) []Event {
	if before.Mode != "" || after.Mode == "" {
		return nil
	}
	var all []Event
	for i := range before.Legs {
		l := &before.Legs[i]
		now := after.Leg(l.ID)
		for _, m := range l.Moments {
			e := *ev
			e.Leg, e.Role, e.Agent, e.Extension, e.Wrapup = l.ID, m.Role, l.Agent, l.Extension, l.Wrapup
			e.Ref, e.Of, e.Rekeyed, e.Vars, e.RawType = m.Ref, "", false, nil, ""
			e.Raw = nil // ev's message told of another moment
			e.CallType, e.Name, e.Phase, e.At, e.Merged = m.CallType, m.Name, m.Phase, m.At, m.Merged
			if !now.Open() {
				e.Received = m.At
			}
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(a, b Event) int { return a.At.Compare(b.At) })
	return all
}
