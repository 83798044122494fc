package catalog

import (
	"slices"
	"sync"

	"cordboard/call"
)

// Action is something that a page recommends to do at an event.
type Action string

// The actions, in the order in which every list of actions names them.
const (
	Pop    Action = "pop"    // "Screen pop (Look Up)": find the record and show it
	Page   Action = "page"   // "Invoke SF Page": open a page
	Create Action = "create" // "Object Creation"
	Update Action = "update" // "Object Update (Call Log)"
)

// Actions lists every Action in the order in which lists name them.
func Actions() []Action { return []Action{Pop, Page, Create, Update} }

// Row is one meaning of one event: what a platform's words say about one kind of leg in one mode.
// Its JSON names are the column names of the CSV form.
type Row struct {
	Platform call.Platform `json:"platform"`
	Mode     call.Mode     `json:"mode"`
	CallType string        `json:"call_type"` // as the page spells it
	Event    string        `json:"event"`     // as the page spells it
	Leg      call.Role     `json:"leg"`
	Phase    call.Phase    `json:"phase"`
	// Recommended is what the page recommends here, in the order of Actions; empty and never nil when it is silent.
	// Where the vendor publishes no table it is our recommendation.
	Recommended []Action `json:"recommended"`
	Description string   `json:"description"`
}

// Recommendation is one row of a page's table "Recommended Workflow Configurations", in the page's own words.
type Recommendation struct {
	Platform    call.Platform
	Mode        call.Mode
	CallType    string   // may differ from the call type of Rows
	Event       string   // may differ in case from the event of Rows
	Suggested   string   // the cell "Suggested Configuration"
	Description string   // bullets joined by "; "
	Actions     []Action // what Suggested asks for, in the order of Actions
	Rows        []Row    // the rows it belongs to; none when the page supports no such event
}

// Words are the call types and events of one platform, each once without regard to case, in the page's order.
type Words struct {
	CallTypes []string
	Events    []string
}

// Catalog is the parsed tables. It never changes, so any number of goroutines may use it; slices that it hands out
// must not be written to.
type Catalog struct {
	rows        []Row
	recommended []Recommendation
	own         []call.Platform // whose rows are our words
	byKey       map[string][]Row
}

var parsed = sync.OnceValue(func() *Catalog {
	c, err := Load()
	if err != nil {
		panic(err) // the tables are part of the binary: tests have read them before anybody runs it
	}
	return c
})

// Default returns the catalog of the embedded tables, parsed at the first call.
func Default() *Catalog { return parsed() }

// Rows returns every row: platforms in the order of call.Platforms, then in the page's order.
func (c *Catalog) Rows() []Row { return c.rows }

// Recommended returns every row of the recommended tables, in the same order as Rows.
func (c *Catalog) Recommended() []Recommendation { return c.recommended }

// HasRows reports whether the platform has a table of events, its vendor's or ours. A platform without one may send any
// word.
func (c *Catalog) HasRows(platform call.Platform) bool {
	return slices.ContainsFunc(c.rows, func(r Row) bool { return r.Platform == platform })
}

// Of returns the part of the catalog that is about one platform, for listings; it is empty for a platform without
// a table.
func (c *Catalog) Of(platform call.Platform) *Catalog {
	var rows []Row
	for _, r := range c.rows {
		if r.Platform == platform {
			rows = append(rows, r)
		}
	}
	var recommended []Recommendation
	for _, r := range c.recommended {
		if r.Platform == platform {
			recommended = append(recommended, r)
		}
	}
	return &Catalog{rows: rows, recommended: recommended, own: c.own, byKey: index(rows)}
}

// Words returns the platform's vocabulary; both lists are empty for a platform without a table.
func (c *Catalog) Words(platform call.Platform) Words {
	var w Words
	for _, r := range c.rows {
		if r.Platform == platform {
			w.CallTypes = addWord(w.CallTypes, r.CallType)
			w.Events = addWord(w.Events, r.Event)
		}
	}
	return w
}

func addWord(words []string, word string) []string {
	if slices.ContainsFunc(words, func(w string) bool { return call.SameWord(w, word) }) {
		return words
	}
	return append(words, word)
}
