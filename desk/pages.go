package desk

import (
	"maps"
	"sync"
)

// Pages says how pages around the panel hear of calls and act on them. The panel's files client-*.js and transport-*.js have the
// events and actions. In Lightning and around a plain panel messages go by window.postMessage, in Classic by events of its console.
type Pages struct {
	// Prefix is what the names of actions begin with, such as "PureCloud.".
	Prefix string `json:"prefix"`
	// ConsolePrefix is what the names of console events begin with in Classic, such as "inin.salesforce.constants.consoleevent.";
	// behind it, "pc." marks what the panel fires.
	ConsolePrefix string `json:"consolePrefix"`
	// Types are the kinds of events that pages are told without asking: Interaction, Notification, UserAction.
	Types []string `json:"types"`
}

// PageOutcome is what became of a message that a page sent to the panel.
type PageOutcome string

// What may become of it.
const (
	PageTaken     PageOutcome = "taken"     // it was done
	PageRefused   PageOutcome = "refused"   // the platform did not do it, or too much was asked for at once
	PageIgnored   PageOutcome = "ignored"   // it is no action
	PageMalformed PageOutcome = "malformed" // it is an action, but says nothing that can be done
	PageOversized PageOutcome = "oversized" // it is longer than any action
	PageForeign   PageOutcome = "foreign"   // it came from a page that is not allowed
)

// Refused is why a socket was not let in, or was ended.
type Refused string

// Why a socket is refused.
const (
	RefusedOrigin    Refused = "origin"    // of a page that may not open one
	RefusedTicket    Refused = "ticket"    // missing, used, expired or forged
	RefusedMalformed Refused = "malformed" // a message that is none of the protocol
	RefusedOversized Refused = "oversized" // a message that is too long
)

// counters counts by name, among names that are known from the beginning. It is safe for concurrent use.
type counters[K comparable] struct {
	mu sync.Mutex
	n  map[K]int64
}

func newCounters[K comparable](names ...K) *counters[K] {
	c := &counters[K]{n: map[K]int64{}}
	for _, name := range names {
		c.n[name] = 0
	}
	return c
}

// add counts n more; other names are left out.
func (c *counters[K]) add(name K, n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.n[name]; known {
		c.n[name] += n
	}
}

func (c *counters[K]) all() map[K]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.n)
}

// maxCounted is how many of a kind one report of a tab may have: no page sends more in the time between two.
const maxCounted = 100_000

// countPages takes a tab's report of what became of pages' messages.
func (h *Hub) countPages(counts map[PageOutcome]int64) {
	for outcome, n := range counts {
		h.pages.add(outcome, min(max(n, 0), maxCounted))
	}
}

// PageMessages counts what became of the messages that pages have sent to panels since the start, as the panels tell.
func (h *Hub) PageMessages() map[PageOutcome]int64 { return h.pages.all() }

// Refusals counts the sockets that were refused or ended for what they are since the start.
func (h *Hub) Refusals() map[Refused]int64 { return h.refusals.all() }
