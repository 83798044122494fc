package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cordboard/call"
	"cordboard/catalog"
)

type key struct {
	platform        call.Platform
	mode            call.Mode
	callType, event string // lower case
}

func keyOf(r catalog.Row) key {
	return key{r.Platform, r.Mode, strings.ToLower(r.CallType), strings.ToLower(r.Event)}
}

// The numbers were counted on the pages, row by row.
func TestThePagesName132Keys(t *testing.T) {
	keys := map[key]bool{}
	for _, r := range catalog.Default().Rows() {
		if !catalog.Default().Own(r.Platform) {
			keys[keyOf(r)] = true
		}
	}
	type block struct {
		platform call.Platform
		mode     call.Mode
	}
	got := map[block]int{}
	for k := range keys {
		got[block{k.platform, k.mode}]++
	}
	want := map[block]int{
		{call.Cisco, call.Manual}: 12, {call.Cisco, call.Preview}: 14, {call.Cisco, call.DirectPreview}: 16,
		{call.Cisco, call.Predictive}: 12, {call.Cisco, call.Progressive}: 11, {call.Cisco, call.Inbound}: 11,
		{call.ConnectTethered, call.Preview}: 8, {call.ConnectTethered, call.Progressive}: 6,
		{call.ConnectTethered, call.Predictive}: 4, {call.ConnectTethered, call.Manual}: 8,
		{call.ConnectTethered, call.Inbound}:   4,
		{call.ConnectHVOC, call.DirectPreview}: 6, {call.ConnectHVOC, call.Progressive}: 4,
		{call.ConnectHVOC, call.Predictive}: 4, {call.ConnectHVOC, call.Manual}: 8, {call.ConnectHVOC, call.Inbound}: 4,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys by platform and mode (-want +got):\n%s", diff)
	}
	if len(keys) != 132 {
		t.Errorf("%d keys, want 132", len(keys))
	}
}

func TestRowsAreValidAndUnique(t *testing.T) {
	type keyLeg struct {
		key
		leg call.Role
	}
	seen := map[keyLeg]bool{}
	for _, r := range catalog.Default().Rows() {
		kl := keyLeg{keyOf(r), r.Leg}
		if seen[kl] {
			t.Errorf("%v is listed twice", kl)
		}
		seen[kl] = true
		if !slices.Contains(call.Modes(), r.Mode) || !slices.Contains(call.Roles(), r.Leg) || !slices.Contains(call.Phases(), r.Phase) {
			t.Errorf("%v: unknown mode, leg or phase %q", kl, r.Phase)
		}
		if r.Recommended == nil || !slices.IsSortedFunc(r.Recommended, inOrder) {
			t.Errorf("%v: recommended %v, want a non-nil list in order", kl, r.Recommended)
		}
		if r.Description != strings.TrimSpace(r.Description) || r.Description == "" {
			t.Errorf("%v: description %q", kl, r.Description)
		}
	}
}

func inOrder(a, b catalog.Action) int {
	return slices.Index(catalog.Actions(), a) - slices.Index(catalog.Actions(), b)
}

// Every action of every recommendation is on its rows, and no row recommends what no recommendation says.
func TestRecommendationsAndRowsAgree(t *testing.T) {
	type keyLegAction struct {
		key
		leg    call.Role
		action catalog.Action
	}
	said := map[keyLegAction]bool{}
	perPlatform := map[call.Platform]int{}
	for _, rec := range catalog.Default().Recommended() {
		perPlatform[rec.Platform]++
		for _, r := range rec.Rows {
			for _, a := range rec.Actions {
				said[keyLegAction{keyOf(r), r.Leg, a}] = true
			}
			if r.Platform != rec.Platform || r.Mode != rec.Mode || !call.SameWord(r.Event, rec.Event) {
				t.Errorf("%s %s %s belongs to another event: %v", rec.Mode, rec.CallType, rec.Event, r)
			}
			if got := rowOf(t, r.Platform, r.Mode, r.CallType, r.Event, r.Leg); !cmp.Equal(got, r) {
				t.Errorf("the row of a recommendation differs from the catalog's: %v, %v", r, got)
			}
		}
	}
	for _, r := range catalog.Default().Rows() {
		if catalog.Default().Own(r.Platform) {
			continue
		}
		for _, a := range r.Recommended {
			k := keyLegAction{keyOf(r), r.Leg, a}
			if !said[k] {
				t.Errorf("no recommendation says %v", k)
			}
			delete(said, k)
		}
	}
	if len(said) > 0 {
		t.Errorf("said but on no row: %v", said)
	}
	want := map[call.Platform]int{call.Cisco: 21, call.ConnectTethered: 18, call.ConnectHVOC: 17}
	if diff := cmp.Diff(want, perPlatform); diff != "" {
		t.Errorf("recommendations by platform (-want +got):\n%s", diff)
	}
}

