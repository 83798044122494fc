package connect_test

import (
	"slices"
	"strings"
	"testing"
)

// A row is one line of the Salesforce workflow tables for Amazon Connect, and where the simulator tells of its moment: the
// script, the agents in it, and what a line of the story must contain.
type row struct {
	row, script string
	outside     bool // with a number outside as the consulted one
	lines       []string
}

// hvoc are the rows of an untethered set-up.
var hvoc = []row{
	{"Direct Preview / Regular-Call / Preview", "direct_preview", false, []string{"ccp A PendingBusy | main campaign_preview connecting: agent* connecting", "stream A main CAMPAIGN_PREVIEW CONNECTING"}},
	{"Direct Preview / outbound / connecting: the agent accepts the call", "direct_preview", false, []string{"agent* connected outbound connecting"}},
	{"Direct Preview / outbound / connecting: the consult call", "direct_preview_consult_conference", true, []string{"outbound hold outbound connecting", "event INITIATED second EXTERNAL_OUTBOUND after main"}},
	{"Direct Preview / outbound / connected: the customer answers", "direct_preview", false, []string{"agent* connected outbound connected", "event CONNECTED_TO_SYSTEM main CAMPAIGN_PREVIEW"}},
	{"Direct Preview / outbound / connected: the consultant answers", "direct_preview_consult_conference", true, []string{"outbound hold outbound connected", "event CONNECTED_TO_SYSTEM second"}},
	{"Direct Preview / outbound / hold", "direct_preview_consult_conference", false, []string{"stream A main CAMPAIGN_PREVIEW CONNECTED_ONHOLD", "agent* connected outbound hold"}},
	{"Direct Preview / outbound / ACW", "direct_preview", false, []string{"ccp A AfterCallWork | main campaign_preview ended", "stream A main CAMPAIGN_PREVIEW ENDED", "event DISCONNECTED main"}},
	{"Direct Preview / outbound / DROPPED", "direct_preview", false, []string{"event COMPLETED main CAMPAIGN_PREVIEW", "stream A nothing", "ccp A Available"}},
	{"Progressive / outbound / connected: the agent accepts", "progressive", false, []string{"event CONNECTED_TO_AGENT main API campaign", "ccp A Busy | main api connected: agent connected inbound* connected"}},
	{"Progressive / outbound / connected: the consultant answers", "progressive_consult_conference", false, []string{"event CONNECTED_TO_AGENT second TRANSFER after main queue B"}},
	{"Progressive / outbound / hold", "progressive_consult_conference", false, []string{"stream A main API CONNECTED_ONHOLD"}},
	{"Progressive / outbound / ACW", "progressive", false, []string{"stream A main API ENDED"}},
	{"Progressive / outbound / DROPPED", "progressive", false, []string{"event COMPLETED main API"}},
	{"Predictive / outbound / connected: the agent accepts", "predictive", false, []string{"event CONNECTED_TO_AGENT main API campaign"}},
	{"Predictive / outbound / connected: the consultant answers", "predictive_consult_conference", true, []string{"inbound* hold outbound connected"}},
	{"Predictive / outbound / hold", "predictive_consult_conference", false, []string{"stream A main API CONNECTED_ONHOLD"}},
	{"Predictive / outbound / ACW", "predictive", false, []string{"stream A main API ENDED"}},
	{"Predictive / outbound / DROPPED", "predictive", false, []string{"event COMPLETED main API"}},
	{"Manual Outbound / outbound / connecting", "manual_outbound", false, []string{"ccp A CallingCustomer | main outbound connecting", "stream A main OUTBOUND CONNECTING", "event INITIATED main OUTBOUND"}},
	{"Manual Outbound / outbound / connected", "manual_outbound", false, []string{"event CONNECTED_TO_SYSTEM main OUTBOUND", "stream A main OUTBOUND CONNECTED"}},
	{"Manual Outbound / outbound / ACW", "manual_outbound", false, []string{"stream A main OUTBOUND ENDED"}},
	{"Manual Outbound / outbound / DROPPED", "manual_outbound", false, []string{"event COMPLETED main OUTBOUND"}},
	{"Manual Outbound / Inbound / connecting: the consult call", "manual_outbound_consult_conference", true, []string{"outbound* hold outbound connecting"}},
	{"Manual Outbound / Inbound / connected: the consultant", "manual_outbound_consult_conference", false, []string{"event CONNECTED_TO_AGENT second TRANSFER after main queue B", "outbound* hold outbound connected"}},
	{"Manual Outbound / Inbound / ACW", "manual_outbound_consult_conference", false, []string{"stream B second TRANSFER ENDED"}},
	{"Manual Outbound / Inbound / DROPPED", "manual_outbound_consult_conference", false, []string{"event COMPLETED second TRANSFER", "stream B nothing"}},
	{"Inbound / inbound / connecting", "inbound", false, []string{"ccp A PendingBusy | main inbound connecting", "stream A main INBOUND CONNECTING"}},
	{"Inbound / inbound / connected: the agent accepts", "inbound", false, []string{"event CONNECTED_TO_AGENT main INBOUND"}},
	{"Inbound / inbound / connected: the consult call", "inbound_consult_conference", false, []string{"event CONNECTED_TO_AGENT second TRANSFER after main queue B"}},
	{"Inbound / inbound / ACW", "inbound_warm_transfer", false, []string{"stream A main INBOUND ENDED", "stream B second TRANSFER ENDED"}},
	{"Inbound / inbound / DROPPED", "inbound_warm_transfer", false, []string{"event COMPLETED main INBOUND", "event COMPLETED second TRANSFER"}},
}

