package console

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"cordboard/call"
	"cordboard/calling"
)

// wish stores the same wish for many numbers: all, or none when one of them cannot be read.
func (c *Console) wish(r *http.Request, what calling.What, numbers []string, why string) (int, error) {
	var wishes []calling.Wish
	for i, text := range numbers {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		number := calling.E164(text, c.cfg.Calling.Region)
		if number == "" {
			return 0, badRequest(fmt.Sprintf("Number %d is no telephone number with its country code. Nothing was changed.", i+1))
		}
		wishes = append(wishes, calling.Wish{Number: number, What: what, At: time.Now().UTC(), Who: author(r), Why: why})
	}
	if len(wishes) == 0 {
		return 0, badRequest("There is no number. Nothing was changed.")
	}
	return c.cfg.Calling.Gate.Wish(r.Context(), wishes)
}

// wishJSON takes {"numbers": […], "why": "…"} in.
func (c *Console) wishJSON(w http.ResponseWriter, r *http.Request, what calling.What) {
	var in struct {
		Numbers []string `json:"numbers"`
		Why     string   `json:"why"`
	}
	err := readJSON(w, r, &in)
	n := 0
	if err == nil {
		n, err = c.wish(r, what, in.Numbers, in.Why)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	answer(w, map[string]int{"changed": n})
}

func (c *Console) noCallsJSON(w http.ResponseWriter, r *http.Request) {
	c.wishJSON(w, r, calling.NoCalls)
}

func (c *Console) callsAgainJSON(w http.ResponseWriter, r *http.Request) {
	c.wishJSON(w, r, calling.CallsAgain)
}

// consentJSON takes {"numbers": […], "given": true, "why": "…"} in.
func (c *Console) consentJSON(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Numbers []string `json:"numbers"`
		Given   *bool    `json:"given"`
		Why     string   `json:"why"`
	}
	err := readJSON(w, r, &in)
	if err == nil && in.Given == nil {
		err = badRequest("\"given\" must be true or false. Nothing was changed.")
	}
	n := 0
	if err == nil {
		what := calling.Withdrew
		if *in.Given {
			what = calling.Agreed
		}
		n, err = c.wish(r, what, in.Numbers, in.Why)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	answer(w, map[string]int{"changed": n})
}

// findJSON tells what the person of a number wishes.
func (c *Console) findJSON(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Number string `json:"number"`
	}
	err := readJSON(w, r, &in)
	number := calling.E164(in.Number, c.cfg.Calling.Region)
	if err == nil && number == "" {
		err = badRequest("\"number\" is no telephone number with its country code.")
	}
	wishes := []calling.Wish{}
	if err == nil {
		var all []calling.Wish
		all, err = c.cfg.Calling.Ledger.WishesOf(r.Context(), number)
		wishes = append(wishes, all...)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	listed := false
	for _, w := range wishes {
		if w.What.Topic() == calling.NoCalls.Topic() {
			listed = w.What == calling.NoCalls
			break
		}
	}
	answer(w, map[string]any{"number": number, "listed": listed, "wishes": wishes})
}

// askJSON decides, and keeps nothing.
func (c *Console) askJSON(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Number, Country, State    string
		Zones                     []string
		Purpose                   calling.Purpose
		Mode                      call.Mode
		Connection, List, Contact string
		At                        time.Time
	}
	if err := readJSON(w, r, &in); err != nil {
		c.fail(w, r, err)
		return
	}
	q := calling.Question{
		Country: in.Country, State: in.State, Zones: in.Zones, Purpose: in.Purpose, Mode: in.Mode, Connection: in.Connection, List: in.List, Contact: in.Contact, At: in.At,
	}
	if q.At.IsZero() {
		q.At = time.Now().UTC()
	}
	q.Number, _ = calling.ReadNumber(in.Number, c.cfg.Calling.Region) // the verdict says that it is none
	v, err := c.cfg.Calling.Gate.Try(r.Context(), q)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	answer(w, v)
}

// decisionsJSON tells why somebody was called or not, the newest first; of everybody without a number and a contact.
func (c *Console) decisionsJSON(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Number, Connection, List, Contact string
		Limit                             int
	}
	if err := readJSON(w, r, &in); err != nil {
		c.fail(w, r, err)
		return
	}
	if in.Limit < 1 || in.Limit > 1000 {
		in.Limit = decisionsAtOnce
	}
	number := calling.E164(in.Number, c.cfg.Calling.Region)
	if in.Number != "" && number == "" {
		c.fail(w, r, badRequest("\"number\" is no telephone number with its country code."))
		return
	}
	found, err := c.cfg.Calling.Ledger.DecisionsOf(r.Context(), number, calling.ContactKey(in.Connection, in.List, in.Contact), in.Limit)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	decisions := []calling.Decision{}
	for _, d := range found {
		d.Question.Number.E164 = mask(d.Question.Number.E164)
		decisions = append(decisions, d)
	}
	answer(w, map[string]any{"decisions": decisions})
}

func (c *Console) policyJSON(w http.ResponseWriter, r *http.Request) {
	p := c.cfg.Calling.Gate.Policy()
	answer(w, map[string]any{"version": p.Version(), "rules": p.Rules()})
}
