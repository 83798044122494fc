package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cordboard/call"
	"cordboard/catalog"
)

// Every spelling of every key finds what a walk over all rows finds.
func TestLookupIgnoresCase(t *testing.T) {
	c := catalog.Default()
	for _, r := range c.Rows() {
		want := 0
		for _, other := range c.Rows() {
			if keyOf(other) == keyOf(r) {
				want++
			}
		}
		for _, spell := range []func(string) string{strings.ToUpper, strings.ToLower} {
			got := c.Lookup(r.Platform, r.Mode, spell(r.CallType), spell(r.Event))
			if len(got) != want {
				t.Errorf("%v: %d rows, want %d", keyOf(r), len(got), want)
			}
			if slices.IndexFunc(got, func(g catalog.Row) bool { return g.Leg == call.CustomerLeg }) > 0 {
				t.Errorf("%v: the customer's row is not first", keyOf(r))
			}
		}
	}
}

func TestLookupOfWordsThatDoNotExist(t *testing.T) {
	c := catalog.Default()
	for _, words := range [][2]string{
		{"PREDICTIVE_OUTBOUND", "RINGING"}, {"", ""}, {"PREDICTIVE", "_OUTBOUND\x00ALERTING"},
		{strings.Repeat("X", 4096), "ALERTING"},
	} {
		if rows := c.Lookup(call.Cisco, call.Predictive, words[0], words[1]); rows != nil {
			t.Errorf("%q: %v", words, rows)
		}
	}
	if rows := c.Lookup(call.Cisco, call.Inbound, "PREDICTIVE_OUTBOUND", "ALERTING"); rows != nil {
		t.Errorf("a row of another mode: %v", rows)
	}
}

func TestLookupBeforeTheModeIsKnown(t *testing.T) {
	var modes []call.Mode
	for _, r := range catalog.Default().Lookup(call.Cisco, "", "OTHER_IN", "ALERTING") {
		modes = append(modes, r.Mode)
	}
	if diff := cmp.Diff([]call.Mode{call.Predictive, call.Progressive}, modes); diff != "" {
		t.Errorf("modes (-want +got):\n%s", diff)
	}
}

func TestPhase(t *testing.T) {
	for _, tt := range []struct {
		why             string
		platform        call.Platform
		mode            call.Mode
		callType, event string
		role            call.Role
		want            call.Phase // empty: no answer
	}{
		{"the row", call.Cisco, call.Predictive, "predictive_outbound", "active", call.CustomerLeg, call.Answered},
		{"by leg", call.ConnectTethered, call.Preview, "Regular-Call", "CustAnswered", call.ConferenceLeg, call.Conferenced},
		{"by leg", call.ConnectHVOC, call.Inbound, "inbound", "connected", call.ConsultLeg, call.Consulting},
		{"no row for the leg: the customer's", call.ConnectHVOC, call.Inbound, "inbound", "ACW", call.TransferLeg, call.Wrapup},
		{"no row for the leg: the only one", call.Cisco, call.Manual, "CONSULT", "ACTIVE", call.CustomerLeg, call.Consulting},
		{"mode not known yet", call.Cisco, "", "OTHER_IN", "ALERTING", call.CustomerLeg, call.Reserved},
		{"not listed for the mode, others agree", call.Cisco, call.Predictive, "CONSULT", "ALERTING", call.ConsultLeg, call.Consulting},
		{"not listed for the mode, others agree", call.Cisco, call.Progressive, "CONFERENCE", "ACTIVE", call.ConferenceLeg, call.Conferenced},
		{"not listed for the mode, by leg", call.Cisco, call.Preview, "OUT", "INITIATED", call.ConsultLeg, call.Consulting},
		{"no such event", call.Cisco, call.Predictive, "PREDICTIVE_OUTBOUND", "FAILED", call.CustomerLeg, ""},
		{"no table", call.Genesys, call.Predictive, "PREDICTIVE_OUTBOUND", "ACTIVE", call.CustomerLeg, ""},
	} {
		got, ok := catalog.Default().Phase(tt.platform, tt.mode, tt.callType, tt.event, tt.role)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("%s: %s %s %s %s on the %s leg: %q, %t, want %q",
				tt.why, tt.platform, tt.mode, tt.callType, tt.event, tt.role, got, ok, tt.want)
		}
	}
}

func TestLookupDoesNotAllocate(t *testing.T) {
	c := catalog.Default()
	n := testing.AllocsPerRun(100, func() {
		c.Lookup(call.Cisco, call.DirectPreview, "DIRECT_PREVIEW_OUTBOUND_RESERVATION", "DROPPED")
		c.Phase(call.Cisco, call.Progressive, "CONFERENCE", "ACTIVE", call.ConferenceLeg)
	})
	if n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func BenchmarkLookup(b *testing.B) {
	c := catalog.Default()
	b.ReportAllocs()
	for b.Loop() {
		c.Lookup(call.Cisco, call.Predictive, "PREDICTIVE_OUTBOUND", "ALERTING")
	}
}

func BenchmarkPhase(b *testing.B) {
	c := catalog.Default()
	b.ReportAllocs()
	for b.Loop() {
		c.Phase(call.Cisco, call.Predictive, "PREDICTIVE_OUTBOUND", "ACTIVE", call.CustomerLeg)
	}
}

func TestNearest(t *testing.T) {
	for _, tt := range []struct {
		why             string
		platform        call.Platform
		callType, event string
		want            string // empty: no suggestion
	}{
		{"call type misspelt", call.Cisco, "PREDICTIV_OUTBOUND", "ALERTING", "PREDICTIVE_OUTBOUND ALERTING"},
		{"both misspelt", call.Cisco, "predictive-outbond", "alertin", "PREDICTIVE_OUTBOUND ALERTING"},
		{"event of another platform", call.Cisco, "OUT", "WRAPUP", "OUT WRAP_UP"},
		{"event wrong", call.Cisco, "PREROUTE_ACD_IN", "ACCEPT", "PREROUTE_ACD_IN ACTIVE"},
		{"call type cut short", call.Cisco, "PREROUTE_ACD", "ACTIVE", "PREROUTE_ACD_IN ACTIVE"},
		{"exists", call.Cisco, "conference", "dropped", "Conference DROPPED"},
		{"separator", call.ConnectTethered, "Regular_Call", "CustAnswerd", "Regular-Call CustAnswered"},
		{"event wrong", call.ConnectHVOC, "outbound", "connect", "outbound connected"},
		{"nothing like it", call.Cisco, "quux", "zzz", ""},
		{"no table", "another", "Regular-Call", "CustAnswered", ""},
		{"the page's word", call.Webex, "Regular_Call", "CustAnswerd", "Regular-Call CustAnswered"},
	} {
		r, ok := catalog.Default().Nearest(tt.platform, tt.callType, tt.event)
		got := strings.TrimSpace(r.CallType + " " + r.Event)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("%s: %s %s: %q, %t, want %q", tt.why, tt.callType, tt.event, got, ok, tt.want)
		}
	}
}

// Words that exist find themselves, so that a message can say in which mode they exist.
func TestNearestOfARowIsTheRow(t *testing.T) {
	for _, r := range catalog.Default().Rows() {
		got, ok := catalog.Default().Nearest(r.Platform, r.CallType, r.Event)
		if !ok || !call.SameWord(got.CallType, r.CallType) || !call.SameWord(got.Event, r.Event) {
			t.Errorf("%v: nearest is %v", keyOf(r), keyOf(got))
		}
	}
}
