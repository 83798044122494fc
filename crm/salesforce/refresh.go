package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"cordboard/crm"
)

const (
	tendEvery = time.Minute // how soon what failed, or found no budget, is tried again
	saveEvery = 50_000      // records read between two savings while loading
)

var errNoBudget = errors.New("there is no budget for it now")

// tend does what is due and affordable, and returns when to come again.
func (c *Client) tend(ctx context.Context) time.Time {
	now := time.Now()
	if err := c.describeWanted(ctx); err != nil {
		return now.Add(tendEvery)
	}
	if c.cfg.noIndex() || !c.startIndex(ctx) {
		return now.Add(c.cfg.PhoneIndexEvery.Std())
	}
	for i := range indexed {
		if err := c.tendShelf(ctx, i); err != nil {
			if ctx.Err() == nil && !errors.Is(err, errNoBudget) {
				c.log.Warn("the phone index cannot be read from the org; lookups ask the org meanwhile", "object", indexed[i], "error", err)
			}
			return now.Add(min(tendEvery, c.cfg.PhoneIndexEvery.Std()))
		}
	}
	return now.Add(c.cfg.PhoneIndexEvery.Std())
}

// describeWanted describes the objects that are looked up, whose custom phone fields are not known otherwise.
func (c *Client) describeWanted(ctx context.Context) error {
	for _, object := range c.schema.stale(time.Now()) {
		if !c.verdict(time.Now()).enrich {
			return errNoBudget
		}
		if _, err := c.describe(ctx, object); err != nil {
			return err
		}
	}
	return nil
}

