package dialer

import (
	"strings"

	"cordboard/call"
	"cordboard/catalog"
)

// word is an event of a call. The names are the catalog's, which are spelled as the pages spell them.
type word string

// The dialer's words (Acqueon's page "Outbound Call Event Parameters"), and Amazon Connect's own for manual and inbound
// calls (Acqueon's page "Amazon Connect", table "Supported Events").
const (
	preview      word = "Preview"
	initiate     word = "initiate"
	custAnswered word = "CustAnswered"
	hold         word = "Hold"
	consult      word = "Consult"
	conference   word = "Conference"
	acw          word = "ACW"
	dropped      word = "DROPPED"
	started      word = "Started"
	ringing      word = "Ringing"
	answered     word = "Answered"
	machine      word = "Machine"
	human        word = "Human"
	swapped      word = "Swapped"
	connecting   word = "connecting"
	connected    word = "connected"
)

// words are all words in small letters.
var words = func() map[string]word {
	all := map[string]word{}
	for _, w := range []word{preview, initiate, custAnswered, hold, consult, conference, acw, dropped, started, ringing, answered, machine, human, swapped, connecting, connected} {
		all[strings.ToLower(string(w))] = w
	}
	return all
}()

// Words lists the events that no table names: they become events of a call only when they are asked for.
func Words() []string {
	return []string{string(started), string(ringing), string(answered), string(machine), string(human), string(swapped)}
}

// phase is what a word means where the catalog does not say so.
func (w word) phase() call.Phase {
	switch w {
	case preview:
		return call.Offered
	case initiate:
		return call.Accepted
	case started, connecting:
		return call.Dialing
	case ringing, answered, machine, human:
		return call.Ringing
	case custAnswered, connected:
		return call.Answered
	case hold:
		return call.Held
	case consult, swapped:
		return call.Consulting
	case conference:
		return call.Conferenced
	case acw:
		return call.Wrapup
	case dropped:
		return call.Ended
	}
	return ""
}

// The call types of the catalog, and the dialer's own for a talk between agents.
const (
	regular  = "Regular-Call"
	outbound = "Outbound"
	inbound  = "Inbound"
	side     = "Consult"
)

// letters leaves the small letters of a word: pages and messages disagree about hyphens, blanks and case.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z':
			return r
		}
		return -1
	}, s)
}

// modeOf reads a pacing mode as campaigns name it; empty for a word that is none.
func modeOf(s string) call.Mode {
	switch letters(s) {
	case "preview", "directpreview":
		return call.Preview
	case "progressive":
		return call.Progressive
	case "predictive":
		return call.Predictive
	case "manual", "manualoutbound":
		return call.Manual
	case "inbound":
		return call.Inbound
	}
	return ""
}

// typeOf reads a call type: the catalog's spelling, and whether it says that it is a talk between agents.
func typeOf(s string) (callType string, aside bool) {
	switch letters(s) {
	case "consult":
		return regular, true
	case "outbound":
		return outbound, false
	case "inbound":
		return inbound, false
	}
	return regular, false
}

// table says which words are events in which mode, by what the catalog's two tables name.
type table map[entry]bool

type entry struct {
	mode  call.Mode
	word  word
	aside bool // of a talk between agents
}

func tableOf(cat *catalog.Catalog) table {
	t := table{}
	add := func(mode call.Mode, event string, leg call.Role) {
		w := words[strings.ToLower(event)]
		t[entry{mode, w, leg == call.ConsultLeg}] = true
		if w == acw || w == dropped { // every leg ends alike
			t[entry{mode, w, true}], t[entry{mode, w, false}] = true, true
		}
	}
	for _, r := range cat.Rows() {
		if r.Platform == call.ConnectTethered {
			add(r.Mode, r.Event, r.Leg)
		}
	}
	for _, r := range cat.Recommended() {
		if r.Platform == call.ConnectTethered && len(r.Rows) == 0 { // recommended, although it is not in the other table
			role := call.CustomerLeg
			if call.SameWord(r.Event, string(consult)) {
				role = call.ConsultLeg
			}
			add(r.Mode, r.Event, role)
		}
	}
	return t
}

// has reports whether the word is an event; of a call whose mode is not known yet it is one if any mode has it.
func (t table) has(mode call.Mode, w word, aside bool) bool {
	if mode != "" {
		return t[entry{mode, w, aside}]
	}
	for _, m := range call.Modes() {
		if t[entry{m, w, aside}] {
			return true
		}
	}
	return false
}

// Variables says in which of a call's variables the dialer tells what Cordboard has a name for. Of each list the first
// that has a value counts. An empty list means the usual names.
type Variables struct {
	// Mode names the pacing mode; CampaignType, PacingMode, DialingMode by default.
	Mode []string `yaml:"mode"`
	// Customer holds the customer's number; Phone, PhoneNumber, CustomerNumber by default, and then the message's
	// fromAddress.
	Customer []string `yaml:"customer"`
	// Campaign names the campaign; CampaignName by default.
	Campaign []string `yaml:"campaign"`
	// Wrapup holds what the agent noted at the end; Disposition, DispositionCode, WrapupCode, Outcome by default.
	Wrapup []string `yaml:"wrapup"`
}

// usual fills what v leaves empty.
func (v Variables) usual() Variables {
	or := func(names []string, usual ...string) []string {
		if len(names) > 0 {
			return names
		}
		return usual
	}
	v.Mode = or(v.Mode, "CampaignType", "PacingMode", "DialingMode")
	v.Customer = or(v.Customer, "Phone", "PhoneNumber", "CustomerNumber")
	v.Campaign = or(v.Campaign, "CampaignName")
	v.Wrapup = or(v.Wrapup, "Disposition", "DispositionCode", "WrapupCode", "Outcome")
	return v
}
