package salesforce

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"cordboard/crm"
)

// defaultLimit is how many records a query without a limit gets.
const defaultLimit = 10

// Find implements crm.Finder: by the id in the call's data, then from the phone index, then from what we found or wrote lately, then by SOSL. An
// id that does not exist, or that we may not see, falls back to the number. Every error is a *crm.Error.
func (c *Client) Find(ctx context.Context, q crm.Query) ([]crm.Record, error) {
	if ValidID(q.ID) {
		record, ok, err := c.byID(ctx, longID(q.ID))
		if err != nil {
			return nil, err
		}
		if ok {
			return []crm.Record{record}, nil
		}
	}
	for _, object := range q.Objects {
		if !nameForm.MatchString(object) {
			return nil, &crm.Error{Kind: crm.Invalid, Code: "object", Message: "an object to look in has no API name"}
		}
	}
	region := or(strings.ToUpper(q.Region), c.cfg.Region)
	n, ok := readNumber(q.Phone, region)
	if !ok || len(q.Objects) == 0 {
		return nil, nil
	}
	return c.byNumber(ctx, n, region, q)
}

// byID reads a record by id.
func (c *Client) byID(ctx context.Context, id string) (crm.Record, bool, error) {
	c.index.want()
	got, ok := c.cache.get("id "+id, time.Now())
	if listed, known := c.indexedID(id); known && !ok {
		got, ok = found{records: []candidate{listed}}, true
	}
	if trusted, can := c.trusted(id); can && !ok {
		return trusted, true, nil
	}
	if !ok {
		var err error
		got, err = c.finding.do(ctx, id, func(ctx context.Context) (found, error) { return c.readID(ctx, id) })
		if err != nil {
			return crm.Record{}, false, asError(err)
		}
	}
	if len(got.records) == 0 {
		return crm.Record{}, false, nil
	}
	record := got.records[0].Record
	record.By = "id"
	return record, true, nil
}

// trusted makes a record of an id alone, when that is configured or there is no budget for asking: its check characters
// are right, and its prefix is of an object that every org has.
func (c *Client) trusted(id string) (crm.Record, bool) {
	object := prefixes[id[:3]]
	if object == "" || id != longID(id[:15]) || !c.cfg.TrustIDs && c.verdict(time.Now()).enrich {
		return crm.Record{}, false
	}
	return crm.Record{Object: object, ID: id, By: "id"}, true
}

func (c *Client) readID(ctx context.Context, id string) (found, error) {
	object, err := c.objectOf(ctx, id)
	if err != nil {
		return found{}, err
	}
	var got found
	if object != "" {
		name := nameField(object)
		row := map[string]any{}
		_, err = c.call(ctx, c.lookups, http.MethodGet, "/sobjects/"+object+"/"+id+"?fields=Id,"+name, nil, &row)
		switch kind := crm.KindOf(err); {
		case err == nil:
			text, _ := row[name].(string)
			got.records = []candidate{{Record: crm.Record{Object: object, ID: id, Name: text}}}
		case kind != crm.Gone && kind != crm.Invalid && errCode(err) != "INSUFFICIENT_ACCESS":
			return found{}, c.limited(err)
		}
	}
	c.cache.put("id "+id, got, time.Now())
	return got, nil
}

// byNumber answers from the index and the caches, or asks SOSL. Records that we wrote a moment ago are offered beside SOSL's, which
// does not know them yet, and alone when SOSL cannot be asked.
func (c *Client) byNumber(ctx context.Context, n number, region string, q crm.Query) ([]crm.Record, error) {
	c.index.want()
	key := "number " + n.key() + " " + strings.Join(q.Objects, ",")
	by := "index"
	got, ok := c.indexed(n, region, q.Objects)
	if !ok {
		by = "cache"
		got, ok = c.cache.get(key, time.Now())
	}
	if !ok {
		var err error
		by = "phone"
		got, err = c.finding.do(ctx, key, func(ctx context.Context) (found, error) {
			if got, ok := c.cache.get(key, time.Now()); ok {
				return got, nil
			}
			got, err := c.search(ctx, n, region, q.Objects)
			if err == nil {
				c.cache.put(key, got, time.Now())
			}
			return got, err
		})
		if ours := c.written(n, q.Objects); err != nil && len(ours) == 0 {
			return nil, asError(err)
		}
	}
	records := make([]candidate, 0, len(got.records))
	for _, r := range got.records {
		r.By = by
		records = append(records, r)
	}
	for _, r := range c.written(n, q.Objects) {
		if !slices.ContainsFunc(records, func(other candidate) bool { return other.ID == r.ID }) {
			records = append(records, r)
		}
	}
	return best(records, q), nil
}

// written returns the records of the wanted objects that we wrote with this number.
func (c *Client) written(n number, objects []string) []candidate {
	got, _ := c.cache.get("written "+n.key(), time.Now())
	var records []candidate
	for _, r := range got.records {
		if slices.Contains(objects, r.Object) {
			r.By = "cache"
			records = append(records, r)
		}
	}
	return records
}

// best orders candidates by object, in the order of preference, then by the latest change, and cuts. Those with exactly
// the asked number, extension included, push out those that only share the line.
func best(records []candidate, q crm.Query) []crm.Record {
	fit := loose
	for _, r := range records {
		fit = max(fit, r.fit)
	}
	records = slices.DeleteFunc(records, func(r candidate) bool { return r.fit < fit })
	slices.SortStableFunc(records, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(slices.Index(q.Objects, a.Object), slices.Index(q.Objects, b.Object)), b.modified.Compare(a.modified))
	})
	limit := min(or(q.Limit, defaultLimit), len(records))
	out := make([]crm.Record, 0, limit)
	for _, r := range records[:limit] {
		out = append(out, r.Record)
	}
	return out
}

// learn remembers a record that we wrote under the numbers that it has.
func (c *Client) learn(object, id string, fields map[string]any) {
	phones := usualPhones[object]
	if d := c.schema.get(object); d != nil {
		phones = d.phones()
	}
	id = longID(id)
	for _, field := range phones {
		text, ok := fields[field].(string)
		if !ok {
			continue
		}
		if n, ok := readNumber(text, c.cfg.Region); ok {
			now := time.Now()
			r := candidate{Record: crm.Record{Object: object, ID: id, Name: nameOf(fields)}, modified: now, fit: same}
			c.cache.add("written "+n.key(), r, now)
		}
	}
}

// nameOf is what a record that was just written is called.
func nameOf(fields map[string]any) string {
	for _, key := range [...]string{"Name", "Subject"} {
		if s, ok := fields[key].(string); ok && s != "" {
			return s
		}
	}
	first, _ := fields["FirstName"].(string)
	last, _ := fields["LastName"].(string)
	return strings.TrimSpace(first + " " + last)
}
