package salesforce

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"cordboard/call"
	"cordboard/crm"
)

const (
	gatherFor    = 3 * time.Millisecond // how long a number waits for company while others are being looked up
	gatherAtMost = 20                   // numbers of one search: far from the 4,000 characters at which SOSL drops its operators
	soslRows     = 2000                 // the most rows of one search ("SOSL Limits", SOQL and SOSL Reference)
)

// ways are the resources that can carry a search with operators in a body, where customers' numbers stay out of URLs.
// Composite Batch lists Search among its resources; that Composite takes it too is inferred. An org that refuses both
// gets one search for each number. Parameterized Search has no operators.
var ways = []string{"/composite/batch", "/composite"}

// gathering puts numbers that wait at the same time into one search. A number that comes alone is never delayed. The
// zero gathering is ready to use.
type gathering struct {
	mu     sync.Mutex
	flying map[string]int // searches by objects
	open   map[string]*party
	way    int // the first of ways that is not known to fail
}

// party is a search that others may still join.
type party struct {
	numbers []number
	full    chan struct{}
	done    chan struct{}
	rows    []row
	err     error
	alone   bool // everybody is to ask alone
}

// search finds the records of a number: alone, or together with the other numbers that wait at the moment.
func (c *Client) search(ctx context.Context, n number, region string, objects []string) (found, error) {
	if until := c.usage.blockedUntil(); time.Now().Before(until) {
		return found{}, &crm.Error{Kind: crm.Limited, Code: "REQUEST_LIMIT_EXCEEDED", Retry: until}
	}
	kind := strings.Join(objects, ",")
	p, first, alone := c.gather.join(kind, n)
	defer c.gather.leave(kind)
	if alone {
		return c.searchAlone(ctx, n, region, objects)
	}
	if first {
		c.host(ctx, kind, p, objects)
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		return found{}, ctx.Err()
	}
	if p.alone || p.err != nil && ctx.Err() == nil && crm.KindOf(p.err) != crm.Limited {
		return c.searchAlone(ctx, n, region, objects)
	}
	return c.matching(ctx, p.rows, n, region), p.err
}

// join says whether a number is looked for alone, and otherwise with whom; the first of a party hosts it.
func (g *gathering) join(kind string, n number) (p *party, first, alone bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.flying == nil {
		g.flying, g.open = map[string]int{}, map[string]*party{}
	}
	g.flying[kind]++
	if g.flying[kind] == 1 || g.way == len(ways) || n.national != call.Digits(n.national) {
		return nil, false, true
	}
	p = g.open[kind]
	if first = p == nil; first {
		p = &party{full: make(chan struct{}), done: make(chan struct{})}
		g.open[kind] = p
	}
	p.numbers = append(p.numbers, n)
	if len(p.numbers) == gatherAtMost {
		delete(g.open, kind)
		close(p.full)
	}
	return p, first, false
}

func (g *gathering) leave(kind string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.flying[kind]--; g.flying[kind] == 0 {
		delete(g.flying, kind)
	}
}

// close lets nobody else join.
func (g *gathering) close(kind string, p *party) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open[kind] == p {
		delete(g.open, kind)
	}
}

// host waits for company and searches for everybody.
func (c *Client) host(ctx context.Context, kind string, p *party, objects []string) {
	defer close(p.done)
	wait := time.NewTimer(gatherFor)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-p.full:
	case <-ctx.Done():
	}
	c.gather.close(kind, p)
	if p.alone = len(p.numbers) == 1; !p.alone {
		p.rows, p.err = c.searchTogether(ctx, p.numbers, objects)
	}
}

// searchTogether asks SOSL for several numbers at once. Every error means: ask alone.
func (c *Client) searchTogether(ctx context.Context, numbers []number, objects []string) ([]row, error) {
	statement, err := c.statement(ctx, numbers, objects)
	if err != nil {
		return nil, err
	}
	c.gather.mu.Lock()
	way := c.gather.way
	c.gather.mu.Unlock()
	for ; way < len(ways); way++ {
		rows, err := c.carry(ctx, ways[way], statement)
		if kind := crm.KindOf(err); err == nil || kind != crm.Gone && kind != crm.Invalid {
			return rows, err
		}
		c.gather.mu.Lock()
		c.gather.way = max(c.gather.way, way+1)
		c.gather.mu.Unlock()
	}
	return nil, &crm.Error{Kind: crm.Invalid, Code: "no-way", Message: "the org takes no search for several numbers"}
}

// statement writes the SOSL for several numbers ("SOSL Syntax", SOQL and SOSL Reference).
func (c *Client) statement(ctx context.Context, numbers []number, objects []string) (string, error) {
	words := make([]string, len(numbers))
	for i, n := range numbers {
		words[i] = n.national
	}
	targets := make([]string, len(objects))
	for i, object := range objects {
		fields, err := c.searchFields(ctx, object)
		if err != nil {
			return "", err
		}
		targets[i] = object + "(" + strings.Join(fields, ", ") + ")"
	}
	return fmt.Sprintf("FIND {%s} IN PHONE FIELDS RETURNING %s LIMIT %d", strings.Join(words, " OR "), strings.Join(targets, ", "), soslRows), nil
}

// carry sends a search as the one part of a composite request.
func (c *Client) carry(ctx context.Context, way, statement string) ([]row, error) {
	path := "/search?q=" + escapeQuery(statement)
	part := map[string]any{"method": http.MethodGet, "url": c.cfg.Version + path}
	body := map[string]any{"batchRequests": []any{part}}
	if way == "/composite" {
		part["url"], part["referenceId"] = "/services/data/"+c.cfg.Version+path, "found"
		body = map[string]any{"compositeRequest": []any{part}}
	}
	type partAnswer struct {
		StatusCode     int             `json:"statusCode"`     // batch
		Result         json.RawMessage `json:"result"`         // batch
		HTTPStatusCode int             `json:"httpStatusCode"` // composite
		Body           json.RawMessage `json:"body"`           // composite
	}
	var answer struct {
		Results           []partAnswer `json:"results"`
		CompositeResponse []partAnswer `json:"compositeResponse"`
	}
	if _, err := c.call(ctx, c.lookups, http.MethodPost, way, body, &answer); err != nil {
		return nil, c.limited(err)
	}
	parts := append(answer.Results, answer.CompositeResponse...)
	if len(parts) != 1 {
		return nil, &crm.Error{Kind: crm.Invalid, Code: "no-answer", Message: "the answer has no part for the search"}
	}
	status, raw := parts[0].StatusCode+parts[0].HTTPStatusCode, append(parts[0].Result, parts[0].Body...)
	if status != http.StatusOK {
		return nil, c.limited(restError(status, raw))
	}
	rows, err := readRows(raw)
	if len(rows) >= soslRows {
		return nil, &crm.Error{Kind: crm.Busy, Code: "too-many", Message: "the numbers together have more records than an answer holds"}
	}
	return rows, err
}

// matching keeps the rows that really have the number.
func (c *Client) matching(ctx context.Context, rows []row, n number, region string) found {
	var got found
	for _, r := range rows {
		if candidate, ok := c.candidate(ctx, r, n, region); ok {
			got.records = append(got.records, candidate)
		}
	}
	return got
}
