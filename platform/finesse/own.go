package finesse

import (
	"strings"

	"cordboard/call"
)

// own copies the texts of events. As they are decoded they are parts of their message's text, which is fifty times as
// long: a call that is remembered with its customer's number would keep all of it.
func own(events []call.Event) []call.Event {
	for i := range events {
		ev := &events[i]
		texts := [...]*string{&ev.Ref, &ev.Of, &ev.Leg, &ev.Agent, &ev.Extension, &ev.CallType, &ev.Name, &ev.RawType, &ev.Customer, &ev.Campaign, &ev.Queue, &ev.Wrapup}
		size := 0
		for _, t := range texts {
			size += len(*t)
		}
		for name, value := range ev.Vars {
			size += len(name) + len(value)
		}
		var all strings.Builder // in one piece of memory
		all.Grow(size)
		copied := func(s string) string {
			from := all.Len()
			all.WriteString(s)
			return all.String()[from:]
		}
		for _, t := range texts {
			*t = copied(*t)
		}
		if len(ev.Vars) > 0 {
			vars := make(map[string]string, len(ev.Vars))
			for name, value := range ev.Vars {
				vars[copied(name)] = copied(value)
			}
			ev.Vars = vars
		}
	}
	return events
}
