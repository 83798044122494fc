package salesforce

import (
	"context"
	"slices"
	"sync"
	"time"
)

// indexed are the objects whose numbers the index holds, in the order in which its records name them.
var indexed = []string{"Contact", "Lead", "Account"}

const (
	indexTimeout = time.Minute
	overlap      = 5 * time.Minute // changes are asked for again for so long: a long transaction commits late with an early stamp (inferred)
	recountEvery = time.Hour       // how often the number of records is compared with the org's
	sweepEvery   = 6 * time.Hour   // how often everything may be read again where it differs
)

// index is the phone index: the book and how far it is read. Its keeper, keepIndex, is the only one who writes.
type index struct {
	book   *book
	wake   chan struct{} // somebody looked something up for the first time
	mu     sync.Mutex
	state  indexState
	wanted bool // something has been looked up
}

// indexState is what the index is doing.
type indexState struct {
	shelves []shelf
	off     string // why there is no index
}

// shelf is one object's part of the index.
type shelf struct {
	Object string    `json:"object"`
	Phones []string  `json:"phones"`
	Closed bool      `json:"closed,omitempty"` // we may not read it
	Cursor string    `json:"cursor,omitempty"` // id of the last record read, until it is complete
	Full   bool      `json:"full"`
	Since  time.Time `json:"since"` // changes from then on are not known, by the org's clock
	// Recounted and Swept are when the number of records was compared, and when all were read again.
	Recounted time.Time `json:"recounted"`
	Swept     time.Time `json:"swept"`
	refreshed time.Time // by our clock, in this life
}

// IndexStatus is how the phone index stands: what pages and metrics show.
type IndexStatus struct {
	// State is off, waiting (for the first lookup, or for budget), loading or ready.
	State string `json:"state"`
	// Why says why it is off.
	Why     string `json:"why,omitempty"`
	Records int    `json:"records"`
	Numbers int    `json:"numbers"`
	// Bytes is what the index takes in memory, without what changed lately.
	Bytes int `json:"bytes"`
	// Fresh is when the org was last asked for changes of every object; zero before the index is ready.
	Fresh time.Time `json:"fresh,omitzero"`
}

// PhoneIndex returns how the phone index stands.
func (c *Client) PhoneIndex() IndexStatus {
	x := &c.index
	x.mu.Lock()
	s, wanted := x.state, x.wanted
	shelves := slices.Clone(s.shelves)
	x.mu.Unlock()
	status := IndexStatus{State: "ready", Why: s.off}
	switch full := !slices.ContainsFunc(shelves, func(s shelf) bool { return !s.Full && !s.Closed }); {
	case s.off != "":
		status.State = "off"
	case len(shelves) == 0 && !wanted:
		status.State = "waiting"
	case len(shelves) == 0 || !full:
		status.State = "loading"
	default:
		for _, s := range shelves {
			if !s.Closed {
				status.Fresh = earlier(status.Fresh, s.Since.Add(overlap))
			}
		}
	}
	x.book.mu.RLock()
	defer x.book.mu.RUnlock()
	p := &x.book.base
	status.Records, status.Numbers = len(p.records)+len(x.book.fresh), len(p.keys)+len(x.book.byKey)
	status.Bytes = 24*cap(p.records) + 8*cap(p.keys) + 4*cap(p.places) + cap(p.text)
	return status
}

// want notes that lookups are made, so that the index is worth having.
func (x *index) want() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.wanted {
		return
	}
	x.wanted = true
	select {
	case x.wake <- struct{}{}:
	default:
	}
}

// holds returns the places of objects when the index knows all about each of them.
func (x *index) holds(objects []string) ([]uint8, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	places := make([]uint8, 0, len(objects))
	for _, object := range objects {
		i := slices.Index(indexed, object)
		if i < 0 || i >= len(x.state.shelves) || !x.state.shelves[i].Full {
			return nil, false
		}
		places = append(places, uint8(i))
	}
	return places, x.state.off == ""
}

// indexed looks a number up in the index. It is false when the index cannot answer, or is not the last word about a
// number that it does not know.
func (c *Client) indexed(n number, region string, objects []string) (found, bool) {
	places, ok := c.index.holds(objects)
	if !ok {
		return found{}, false
	}
	var got found
	seen := map[bookID]bool{}
	for _, key := range n.probes(region, c.cfg.Region) {
		c.index.book.seek(key, func(object uint8) bool { return slices.Contains(places, object) }, searchRows, func(l *listed) {
			if seen[l.id] {
				return
			}
			seen[l.id] = true
			fit := unlike
			for _, phone := range l.phones {
				fit = max(fit, n.like(phone, region))
			}
			if fit > unlike {
				got.records = append(got.records, l.candidate(fit))
			}
		})
	}
	final := len(got.records) > 0 || c.cfg.ownIndex() || !c.verdict(time.Now()).enrich
	return got, final
}

func (l *listed) candidate(fit closeness) candidate {
	got := candidate{modified: l.changed(), fit: fit}
	got.Object, got.ID, got.Name, got.By = indexed[l.object], longID(string(l.id[:])), l.name, "index"
	return got
}

// indexedID looks an id up in the index.
func (c *Client) indexedID(id string) (candidate, bool) {
	if _, ok := c.index.holds(nil); !ok {
		return candidate{}, false
	}
	l, ok := c.index.book.get(bookID([]byte(id[:15])))
	if !ok {
		return candidate{}, false
	}
	return l.candidate(same), true
}

// keepIndex reads what is worth knowing before it is asked for, when there is budget for it: descriptions of the objects
// that are looked up, and the phone index. It returns when ctx ends.
func (c *Client) keepIndex(ctx context.Context) {
	c.openIndex()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			c.saveIndex()
			return
		case <-c.index.wake:
		case <-timer.C:
		}
		next := c.tend(ctx)
		timer.Reset(max(time.Until(next), time.Second))
	}
}
