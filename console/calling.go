package console

import (
	"context"
	"net/http"
	"strings"
	"time"

	"cordboard/call"
	"cordboard/calling"
)

// Calling is what the console shows and does about who may be called.
type Calling struct {
	Gate   Gatekeeper
	Ledger People
	// Region is the country of numbers that are written without a country code; empty when there is none.
	Region string
}

// Gatekeeper decides who may be called; [calling.Gate] is one.
type Gatekeeper interface {
	Try(ctx context.Context, q calling.Question) (calling.Verdict, error)
	Wish(ctx context.Context, wishes []calling.Wish) (changed int, err error)
	Policy() *calling.Policy
}

// People is what is known of people who were called, or are not to be.
type People interface {
	calling.Wishes
	calling.Decisions
}

// callingRoutes is what there is about who may be called. No address holds a number: addresses end in logs.
func (c *Console) callingRoutes() []route {
	return []route{
		{"GET /calling", c.callingPage},
		{"POST /calling/ask", c.askForm},
		{"POST /calling/wish", c.wishForm},
		{"POST /calling/import", c.importForm},
		{"POST /api/v1/do-not-call", c.noCallsJSON},
		{"POST /api/v1/do-not-call/remove", c.callsAgainJSON},
		{"POST /api/v1/do-not-call/find", c.findJSON},
		{"GET /api/v1/do-not-call/csv", c.exportNoCalls},
		{"POST /api/v1/do-not-call/csv", c.importNoCalls},
		{"POST /api/v1/consent", c.consentJSON},
		{"POST /api/v1/calling/ask", c.askJSON},
		{"POST /api/v1/calling/decisions", c.decisionsJSON},
		{"GET /api/v1/calling/policy", c.policyJSON},
	}
}

const (
	listedAtOnce    = 100
	decisionsAtOnce = 50
	maxForm         = 256 << 10 // bytes
)

type callingData struct {
	Policy    *calling.Policy
	Purposes  []calling.Purpose
	Asked     *asked // what a person asked; nil when nobody did
	Said      string // what came of a form
	Problems  []string
	Listed    []calling.Wish
	More      bool
	Decisions []calling.Decision
}

// asked is a question of a person with its answer.
type asked struct {
	Number, Country, State, Zone string
	Purpose                      calling.Purpose
	Mode                         call.Mode
	Verdict                      calling.Verdict
	Wishes                       []calling.Wish
	Decisions                    []calling.Decision
}

func (c *Console) callingPage(w http.ResponseWriter, r *http.Request) {
	c.showCalling(w, r, callingData{})
}

// showCalling shows the page with what came of a form.
func (c *Console) showCalling(w http.ResponseWriter, r *http.Request, d callingData) {
	p := c.cfg.Calling
	d.Policy, d.Purposes = p.Gate.Policy(), calling.Purposes()
	var err error
	if d.Listed, err = p.Ledger.Listed(r.Context(), "", listedAtOnce+1); err == nil {
		d.Decisions, err = p.Ledger.DecisionsOf(r.Context(), "", "", decisionsAtOnce)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	if d.More = len(d.Listed) > listedAtOnce; d.More {
		d.Listed = d.Listed[:listedAtOnce]
	}
	c.render(w, r, "calling", page{Title: "Calling", Place: "calling", Data: d})
}

// askForm answers whether somebody may be called now, and shows what is known of the number.
func (c *Console) askForm(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	a := asked{
		Number: r.PostFormValue("number"), Country: strings.ToUpper(r.PostFormValue("country")), State: strings.ToUpper(r.PostFormValue("state")),
		Zone: r.PostFormValue("zone"), Purpose: calling.Purpose(r.PostFormValue("purpose")), Mode: call.Mode(r.PostFormValue("mode")),
	}
	q := calling.Question{Country: a.Country, State: a.State, Purpose: a.Purpose, Mode: a.Mode, At: time.Now().UTC()}
	if a.Zone != "" {
		q.Zones = []string{a.Zone}
	}
	q.Number, _ = calling.ReadNumber(a.Number, c.cfg.Calling.Region) // the verdict says that it is none
	var err error
	if a.Verdict, err = c.cfg.Calling.Gate.Try(r.Context(), q); err == nil && q.Number.E164 != "" {
		if a.Wishes, err = c.cfg.Calling.Ledger.WishesOf(r.Context(), q.Number.E164); err == nil {
			a.Decisions, err = c.cfg.Calling.Ledger.DecisionsOf(r.Context(), q.Number.E164, "", decisionsAtOnce)
		}
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.showCalling(w, r, callingData{Asked: &a})
}

// wishForm puts numbers on the list, or takes them off it.
func (c *Console) wishForm(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	what := calling.What(r.PostFormValue("what"))
	if what.Word() == "" {
		c.fail(w, r, badRequest("The form does not say what to do. Nothing was changed."))
		return
	}
	numbers := strings.FieldsFunc(r.PostFormValue("numbers"), func(r rune) bool { return r == '\n' || r == '\r' || r == ',' || r == ';' })
	n, err := c.wish(r, what, numbers, r.PostFormValue("why"))
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.showCalling(w, r, callingData{Said: count(n, "number") + " changed: " + what.Word() + ". The others were so already."})
}

// importForm takes a CSV file of numbers in.
func (c *Console) importForm(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxNumbers)
	file, _, err := r.FormFile("file")
	if err != nil {
		c.fail(w, r, badRequest("The form brings no file, or one that is too large. Nothing was changed."))
		return
	}
	defer file.Close()
	got, err := c.readNoCalls(r, file)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.showCalling(w, r, callingData{Said: count(got.Added, "number") + " of " + count(got.Read, "line") + " new on the list.", Problems: got.lines()})
}
