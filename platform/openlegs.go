package platform

import (
	"cmp"

	"cordboard/call"
)

// OpenLegsOf returns what of a call has not ended as far as its events tell: one entry for each dialog of each open leg,
// and one, marked Lost, for a leg that nothing has been heard of since its dialog was merged away.
func OpenLegsOf(st *call.State) []OpenLeg {
	var open []OpenLeg
	for i := range st.Legs {
		l := &st.Legs[i]
		o := OpenLeg{
			Call: st.ID, Leg: l.ID, Ref: l.Ref, Agent: l.Agent, Extension: l.Extension, Role: l.Role,
			Mode: st.Mode, Campaign: st.Campaign, Customer: st.Customer,
		}
		if len(l.Moments) == 0 {
			open = append(open, o)
			continue
		}
		present := l.Present()
		if st.Lost(l) {
			o.Lost = true
			present = l.Moments[len(l.Moments)-1:]
		}
		for _, m := range present {
			o.Ref, o.Role, o.CallType, o.Name, o.Phase, o.At = m.Ref, cmp.Or(m.Role, l.Role), m.CallType, m.Name, m.Phase, m.At
			open = append(open, o)
		}
	}
	return open
}
