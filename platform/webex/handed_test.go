package webex_test

import (
	"testing"

	"cordboard/call"
	"cordboard/platform/webex"
)

// handed is a call of a kind that Ada sends on to Ben.
func handed(change map[string]any, kindOf string) []line {
	gone := map[string]string{ada: "joined left wrap", ben: ""}
	return []line{
		{feed: ada, kind: "AgentContactAssigned", after: 2, state: "connected", people: map[string]string{ada: "joined"}, change: change, kindOf: kindOf},
		{feed: ada, kind: "AgentBlindTransferred", after: 30, state: "wrapUp", people: gone, change: change, kindOf: kindOf},
		{feed: ben, kind: "AgentOfferContact", after: 31, state: "new", people: gone, change: change, kindOf: kindOf},
	}
}

// Whatever a call was, at the next agent it is an offer of a transferred call: of one that was dialled nobody dials again,
// and one that was a preview is none any more.
func TestATransferredCallIsOffered(t *testing.T) {
	dialled := map[string]any{"interaction": map[string]any{
		"state": "new", "mediaType": "telephony", "contactDirection": map[string]any{"type": "OUTBOUND"}, "outboundType": "OUTDIAL",
		"participants": map[string]any{ada: map[string]any{"pType": "Agent", "hasJoined": true, "hasLeft": true, "isWrapUp": true}, ben: map[string]any{"pType": "Agent"}},
	}}
	for name, c := range map[string]struct {
		story []line
		mode  call.Mode
	}{
		"dialled": {handed(dialled, ""), call.Manual},
		"preview": {append(preview()[:3:3], handed(nil, "preview_standard")[1:]...), call.Preview},
	} {
		s, events := hear(t, webex.NewDecoder(nil), messages(c.story))
		last := events[len(events)-1]
		if s.Mode != c.mode || last.Agent != ben || last.Role != call.TransferLeg || last.Phase != call.Offered {
			t.Errorf("%s: mode %s, %s of %s is %s on the %s leg", name, s.Mode, last.Name, last.Agent, last.Phase, last.Role)
		}
	}
}

// A preview whose call does not get through to its agent is missed.
func TestAPreviewIsMissed(t *testing.T) {
	for _, kind := range []string{"AgentOfferContactRona", "AgentContactAssignFailed", "AgentInviteFailed"} {
		story := append(preview()[:2:2], line{feed: ada, kind: kind, after: 9, id: first, state: "new", people: map[string]string{ada: "left"}})
		s, events := hear(t, webex.NewDecoder(nil), messages(story))
		last := events[len(events)-1]
		if last.Role != call.ReservationLeg || last.Phase != call.Missed || s.Open() || len(s.Legs) != 1 || s.ID != "wx:"+first {
			t.Errorf("%s: %s on the %s leg of %s, open %v", kind, last.Phase, last.Role, s.ID, s.Open())
		}
	}
}
