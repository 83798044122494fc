package connect

import (
	"strings"

	"cordboard/call"
	"cordboard/catalog"
)

// The sources of raw messages, as traces name them.
const (
	SourceStreams     = "connect-streams"
	SourceAgentStream = "connect-agent-stream"
	SourceEventBridge = "connect-eventbridge"
	SourceREST        = "connect-rest"
)

// The words of the page's table, and the call types that they come under.
const (
	preview    = "Preview"
	connecting = "connecting"
	connected  = "connected"
	hold       = "hold"
	acw        = "ACW"
	dropped    = "DROPPED"

	regularCall = "Regular-Call"
	outbound    = "outbound"
	inbound     = "inbound"
	manualAside = "Inbound" // what the page calls the consult of a manual call
)

// The methods by which contacts begin, in lower case ("Contact record": InitiationMethod). CAMPAIGN_PREVIEW is in the
// contact record; that events and the agent event stream say the same is inferred.
const (
	byPreview  = "campaign_preview"
	byOutbound = "outbound"
	byAPI      = "api"
	byTransfer = "transfer"
	byMonitor  = "monitor"
)

// continues reports whether a contact of this method is the same customer's call going on, so that what is known of the
// contact before holds for it.
func continues(method string) bool { return method == "queue_transfer" || method == "disconnect" }

// modeNamed reads a pacing mode as people write it; empty for a word that is none.
func modeNamed(s string) call.Mode {
	letters := strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z':
			return r
		}
		return -1
	}, s)
	switch letters {
	case "preview", "directpreview":
		return call.DirectPreview
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

// table says which words the page has, by mode, call type and whether it is a consult's.
type table map[row]bool

type row struct {
	mode           call.Mode
	callType, word string
	aside          bool
}

// pageTable is the table of a platform.
func pageTable(of call.Platform) table {
	t := table{}
	for _, r := range catalog.Default().Rows() {
		if r.Platform != of {
			continue
		}
		key := row{r.Mode, strings.ToLower(r.CallType), r.Event, r.Leg == call.ConsultLeg}
		t[key] = true
		if key.mode = ""; r.Mode == call.Progressive || r.Mode == call.Predictive {
			t[key] = true // a call of a campaign of which nothing is known
		}
	}
	return t
}

// has reports whether the page has the word. A preview that ends before anybody was dialled ends under the preview's own
// call type, as it began.
func (t table) has(mode call.Mode, callType, word string, aside bool) bool {
	if callType == regularCall && (word == acw || word == dropped) {
		return true
	}
	return t[row{mode, strings.ToLower(callType), word, aside}]
}
