package workflow

import (
	"slices"
	"strings"

	"cordboard/call"
	"cordboard/catalog"
)

// vocabulary is what some platforms can say, by their tables in the catalog.
type vocabulary struct {
	cat       *catalog.Catalog
	platforms []call.Platform
}

// finesseTypes are the values of callType in Finesse's dialogs (Finesse Web Services Developer Guide, "Dialog API
// Parameters"). A rule may name them although the catalog lists the folded call types.
var finesseTypes = []string{
	"ACD_IN", "PREROUTE_ACD_IN", "PREROUTE_DIRECT_AGENT", "TRANSFER", "OTHER_IN", "OUT", "OVERFLOW_IN", "AUTO_OUT", "AGENT_OUT",
	"AGENT_INSIDE", "ASSIST_CALL", "BARGE_IN_CONSULT", "CONSULT", "CONFERENCE", "EMERGENCY", "OUTBOUND", "OUTBOUND_PREVIEW",
	"OUTBOUND_CALLBACK", "OUTBOUND_CALLBACK_PREVIEW", "OUTBOUND_PERSONAL_CALLBACK", "OUTBOUND_PERSONAL_CALLBACK_PREVIEW",
	"OUTBOUND_DIRECT_PREVIEW",
}

// complete reports whether all of the platforms have a table.
func (v *vocabulary) complete() bool {
	return !slices.ContainsFunc(v.platforms, func(p call.Platform) bool { return !v.cat.HasRows(p) })
}

func (v *vocabulary) name() string { return list(plain(v.platforms), "and") }

func (v *vocabulary) event(word string) bool {
	return v.any(func(w catalog.Words) []string { return w.Events }, word)
}

func (v *vocabulary) callType(word string) bool {
	if slices.Contains(v.platforms, call.Cisco) && contains(finesseTypes, word) {
		return true
	}
	return v.any(func(w catalog.Words) []string { return w.CallTypes }, word)
}

func (v *vocabulary) any(words func(catalog.Words) []string, word string) bool {
	return slices.ContainsFunc(v.platforms, func(p call.Platform) bool { return contains(words(v.cat.Words(p)), word) })
}

func contains(words []string, word string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return call.SameWord(w, word) })
}

// modesOf are the modes in which the tables, supported and recommended, have the call type and, unless it is empty,
// the event.
func (v *vocabulary) modesOf(callType, event string) []call.Mode {
	var modes []call.Mode
	add := func(p call.Platform, m call.Mode, rowType, rowEvent string) {
		if slices.Contains(v.platforms, p) && call.SameWord(rowType, callType) && (event == "" || call.SameWord(rowEvent, event)) && !slices.Contains(modes, m) {
			modes = append(modes, m)
		}
	}
	for _, r := range v.cat.Rows() {
		add(r.Platform, r.Mode, r.CallType, r.Event)
	}
	for _, r := range v.cat.Recommended() {
		add(r.Platform, r.Mode, r.CallType, r.Event)
	}
	return modes
}

// eventsOf are the events that the tables have for a call type.
func (v *vocabulary) eventsOf(callType string) []string {
	var events []string
	for _, r := range v.cat.Rows() {
		if slices.Contains(v.platforms, r.Platform) && call.SameWord(r.CallType, callType) && !contains(events, r.Event) {
			events = append(events, r.Event)
		}
	}
	return events
}

// nearest is the event of the tables that is most like the trigger, or the phase where it names no call type.
func (v *vocabulary) nearest(t trigger) string {
	if t.callType == "" {
		var words []string
		for _, p := range v.platforms {
			words = append(words, v.cat.Words(p).Events...)
		}
		for _, phase := range call.Phases() {
			words = append(words, string(phase))
		}
		return nearest(t.event, words)
	}
	for _, p := range v.platforms {
		if row, ok := v.cat.Nearest(p, t.callType, t.event); ok {
			return strings.TrimSpace(row.CallType + " " + row.Event)
		}
	}
	return ""
}
