package finesse

import (
	"strconv"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/platform"
)

var noon = time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC)

// hear decodes one message at a time after noon.
func hear(t *testing.T, d *Decoder, after time.Duration, agent, extension, doc string) []call.Event {
	t.Helper()
	m := platform.Message{At: noon.Add(after), Connection: "lab", Source: "finesse-xmpp", Agent: agent, Extension: extension}
	m.SetText([]byte(doc))
	events, err := d.Decode(m)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

func update(event, dialog string) string {
	return "<Update><data><dialog>" + dialog + "</dialog></data><event>" + event + "</event></Update>"
}

func other(id string) string {
	return update("POST", "<id>"+id+"</id><fromAddress>8850</fromAddress><toAddress>3001</toAddress><mediaProperties><callType>OTHER_IN</callType></mediaProperties><participants><Participant><mediaAddress>3001</mediaAddress><state>ALERTING</state></Participant></participants><state>ALERTING</state>")
}

func TestHeldEventsAreBounded(t *testing.T) {
	d := NewDecoder()
	if got := hear(t, d, 0, "a1", "3001", other("1")); len(got) != 0 {
		t.Fatalf("told at once: %v", got)
	}
	if got := d.due(); !got.Equal(noon.Add(holdFor)) {
		t.Errorf("due at %s", got)
	}
	if got := d.Flush(noon.Add(holdFor - 1)); len(got) != 0 {
		t.Errorf("told too early: %v", got)
	}
	got := d.Flush(noon.Add(holdFor))
	if len(got) != 1 || got[0].CallType != "OTHER_IN" || got[0].Mode != "" {
		t.Fatalf("got %v", got)
	}
	if got := d.Flush(time.Time{}); len(got) != 0 || !d.due().IsZero() {
		t.Errorf("told twice: %v", got)
	}
}

func TestAnotherMessageMovesThePlatformsTime(t *testing.T) {
	d := NewDecoder()
	hear(t, d, 0, "a1", "3001", other("1"))
	got := hear(t, d, holdFor, "a2", "3002", update("POST", "<id>2</id><mediaProperties><callType>ACD_IN</callType></mediaProperties><state>ALERTING</state>"))
	if len(got) != 2 || got[0].Ref != "1" || got[1].Ref != "2" {
		t.Errorf("got %v", got)
	}
}

// TestConsultHeardAheadOfItsCall wants a consulted agent's event to wait for the feed that says which call it is of.
func TestConsultHeardAheadOfItsCall(t *testing.T) {
	d := NewDecoder()
	hear(t, d, 0, "a1", "3001", update("POST", "<id>1</id><fromAddress>442079460123</fromAddress><mediaProperties><callType>ACD_IN</callType></mediaProperties><participants><Participant><mediaAddress>3001</mediaAddress><state>HELD</state></Participant></participants><state>ACTIVE</state>"))
	d.mem.dialogs["1"].mode = "" // as if nobody had told it yet
	consult := "<id>2</id><fromAddress>3001</fromAddress><toAddress>3002</toAddress><mediaProperties><callType>CONSULT</callType></mediaProperties>"
	if got := hear(t, d, 1, "a2", "3002", update("POST", consult+"<participants><Participant><mediaAddress>3002</mediaAddress><state>ALERTING</state></Participant></participants>")); len(got) != 0 {
		t.Fatalf("told at once: %v", got)
	}
	d.mem.dialogs["1"].mode = call.Inbound
	got := hear(t, d, 2, "a1", "3001", update("POST", consult+"<associatedDialogUri>/finesse/api/Dialog/1</associatedDialogUri><participants><Participant><mediaAddress>3001</mediaAddress><state>INITIATED</state></Participant></participants>"))
	if len(got) != 2 || got[0].Agent != "a1" || got[1].Agent != "a2" || got[1].Mode != call.Inbound || got[1].Of != "1" || got[1].Customer != "442079460123" {
		t.Errorf("got %+v", got)
	}
}

func TestPrimeContinues(t *testing.T) {
	d := NewDecoder()
	d.Prime([]platform.OpenLeg{
		{Leg: "a1", Ref: "1", Agent: "a1", Extension: "3001", Role: call.CustomerLeg, Mode: call.Predictive, CallType: "PREDICTIVE_OUTBOUND", Name: "ACTIVE", At: noon, Customer: "442079460123", Campaign: "Gold"},
		{Leg: "a1/2", Ref: "2", Agent: "a1", Extension: "3001", Role: call.ConsultLeg, Mode: call.Predictive, CallType: "OUT", Name: "ACTIVE", At: noon},
	})
	own := func(state string) string {
		return "<participants><Participant><mediaAddress>3001</mediaAddress><state>" + state + "</state><stateChangeTime>2026-02-03T12:00:01.000Z</stateChangeTime></Participant></participants>"
	}
	m := platform.Message{At: noon.Add(time.Minute), Connection: "lab", Source: "finesse-rest", Agent: "a1"}
	m.SetText([]byte("<Dialogs><Dialog><id>1</id><mediaProperties><callType></callType></mediaProperties>" + own("HELD") + "</Dialog></Dialogs>"))
	got, err := d.Decode(m)
	if err != nil || len(got) != 2 {
		t.Fatalf("got %v, %v", got, err)
	}
	held, gone := got[0], got[1]
	if held.Mode != call.Predictive || held.CallType != "PREDICTIVE_OUTBOUND" || held.Name != "HELD" || held.Leg != "a1" || held.Customer != "442079460123" || held.Campaign != "Gold" {
		t.Errorf("held: %+v", held)
	}
	if gone.Leg != "a1/2" || gone.Name != "DROPPED" || !gone.Reconciled || gone.ID != "a1/2/DROPPED" || gone.Phase != call.Ended || !gone.At.Equal(m.At) {
		t.Errorf("gone: %+v", gone)
	}
	got = hear(t, d, 2*time.Minute, "a1", "3001", update("DELETE", "<id>1</id>"))
	if len(got) != 1 || got[0].ID != "a1/1/DROPPED" || got[0].Reconciled || got[0].Mode != call.Predictive {
		t.Errorf("end: %+v", got)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	d := NewDecoder()
	for i := range 3 * maxEnded {
		id := strconv.Itoa(i)
		hear(t, d, time.Duration(i)*time.Second, "a1", "3001", update("POST", "<id>"+id+"</id><mediaProperties><callType>ACD_IN</callType></mediaProperties><state>ACTIVE</state>"))
		hear(t, d, time.Duration(i)*time.Second, "a1", "3001", update("DELETE", "<id>"+id+"</id>"))
	}
	if n := len(d.mem.legs); n > maxEnded+8 {
		t.Errorf("%d legs remembered", n)
	}
	if n := len(d.mem.dialogs); n > maxEnded+8 {
		t.Errorf("%d dialogs remembered", n)
	}
}

func TestUnescapedAndUnknown(t *testing.T) {
	d := NewDecoder()
	inner := update("POST", "<id>9</id><mediaProperties><callType>ACD_IN</callType></mediaProperties><state>ALERTING</state>")
	stanza := `<message to="a7@d/r"><event><items node="/finesse/api/User/a7/Dialogs"><item><notification>` + inner + `</notification></item></items></event></message>`
	if got := hear(t, d, 0, "", "", stanza); len(got) != 1 || got[0].Agent != "a7" {
		t.Errorf("got %v", got)
	}
	for _, nothing := range []string{
		`<message type="chat"><body>hi</body></message>`, `<presence/>`, `<iq type="result"/>`,
		`<Update><data><media/></data><event>PUT</event></Update>`,
	} {
		if got := hear(t, d, 0, "a7", "", nothing); len(got) != 0 {
			t.Errorf("%s gives %v", nothing, got)
		}
	}
	m := platform.Message{Source: "finesse-xmpp"}
	m.SetText([]byte(inner))
	if _, err := d.Decode(m); err == nil {
		t.Error("a dialog of nobody is taken")
	}
}