// startIndex reports whether there is to be an index, and begins it.
func (c *Client) startIndex(ctx context.Context) bool {
	x := &c.index
	x.mu.Lock()
	begun, off, wanted := len(x.state.shelves) > 0, x.state.off != "", x.wanted
	x.mu.Unlock()
	switch {
	case begun || off:
		return !off
	case !c.cfg.ownIndex() && !wanted:
		return false
	}
	shelves := make([]shelf, len(indexed))
	total := 0
	for i, object := range indexed {
		phones, err := c.indexFields(ctx, object)
		shelves[i] = shelf{Object: object, Phones: phones}
		if err == nil && !c.cfg.ownIndex() {
			var n int
			n, err = c.countPhones(ctx, shelves[i])
			total += n
		}
		if kind := crm.KindOf(err); err != nil && kind != crm.Gone && kind != crm.Invalid {
			return false
		}
		shelves[i].Closed = err != nil || len(phones) == 0
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if !c.cfg.ownIndex() && total > c.cfg.PhoneIndexLimit {
		x.state.off = fmt.Sprintf("%d records have a number, and the limit is %d; phone_index: true keeps an index all the same", total, c.cfg.PhoneIndexLimit)
		c.log.Info("no phone index: too many records for one that nobody asked for", "records", total)
		return false
	}
	x.state.shelves = shelves
	return true
}

// indexFields returns the phone fields of an object as the org describes them.
func (c *Client) indexFields(ctx context.Context, object string) ([]string, error) {
	if !c.verdict(time.Now()).enrich {
		return nil, errNoBudget
	}
	d, err := c.describe(ctx, object)
	if err != nil {
		return nil, err
	}
	return d.phones(), nil
}

// tendShelf brings one object's part up to date.
func (c *Client) tendShelf(ctx context.Context, i int) error {
	c.index.mu.Lock()
	s := c.index.state.shelves[i]
	c.index.mu.Unlock()
	if s.Closed {
		return nil
	}
	c.schema.want(s.Object)
	defer func() {
		c.index.mu.Lock()
		c.index.state.shelves[i] = s
		c.index.mu.Unlock()
	}()
	if d := c.schema.get(s.Object); d != nil && !slices.Equal(d.phones(), s.Phones) {
		s = shelf{Object: s.Object, Phones: d.phones()} // a field was added, or hidden: from the start
	}
	if !s.Full {
		return c.load(ctx, uint8(i), &s)
	}
	if time.Since(s.refreshed) < c.cfg.PhoneIndexEvery.Std()/2 {
		return nil // woken for something else
	}
	if err := c.refresh(ctx, uint8(i), &s); err != nil {
		return err
	}
	s.refreshed = time.Now()
	return c.recount(ctx, uint8(i), &s)
}

// load reads all records with a number in the order of their ids, from where it stopped the last time.
func (c *Client) load(ctx context.Context, object uint8, s *shelf) error {
	unsaved := 0
	err := c.read(ctx, "query", s.all(s.Cursor), func(page []map[string]any, date time.Time) {
		if s.Since.IsZero() {
			s.Since = date.Add(-overlap)
		}
		for _, fields := range page {
			if l, ok := s.listed(object, fields); ok {
				c.index.book.put(l)
				s.Cursor = longID(string(l.id[:]))
			}
		}
		c.foldCrowded()
		if unsaved += len(page); unsaved >= saveEvery {
			unsaved = 0
			c.index.mu.Lock()
			c.index.state.shelves[object] = *s
			c.index.mu.Unlock()
			c.saveIndex()
		}
	})
	if err != nil {
		return err
	}
	s.Full, s.Cursor, s.Recounted, s.Swept, s.refreshed = true, "", time.Now(), time.Now(), time.Now()
	if s.Since.IsZero() {
		s.Since = time.Now().Add(-overlap)
	}
	c.index.book.fold()
	c.index.mu.Lock()
	c.index.state.shelves[object] = *s
	c.index.mu.Unlock()
	c.saveIndex()
	return nil
}

// refresh reads what has changed, deletions included ("QueryAll", REST API Developer Guide).
func (c *Client) refresh(ctx context.Context, object uint8, s *shelf) error {
	var asked time.Time
	soql := "SELECT IsDeleted, " + s.fields() + " FROM " + s.Object + " WHERE SystemModstamp >= " + s.Since.UTC().Format("2006-01-02T15:04:05Z")
	err := c.read(ctx, "queryAll", soql, func(page []map[string]any, date time.Time) {
		if asked.IsZero() {
			asked = date
		}
		for _, fields := range page {
			l, ok := s.listed(object, fields)
			if !ok {
				continue
			}
			if gone, _ := fields["IsDeleted"].(bool); gone || len(l.phones) == 0 {
				c.index.book.drop(l.id)
			} else {
				c.index.book.put(l)
			}
		}
		c.foldCrowded()
	})
	if err == nil {
		s.Since = asked.Add(-overlap)
	}
	return err
}

// recount compares the number of records with the org's now and then. Where it differs (records that were removed for
// good, or are not shared with us any more), everything is read again.
func (c *Client) recount(ctx context.Context, object uint8, s *shelf) error {
	now := time.Now()
	if now.Sub(s.Recounted) < recountEvery {
		return nil
	}
	n, err := c.countPhones(ctx, *s)
	if err != nil {
		return err
	}
	s.Recounted = now
	if n == c.index.book.count(object) || now.Sub(s.Swept) < min(sweepEvery, recountEvery*time.Duration(1+n/20_000)) {
		return nil
	}
	return c.sweep(ctx, object, s)
}

// sweep reads all records again and drops those that are not there any more.
func (c *Client) sweep(ctx context.Context, object uint8, s *shelf) error {
	seen := map[bookID]struct{}{}
	err := c.read(ctx, "query", s.all(""), func(page []map[string]any, _ time.Time) {
		for _, fields := range page {
			if l, ok := s.listed(object, fields); ok {
				seen[l.id] = struct{}{}
				c.index.book.put(l)
			}
		}
		c.foldCrowded()
	})
	if err != nil {
		return err
	}
	c.index.book.keep(object, seen)
	s.Swept = time.Now()
	return nil
}

func (c *Client) foldCrowded() {
	if c.index.book.crowded() {
		c.index.book.fold()
	}
}

// all is the query for all records with a number after an id. Ids are read in order rather than by offset, which is
// bounded, and by one long query rather than chunks, which its locators page through.
func (s *shelf) all(after string) string {
	having := strings.Join(s.Phones, " != null OR ") + " != null"
	soql := "SELECT " + s.fields() + " FROM " + s.Object + " WHERE (" + having + ")"
	if after != "" {
		soql += " AND Id > '" + quoteSOQL(after) + "'"
	}
	return soql + " ORDER BY Id ASC"
}

func (s *shelf) fields() string {
	return strings.Join(append([]string{"Id", nameField(s.Object), "LastModifiedDate"}, s.Phones...), ", ")
}

// listed makes a row a record of the book.
func (s *shelf) listed(object uint8, fields map[string]any) (*listed, bool) {
	id, _ := fields["Id"].(string)
	if !ValidID(id) {
		return nil, false
	}
	l := &listed{id: bookID([]byte(id[:15])), object: object}
	l.name, _ = fields[nameField(s.Object)].(string)
	modified, _ := fields["LastModifiedDate"].(string)
	l.modified = uint32(max(0, readTime(modified).Unix()))
	for _, field := range s.Phones {
		if text, _ := fields[field].(string); text != "" && !slices.Contains(l.phones, text) {
			l.phones = append(l.phones, text)
		}
	}
	return l, true
}

// countPhones asks how many records of an object have a number.
func (c *Client) countPhones(ctx context.Context, s shelf) (int, error) {
	if len(s.Phones) == 0 {
		return 0, nil
	}
	if !c.verdict(time.Now()).enrich {
		return 0, errNoBudget
	}
	var answer struct {
		TotalSize int `json:"totalSize"`
	}
	soql := "SELECT COUNT() FROM " + s.Object + " WHERE " + strings.Join(s.Phones, " != null OR ") + " != null"
	_, err := c.call(ctx, c.indexing, http.MethodGet, "/query?q="+escapeQuery(soql), nil, &answer)
	return answer.TotalSize, c.limited(err)
}

// read sends a query and hands each page to each, with the time by the org's clock; between pages it asks whether there
// is still budget.
func (c *Client) read(ctx context.Context, resource, soql string, each func(page []map[string]any, date time.Time)) error {
	path := "/" + resource + "?q=" + escapeQuery(soql)
	for path != "" {
		if !c.verdict(time.Now()).enrich {
			return errNoBudget
		}
		var answer struct {
			Records []map[string]any `json:"records"`
			Done    bool             `json:"done"`
			Next    string           `json:"nextRecordsUrl"`
		}
		got, err := c.call(ctx, c.indexing, http.MethodGet, path, nil, &answer)
		if err != nil {
			return c.limited(err)
		}
		each(answer.Records, got.date)
		prefix := "/services/data/" + c.cfg.Version
		switch rest, ok := strings.CutPrefix(answer.Next, prefix); {
		case answer.Done || answer.Next == "":
			path = ""
		case !ok:
			return &crm.Error{Kind: crm.Invalid, Code: "next-page", Message: "the next page's address is not this API's"}
		default:
			path = rest
		}
	}
	return nil
}
