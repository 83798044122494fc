package finesse

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cordboard/platform"
	"cordboard/platform/platformtest"
)

// usual is a notification of an ordinary size: an outbound call with eight variables and two participants.
func usual(agent, dialog, state string) []byte {
	return fmt.Appendf(nil, `<message from="pubsub.d" to="%s@d"><event xmlns="http://jabber.org/protocol/pubsub#event"><items node="/finesse/api/User/%s/Dialogs"><item id="x"><notification xmlns="http://jabber.org/protocol/pubsub">%s</notification></item></items></event></message>`, agent, agent, escape(string(bareUpdate(agent, dialog, state))))
}

func bareUpdate(_, dialog, state string) []byte {
	var b strings.Builder
	b.WriteString("<Update><data><dialog><associatedDialogUri></associatedDialogUri><fromAddress>3001</fromAddress><id>" + dialog + "</id><mediaProperties><DNIS>4155550117</DNIS><callType>OUTBOUND</callType><dialedNumber>4155550117</dialedNumber><callvariables>")
	for i := range 8 {
		fmt.Fprintf(&b, "<CallVariable><name>user.field%d</name><value>value%d</value></CallVariable>", i, i)
	}
	b.WriteString("<CallVariable><name>BAStatus</name><value>PREDICTIVE_OUTBOUND</value></CallVariable></callvariables></mediaProperties><mediaType>Voice</mediaType><participants>")
	for _, p := range []string{"3001", "4155550117"} {
		fmt.Fprintf(&b, "<Participant><actions><action>HOLD</action><action>DROP</action></actions><mediaAddress>%s</mediaAddress><mediaAddressType>AGENT_DEVICE</mediaAddressType><startTime>2025-03-04T15:00:02.274Z</startTime><state>%s</state><stateCause></stateCause><stateChangeTime>2025-03-04T15:00:06.822Z</stateChangeTime></Participant>", p, state)
	}
	b.WriteString("</participants><state>ACTIVE</state><toAddress>4155550117</toAddress><uri>/finesse/api/Dialog/" + dialog + "</uri></dialog></data><event>PUT</event><requestId></requestId><source>/finesse/api/Dialog/" + dialog + "</source></Update>")
	return []byte(b.String())
}

func BenchmarkDecode(b *testing.B) {
	states := []string{"ALERTING", "ACTIVE", "HELD", "ACTIVE", "WRAP_UP", "DROPPED"}
	var raw [][]byte
	var msgs []platform.Message
	for call := range 500 {
		for _, s := range states {
			text := usual("9001", fmt.Sprint(7000+call), s)
			m := platform.Message{At: time.Unix(1741100000, 0), Connection: "c", Source: "finesse-xmpp", Agent: "9001", Extension: "3001"}
			m.SetText(text)
			raw, msgs = append(raw, text), append(msgs, m)
		}
	}
	run := func(b *testing.B, one func(d *Decoder, i int) error) {
		b.ReportAllocs()
		b.SetBytes(int64(len(raw[0])))
		d := NewDecoder()
		report := platformtest.PerCore(b)
		for i := 0; b.Loop(); i++ {
			if i%len(raw) == 0 {
				d = NewDecoder()
			}
			if err := one(d, i%len(raw)); err != nil {
				b.Fatal(err)
			}
		}
		report(b.N)
	}
	b.Run("wire", func(b *testing.B) { // as a session hears it
		run(b, func(d *Decoder, i int) error {
			m := msgs[i]
			m.Message = nil
			_, _, err := d.decode(m, raw[i])
			return err
		})
	})
	b.Run("trace", func(b *testing.B) { // as a trace holds it
		run(b, func(d *Decoder, i int) error { _, err := d.Decode(msgs[i]); return err })
	})
}