// dialled are the rows that the external dialer of a tethered set-up tells of; its manual and inbound rows are those above.
func dialled() []row {
	var rows []row
	add := func(mode, rest, script string, lines ...string) {
		word := strings.ToUpper(mode[:1]) + mode[1:]
		for i := range lines {
			lines[i] = "dialer " + lines[i] + " " + word
		}
		rows = append(rows, row{word + " / " + rest, "tethered_" + mode + script, false, lines})
	}
	add("preview", "Regular-Call / Preview", "", "A main Regular-Call Preview")
	add("preview", "Regular-Call / initiate", "", "A main Regular-Call Initiate")
	for _, mode := range []string{"preview", "progressive", "predictive"} {
		add(mode, "Regular-Call / CustAnswered: the customer", "", "A main Regular-Call CustAnswered")
		add(mode, "Regular-Call / CustAnswered: conference", "_consult_conference", "A main Regular-Call Conference", "A main Regular-Call CustAnswered", "B main Regular-Call CustAnswered")
		add(mode, "Regular-Call / CustAnswered: consult transfer", "_warm_transfer", "A main Regular-Call ACW", "B main Regular-Call CustAnswered")
		add(mode, "Regular-Call / CustAnswered and DROPPED: blind transfer", "_blind_transfer", "A main Regular-Call DROPPED", "B main Regular-Call CustAnswered")
		add(mode, "Regular-Call / Hold", "_consult_conference", "A main Regular-Call Hold")
		add(mode, "Regular-Call / Consult", "_consult_conference", "A main Regular-Call Consult")
		add(mode, "Regular-Call / Consult, filed as Consult", "_warm_transfer", "A main Consult Consult")
		add(mode, "Regular-Call / Conference", "_consult_conference", "A main Regular-Call Conference")
		add(mode, "Regular-Call / ACW", "", "A main Regular-Call ACW")
		add(mode, "Regular-Call / DROPPED", "", "A main Regular-Call DROPPED")
	}
	return rows
}

// TestEveryRowIsTold: for every row of both set-ups there is a script in which the sources tell of its moment.
func TestEveryRowIsTold(t *testing.T) {
	for _, r := range slices.Concat(hvoc, dialled()) {
		t.Run(r.row, func(t *testing.T) {
			agents := []string{anna, ben}
			if r.outside {
				agents = agents[:1]
			}
			story := tell(t, r.script, agents)
			for _, want := range r.lines {
				if !slices.ContainsFunc(story, func(line string) bool { return strings.Contains(line, want) }) {
					t.Errorf("%s: no line with %q", r.script, want)
				}
			}
		})
	}
}