func TestOneRecommendationHasNoRow(t *testing.T) {
	var homeless []string
	for _, rec := range catalog.Default().Recommended() {
		if len(rec.Rows) == 0 {
			homeless = append(homeless, strings.Join([]string{string(rec.Platform), string(rec.Mode), rec.CallType, rec.Event}, " "))
		}
	}
	want := []string{"connect-tethered predictive Outbound Consult"}
	if diff := cmp.Diff(want, homeless); diff != "" {
		t.Errorf("recommendations without a row (-want +got):\n%s", diff)
	}
	if rows := catalog.Default().Lookup(call.ConnectTethered, call.Predictive, "Outbound", "Consult"); rows != nil {
		t.Errorf("the main list must not have it: %v", rows)
	}
}

// A rule on the phase of a recommended pop fires at that event and at no other of the first agent's legs.
func TestARecommendedPopIsAloneInItsPhase(t *testing.T) {
	rows := catalog.Default().Rows()
	firstAgent := []call.Role{call.CustomerLeg, call.ReservationLeg}
	for _, pop := range rows {
		if !slices.Contains(pop.Recommended, catalog.Pop) || !slices.Contains(firstAgent, pop.Leg) {
			continue
		}
		for _, r := range rows {
			sameCall := r.Platform == pop.Platform && r.Mode == pop.Mode && slices.Contains(firstAgent, r.Leg)
			if sameCall && r.Phase == pop.Phase && keyOf(r) != keyOf(pop) {
				t.Errorf("%s %s: %s %s shares phase %s with the pop at %s %s",
					r.Platform, r.Mode, r.CallType, r.Event, r.Phase, pop.CallType, pop.Event)
			}
		}
	}
}

func TestConsultLegsPopAtConsulting(t *testing.T) {
	for _, r := range catalog.Default().Rows() {
		if r.Leg == call.ConsultLeg && slices.Contains(r.Recommended, catalog.Pop) && r.Phase != call.Consulting {
			t.Errorf("%v pops at %s", keyOf(r), r.Phase)
		}
	}
}

func TestEveryPlatformHasRows(t *testing.T) {
	c := catalog.Default()
	for _, platform := range append(call.Platforms(), "another") {
		want := platform != "another"
		if got := c.HasRows(platform); got != want {
			t.Errorf("HasRows(%s) = %t, want %t", platform, got, want)
		}
		if got := len(c.Of(platform).Rows()) > 0; got != want {
			t.Errorf("Of(%s) has rows: %t, want %t", platform, got, want)
		}
		if got := len(c.Words(platform).Events) > 0; got != want {
			t.Errorf("Words(%s) has events: %t, want %t", platform, got, want)
		}
	}
	if rows := c.Lookup("another", call.Predictive, "Regular-Call", "CustAnswered"); rows != nil {
		t.Errorf("another platform answers with %v", rows)
	}
}

// Our own words stand behind the vendors' rows, which they neither change nor interrupt.
func TestOwnWords(t *testing.T) {
	c := catalog.Default()
	own := func(r catalog.Row) bool { return c.Own(r.Platform) }
	first := slices.IndexFunc(c.Rows(), own)
	if first < 0 || slices.ContainsFunc(c.Rows()[first:], func(r catalog.Row) bool { return !own(r) }) {
		t.Errorf("our own words begin with row %d and are interrupted", first)
	}
	for _, platform := range call.Platforms() {
		if c.Own(platform) && (len(c.Of(platform).Rows()) == 0 || !c.Of(platform).Own(platform)) {
			t.Errorf("%s has no words", platform)
		}
	}
	if c.Own(call.Cisco) || !c.Own(call.Genesys) {
		t.Errorf("own words: Cisco %t, Genesys %t", c.Own(call.Cisco), c.Own(call.Genesys))
	}
	phase, ok := c.Phase(call.Genesys, call.Power, "Outbound", "alerting", call.CustomerLeg)
	if !ok || phase != call.Ringing {
		t.Errorf("the phase is %q, %t", phase, ok)
	}
}

func TestWords(t *testing.T) {
	want := catalog.Words{
		CallTypes: []string{"Regular-Call", "Outbound", "Inbound"},
		Events:    []string{"Preview", "initiate", "CustAnswered", "Hold", "ACW", "DROPPED", "Consult", "Conference", "connecting", "connected"},
	}
	if diff := cmp.Diff(want, catalog.Default().Words(call.ConnectTethered)); diff != "" {
		t.Errorf("words (-want +got):\n%s", diff)
	}
}

func rowOf(t *testing.T, p call.Platform, m call.Mode, callType, event string, leg call.Role) catalog.Row {
	t.Helper()
	for _, r := range catalog.Default().Lookup(p, m, callType, event) {
		if r.Leg == leg {
			return r
		}
	}
	t.Fatalf("no row %s %s %s %s on the %s leg", p, m, callType, event, leg)
	return catalog.Row{}
}
