package postgres

import (
	"cordboard/call"
	"cordboard/platform"
)

func appendOpen(out []platform.OpenLeg, st *call.State) []platform.OpenLeg {
	for i := range st.Legs {
		l := &st.Legs[i]
		if !l.Open() {
			continue
		}
		o := platform.OpenLeg{
			Call: st.ID, Leg: l.ID, Ref: l.Ref, Agent: l.Agent, Extension: l.Extension, Role: l.Role,
			Mode: st.Mode, Campaign: st.Campaign, Customer: st.Customer,
		}
		if len(l.Moments) > 0 {
			last := l.Moments[len(l.Moments)-1]
			o.CallType, o.Name, o.At = last.CallType, last.Name, last.At
		}
		out = append(out, o)
	}
	return out
}
