package calling

import (
	"time"

	"cordboard/call"
)

// Question asks whether a person may be called, or offered to an agent for a call.
type Question struct {
	Number Number `json:"number"`
	// Country and State are those of the person's address: ISO 3166 codes such as US and FL. Empty when unknown; the
	// number's own country counts in any case.
	Country string `json:"country,omitempty"`
	State   string `json:"state,omitempty"`
	// Zones are further time zones the person may be in, such as that of the address in the CRM and that of the contact list;
	// IANA names. The number's own count in any case.
	Zones []string `json:"zones,omitempty"`
	// Connection, List and Contact name the contact, where there is one, Campaign its campaign; the platform's ids.
	Connection string `json:"connection,omitempty"`
	List       string `json:"list,omitempty"`
	Contact    string `json:"contact,omitempty"`
	Campaign   string `json:"campaign,omitempty"`
	// Forbidden says who else than the ledger's list forbids calls, such as Salesforce or the platform; empty when nobody does.
	Forbidden string `json:"forbidden,omitempty"`
	// Purpose is what the call is for. With an unknown or empty one the rules of all purposes hold.
	Purpose Purpose   `json:"purpose,omitempty"`
	Mode    call.Mode `json:"mode,omitempty"`
	// Hours are those that whoever asks allows, beside the rules: on every day, by the person's clock, such as 09:00-20:00.
	// Empty leaves it to the rules.
	Hours string    `json:"hours,omitempty"`
	At    time.Time `json:"at"`
}

// ContactKey names the question's contact in the ledger; empty when there is none.
func (q *Question) ContactKey() string { return ContactKey(q.Connection, q.List, q.Contact) }

// Purpose is what a call is for.
type Purpose string

// The purposes.
const (
	Sales   Purpose = "sales"
	Service Purpose = "service"
	Debt    Purpose = "debt"
)

// Purposes lists every Purpose.
func Purposes() []Purpose { return []Purpose{Sales, Service, Debt} }

// History is what is known of the number and of the contact, over all campaigns and platforms.
type History struct {
	// Attempts are those at the number, and those at any number of the contact, each once and in any order.
	Attempts []Attempt
	// Submitted is when this contact of this list was submitted again, in its whole life; in any order.
	Submitted []time.Time
	// DoNotCall says who forbids calls, such as "own list" or "Salesforce"; empty when nobody does.
	DoNotCall string
	Consent   Consent
}

// Attempt is one thing that happened when somebody was to be called.
type Attempt struct {
	Kind Kind
	At   time.Time
}

// Kind is what an attempt came to. One attempt of a dialer may bring several: it was offered, then placed, then they talked.
type Kind string

// The kinds. Caps of calls count what was placed; spacing counts offers, too.
const (
	Offered   Kind = "offered"   // a preview was shown to an agent; nobody was called yet
	Placed    Kind = "placed"    // the customer's number was dialled
	Talked    Kind = "talked"    // there was a conversation, whoever called
	Abandoned Kind = "abandoned" // the person answered, and no agent was there
)

// Kinds lists every Kind in the order in which an attempt passes them.
func Kinds() []Kind { return []Kind{Offered, Placed, Talked, Abandoned} }

// Consent is what the person said about being called.
type Consent string

// What a person may have said.
const (
	NotAsked  Consent = ""
	Given     Consent = "given"
	Withdrawn Consent = "withdrawn"
)
