package pop

import (
	"fmt"
	"net/url"
	"strings"

	"cordboard/call"
	"cordboard/crm"
	"cordboard/screen"
)

// view is what was decided to be shown, and what it means for others.
type view struct {
	pop    screen.Pop
	result result
	// reason is a code of the closed list when the rules decided to open nothing.
	reason string
	answer string // masked
}

// choose applies the rules for none, one and many.
func choose(a args, records []crm.Record) view {
	switch {
	case len(records) == 0:
		return none(a)
	case len(records) == 1:
		return one(a, records[0], 1)
	case a.Many == "first":
		v := one(a, records[0], len(records))
		v.result.Records = records
		return v
	}
	v := view{
		result: result{Count: len(records), By: records[0].By, Records: records},
		answer: fmt.Sprintf("%d records", len(records)),
		pop: screen.Pop{
			Kind: screen.KindList, Records: records, Title: titleOf(a),
			Why: fmt.Sprintf("%d records have this number", len(records)),
		},
	}
	if a.Many == "nothing" {
		v.pop.Kind, v.pop.Records, v.reason = screen.KindNote, nil, "many-matches"
	}
	return v
}

func one(a args, r crm.Record, count int) view {
	why := "by the number"
	switch {
	case r.By == "id":
		why = "by the id in the call's data"
	case count > 1:
		why = fmt.Sprintf("the first of %d with the number", count)
	}
	title := r.Name
	if title == "" {
		title = titleOf(a)
	}
	return view{
		pop:    screen.Pop{Kind: screen.KindRecord, Record: &r, Title: title, Why: why},
		result: result{ID: r.ID, Type: r.Object, Name: r.Name, Count: count, By: r.By},
		answer: fmt.Sprintf("%s %s (by %s)", r.Object, r.ID, r.By),
	}
}

func none(a args) view {
	v := view{answer: "no record", pop: screen.Pop{Kind: screen.KindNote, Title: titleOf(a), Why: "nobody has this number"}}
	object, isNew := strings.CutPrefix(a.None, "new ")
	switch {
	case isNew:
		v.pop.Kind, v.pop.New = screen.KindNew, object
		v.pop.Fields = known(object, string(a.By))
	case a.None == "search" && call.Digits(string(a.By)) != "":
		// The global search page of Salesforce; the address is inferred, no page of the vendor names it.
		v.pop.Kind = screen.KindPage
		v.pop.URL = "/_ui/search/ui/UnifiedSearchResults?str=" + url.QueryEscape(call.Digits(string(a.By)))
	default:
		v.reason = "no-match"
	}
	if a.By == "" {
		v.pop.Why = "the call has no number"
	}
	return v
}

// known are the fields of a new record that the call knows.
func known(object, number string) map[string]string {
	switch {
	case number == "":
		return nil
	case object == "Case":
		return map[string]string{"SuppliedPhone": number}
	}
	return map[string]string{"Phone": number}
}

// unknown is shown when the lookup could not be made.
func unknown(a args) view {
	v := view{pop: screen.Pop{Kind: screen.KindNote, Title: titleOf(a), Why: "the customer could not be looked up"}}
	if a.By != "" || a.ID != "" {
		v.result.Open = &a
	}
	return v
}

// titleOf is a line for an agent about somebody who is not known by name.
func titleOf(a args) string {
	if call.Digits(string(a.By)) == "" {
		return "Unknown number"
	}
	return maskNumber(string(a.By))
}

// maskNumber leaves the last four digits of a number, less of a short one.
func maskNumber(number string) string {
	d := call.Digits(number)
	return "…" + d[max(len(d)-4, (len(d)+1)/2):]
}

// maskID leaves a record id as it is, and of anything else that stands in its place only its size.
func maskID(id string) string {
	for _, r := range id {
		if !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') {
			return fmt.Sprintf("‹%d bytes›", len(id))
		}
	}
	if len(id) != 15 && len(id) != 18 {
		return fmt.Sprintf("‹%d bytes›", len(id))
	}
	return id
}
