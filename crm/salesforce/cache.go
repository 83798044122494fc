package salesforce

import (
	"container/list"
	"sync"
	"time"

	"cordboard/crm"
)

const (
	cacheSize  = 20_000           // numbers and ids together
	missFor    = 10 * time.Second // how long "nobody" is believed
	writtenFor = 15 * time.Minute // how long our own record is offered beside SOSL, whose index lags by minutes
)

// found is what a lookup brought, best first.
type found struct {
	records []candidate
}

// candidate is a record with what it is ordered by.
type candidate struct {
	crm.Record
	modified time.Time
	fit      closeness
}

// cache remembers answers by key for a while, and at most cacheSize of them: the least recently used goes first. The
// zero cache with a ttl is ready to use; it is safe for concurrent use.
type cache struct {
	ttl     time.Duration
	mu      sync.Mutex
	entries map[string]*list.Element
	order   list.List
}

type cached struct {
	key   string
	value found
	until time.Time
}

func (c *cache) get(key string, now time.Time) (found, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.peek(key, now)
}

func (c *cache) peek(key string, now time.Time) (found, bool) {
	e, ok := c.entries[key]
	if !ok {
		return found{}, false
	}
	if got := e.Value.(*cached); now.Before(got.until) {
		c.order.MoveToFront(e)
		return got.value, true
	}
	c.order.Remove(e)
	delete(c.entries, key)
	return found{}, false
}

// put remembers an answer; an empty one not for long.
func (c *cache) put(key string, value found, now time.Time) {
	ttl := c.ttl
	if len(value.records) == 0 {
		ttl = min(ttl, missFor)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set(key, value, now.Add(ttl))
}

func (c *cache) set(key string, value found, until time.Time) {
	if e, ok := c.entries[key]; ok {
		e.Value = &cached{key, value, until}
		c.order.MoveToFront(e)
		return
	}
	if c.entries == nil {
		c.entries = map[string]*list.Element{}
	}
	c.entries[key] = c.order.PushFront(&cached{key, value, until})
	if len(c.entries) > cacheSize {
		oldest := c.order.Back()
		c.order.Remove(oldest)
		delete(c.entries, oldest.Value.(*cached).key)
	}
}

// add puts a record that we wrote at the head of those remembered under key.
func (c *cache) add(key string, r candidate, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	was, _ := c.peek(key, now)
	records := []candidate{r}
	for _, other := range was.records {
		if other.ID != r.ID && len(records) < 10 {
			records = append(records, other)
		}
	}
	c.set(key, found{records: records}, now.Add(writtenFor))
}
