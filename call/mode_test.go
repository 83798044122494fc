package call

import (
	"testing"
	"time"
)

// Ensure that the moments that a late mode decides do not carry the message that brought it: it told of another moment.
func TestUndecidedHasNoMessage(t *testing.T) {
	at := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	first := Event{ID: "1", Connection: "c", Ref: "r", Leg: "a", Role: CustomerLeg, Agent: "1", Name: "ALERTING", Phase: Ringing, At: at, Raw: []byte(`{"n":1}`)}
	before := Apply(State{}, &first)
	late := Event{ID: "2", Connection: "c", Ref: "r", Leg: "a", Role: CustomerLeg, Agent: "1", Mode: Preview, Name: "ACTIVE", Phase: Answered, At: at.Add(time.Second), Raw: []byte(`{"n":2}`)}
	after := Apply(before, &late)
	all := Undecided(&before, &after, &late)
	if len(all) != 1 || all[0].Name != "ALERTING" || all[0].Raw != nil {
		t.Errorf("%+v", all)
	}
}
