package server

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/calling"
	sim "cordboard/sim/genesys"
)

// past is what the ledger holds of the contact, as "offered placed", and of its submissions.
func (o *office) past(k sim.Contact) (kinds string, submitted int) {
	o.Helper()
	list := strings.Split(strings.TrimPrefix(o.contacts(), "/api/v2/outbound/contactlists/"), "/")[0]
	var last calling.History
	for _, ask := range [][2]string{{"+12125550123", ""}, {"", calling.ContactKey("genesys", list, k.ID)}} { // the same by number and by contact
		h, err := o.store.Past(o.Context(), ask[0], ask[1], time.Now().Add(-30*24*time.Hour))
		if err != nil {
			o.Fatal(err)
		}
		var found []string
		for _, a := range h.Attempts {
			found = append(found, string(a.Kind))
		}
		if last = h; kinds != "" && kinds != strings.Join(found, " ") {
			o.Errorf("of the number %s, of the contact %v", kinds, found)
		}
		kinds = strings.Join(found, " ")
	}
	return kinds, len(last.Submitted)
}

// What the events of a real platform say is counted with them: a skipped preview is an offer and no call, a dialled one is a call and a
// conversation, and nobody is submitted again within seven days after that.
func TestLedgerHearsPreviews(t *testing.T) {
	inOffice(t, func(o *office) {
		k := o.contact()
		o.play("preview_skipped", sim.Call{})
		time.Sleep(time.Minute)
		if kinds, submitted := o.past(k); kinds != "offered" || submitted != 0 {
			o.Errorf("after a skipped preview: %s, %d", kinds, submitted)
		}
		time.Sleep(241 * time.Minute)
		if _, submitted := o.past(k); submitted != 1 {
			o.Errorf("submitted %d times", submitted)
		}
		decided, err := o.store.DecisionsOf(o.Context(), "+12125550123", "", 10)
		var stages []calling.Stage
		for _, d := range decided {
			stages = append(stages, d.Stage)
		}
		if err != nil || !slices.Contains(stages, calling.Planning) || !slices.Contains(stages, calling.Binding) || decided[0].Verdict.Version == "" {
			o.Errorf("decided %v, %v", stages, err)
		}
		o.play("preview_dialed", sim.Call{})
		time.Sleep(time.Minute)
		if kinds, _ := o.past(k); kinds != "offered offered placed talked" {
			o.Errorf("after a dialled preview: %s", kinds)
		}
	})
}

// Who says while a retry waits that he is not to be called is not submitted any more.
func TestRetryOfABarredNumber(t *testing.T) {
	inOffice(t, func(o *office) {
		first := o.play("preview_skipped", sim.Call{})
		time.Sleep(time.Minute)
		o.want(first.Conversation, waiting)
		if _, err := o.store.Wish(o.Context(), []calling.Wish{{Number: "+12125550123", What: calling.NoCalls, At: time.Now(), Who: "ines"}}); err != nil {
			o.Fatal(err)
		}
		time.Sleep(5 * time.Hour)
		if n := len(o.submissions()); n != 0 {
			o.Errorf("submitted %d times", n)
		}
		if steps := strings.Join(o.steps(first.Conversation), " "); !strings.Contains(steps, "contact.submit=skipped/do-not-call") {
			o.Errorf("steps %s", steps)
		}
	})
}

// Whose number is put on the list has no retry that waits, and whoever looks sees why.
func TestBarredNumberEndsItsRetries(t *testing.T) {
	inOffice(t, func(o *office) {
		first := o.play("preview_skipped", sim.Call{})
		time.Sleep(time.Minute)
		o.want(first.Conversation, waiting)
		gate := calling.NewGate(calling.Shipped(), o.store, nil)
		gate.OnBarred(func(ctx context.Context, numbers []string) {
			endRetries(ctx, o.store, o.engine, slog.New(slog.DiscardHandler), numbers)
		})
		if _, err := gate.Wish(o.Context(), []calling.Wish{{Number: "+12125550199", What: calling.NoCalls, At: time.Now(), Who: "ines"}}); err != nil {
			o.Fatal(err)
		}
		o.want(first.Conversation, waiting) // somebody else
		if fresh, err := gate.Wish(o.Context(), []calling.Wish{{Number: "+12125550123", What: calling.NoCalls, At: time.Now(), Who: "ines"}}); err != nil || fresh != 1 {
			o.Fatal(fresh, err)
		}
		time.Sleep(time.Second)
		o.want(first.Conversation, looked+rest("cancelled-by"))
		time.Sleep(5 * time.Hour)
		if n := len(o.submissions()); n != 0 {
			o.Errorf("submitted %d times", n)
		}
	})
}
