package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"cordboard/crm"
)

// maxSplits bounds how often one batch is halved: finding one bad record of 200 takes 8.
const maxSplits = 24

// maxBatchBytes bounds a batch's body; beyond it the batch is halved.
const maxBatchBytes = 4 << 20

// pathKey is what a key looks like that may stand in a URL path; other keys travel in a body.
var pathKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// upserted is one record's part of an answer.
type upserted struct {
	ID      string    `json:"id"`
	Success bool      `json:"success"`
	Created bool      `json:"created"`
	Errors  []problem `json:"errors"`
}

// fly sends a batch and answers everybody who waits for its records.
func (c *Client) fly(ctx context.Context, b *batch) {
	items := b.all()
	if len(items) == 0 {
		return
	}
	l := c.bulk
	if b.now {
		l = c.urgent
	}
	if err := c.governor(ctx, b.now); err != nil {
		c.settleAll(items, err)
		return
	}
	ctx = context.WithValue(ctx, stillWanted{}, func() error { return ended(items) })
	together := slices.DeleteFunc(append([]*batch{b}, b.riders...), func(b *batch) bool { return len(b.items) == 0 })
	if len(together) == 1 || !c.flyTogether(ctx, l, together) {
		for _, part := range together {
			c.flyItems(ctx, l, part, part.items)
		}
	}
}

// stillWanted is the key of what a request asks right before it is sent: an error means that it must not be.
type stillWanted struct{}

// ended is the error of a caller who does not wait any more. A process that was frozen, or waited long for its turn, must not
// write what another node may have written meanwhile.
func ended(items []*item) error {
	for _, it := range items {
		for _, j := range it.jobs {
			if err := j.ended(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Client) settleAll(items []*item, err error) {
	for _, it := range items {
		c.settle(it, crm.Written{}, err)
	}
}

// flyItems sends records together. A request that the org refuses as a whole because of one record's content is sent
// again in halves, so that one bad record cannot hold up the others.
func (c *Client) flyItems(ctx context.Context, l *lane, b *batch, items []*item) {
	if len(items) == 1 && (b.byID || pathKey.MatchString(items[0].Key)) {
		c.flyAlone(ctx, l, items[0])
		return
	}
	answers, err := c.collection(ctx, l, b, items)
	switch {
	case err == nil:
		for i, it := range items {
			c.settleUpserted(ctx, l, it, answers[i])
		}
	case len(items) > 1 && crm.KindOf(err) == crm.Invalid && b.splits < maxSplits:
		b.splits++
		half := len(items) / 2
		c.flyItems(ctx, l, b, items[:half])
		c.flyItems(ctx, l, b, items[half:])
	default:
		c.settleAll(items, err)
	}
}

// collection sends one sObject Collections request and returns an answer for each item.
func (c *Client) collection(ctx context.Context, l *lane, b *batch, items []*item) ([]upserted, error) {
	path, body, err := c.collect(b, items)
	if err != nil {
		return nil, err
	}
	var answers []upserted
	if _, err := c.call(ctx, l, http.MethodPatch, path, body, &answers); err != nil {
		return nil, c.limited(err)
	}
	return answers, complete(answers, items)
}

// collect makes the path and the body of an sObject Collections request.
func (c *Client) collect(b *batch, items []*item) (string, json.RawMessage, error) {
	path := "/composite/sobjects/" + b.object + "/" + c.cfg.KeyField
	if b.byID {
		path = "/composite/sobjects"
	}
	records := make([]map[string]any, len(items))
	for i, it := range items {
		records[i] = c.collected(it)
	}
	body, err := json.Marshal(map[string]any{"allOrNone": false, "records": records})
	switch {
	case err != nil:
		return "", nil, &crm.Error{Kind: crm.Invalid, Code: "not-json", Err: err}
	case len(body) > maxBatchBytes:
		return "", nil, &crm.Error{Kind: crm.Invalid, Code: "too-large", Message: "the record is larger than a request may be"}
	}
	return path, body, nil
}

func complete(answers []upserted, items []*item) error {
	if len(answers) != len(items) {
		return &crm.Error{Kind: crm.Busy, Code: "no-answer", Message: "the answer has another number of records than the request"}
	}
	return nil
}

// collected is a record as a collection holds it.
func (c *Client) collected(it *item) map[string]any {
	record := c.body(it)
	record["attributes"] = map[string]string{"type": it.Object}
	if it.id != "" {
		record["Id"] = it.id
	} else {
		record[c.cfg.KeyField] = it.Key
	}
	return record
}

// body is a record's fields, without what identifies it. An empty text becomes null, which clears a field of any type; a
// number or a date would refuse the text.
func (c *Client) body(it *item) map[string]any {
	record := make(map[string]any, len(it.Fields)+2)
	for name, value := range it.Fields {
		if strings.EqualFold(name, "id") || strings.EqualFold(name, "attributes") || strings.EqualFold(name, c.cfg.KeyField) {
			continue
		}
		if value == "" {
			value = nil
		}
		record[name] = value
	}
	return record
}

func (c *Client) settleUpserted(ctx context.Context, l *lane, it *item, got upserted) {
	if got.Success {
		c.settle(it, crm.Written{ID: got.ID, Created: got.Created}, nil)
		return
	}
	if len(got.Errors) == 0 {
		c.settle(it, crm.Written{}, &crm.Error{Kind: crm.Busy, Code: "no-reason", Message: "the org refused the record without a reason"})
		return
	}
	e := got.Errors[0].classify(0)
	switch {
	case e.Code == manyWithKey:
		written, err := c.writeOldest(ctx, l, it)
		c.settle(it, written, err)
	case createOnly(it, e):
		written, err := c.writeAgain(ctx, l, it, e)
		c.settle(it, written, err)
	case e.Code == "DUPLICATES_DETECTED" && e.Existing == "" && it.id == "" && pathKey.MatchString(it.Key):
		c.flyAlone(ctx, l, it) // a single upsert's answer names the record, a collection's may not
	default:
		c.settle(it, crm.Written{}, c.limited(c.keyRace(e)))
	}
}

// keyRace makes a collision on the key field itself a passing one: somebody else created the record of this key just
// now, and the next upsert will find it.
func (c *Client) keyRace(e *crm.Error) *crm.Error {
	if e.Code == "DUPLICATE_VALUE" && (strings.Contains(e.Message, c.cfg.KeyField) || e.Field == c.cfg.KeyField) {
		e.Kind = crm.Busy
	}
	return e
}

// flyAlone sends one record in a request of its own: an upsert by key, or an update by id.
func (c *Client) flyAlone(ctx context.Context, l *lane, it *item) {
	path := c.recordPath(it.Object, it.Key)
	if it.id != "" {
		path = "/sobjects/" + it.Object + "/" + it.id
	}
	var got upserted
	answer, err := c.call(ctx, l, http.MethodPatch, path, c.body(it), &got)
	switch {
	case err == nil && it.id != "": // 204, no body
		c.settle(it, crm.Written{ID: it.id}, nil)
	case err == nil && ValidID(got.ID):
		c.settle(it, crm.Written{ID: got.ID, Created: got.Created}, nil)
	case err == nil:
		c.settle(it, crm.Written{}, &crm.Error{Kind: crm.Busy, Code: "no-id", Message: "the answer holds no record id"})
	case answer.status == http.StatusMultipleChoices:
		written, err := c.writeOldest(ctx, l, it)
		c.settle(it, written, err)
	default:
		e, ok := errors.AsType[*crm.Error](err)
		if ok && createOnly(it, e) {
			written, err := c.writeAgain(ctx, l, it, e)
			c.settle(it, written, err)
			return
		}
		if ok {
			err = c.keyRace(e)
		}
		c.settle(it, crm.Written{}, c.limited(err))
	}
}

// writeOldest updates the oldest of several records that have one key, and says so.
func (c *Client) writeOldest(ctx context.Context, l *lane, it *item) (crm.Written, error) {
	oldest, n, err := c.byKey(ctx, l, it)
	switch {
	case err != nil:
		return crm.Written{}, err
	case oldest == "":
		return crm.Written{}, &crm.Error{Kind: crm.Busy, Code: manyWithKey, Message: "several records have this key, but none can be read"}
	}
	c.warnMany(it.Object, n)
	if _, err := c.call(ctx, l, http.MethodPatch, "/sobjects/"+it.Object+"/"+oldest, c.body(it), nil); err != nil {
		return crm.Written{}, c.limited(err)
	}
	return crm.Written{ID: oldest}, nil
}

// byKey finds the oldest record of a key and how many there are (at most 10); the id is empty when there is none.
func (c *Client) byKey(ctx context.Context, l *lane, it *item) (id string, n int, err error) {
	var rows struct {
		Records []struct{ Id string } `json:"records"`
	}
	soql := "SELECT Id FROM " + it.Object + " WHERE " + c.cfg.KeyField + " = '" + quoteSOQL(it.Key) +
		"' ORDER BY CreatedDate ASC, Id ASC LIMIT 10"
	if _, err := c.call(ctx, l, http.MethodGet, "/query?q="+escapeQuery(soql), nil, &rows); err != nil {
		return "", 0, c.limited(err)
	}
	if len(rows.Records) == 0 || !ValidID(rows.Records[0].Id) {
		return "", 0, nil
	}
	return rows.Records[0].Id, len(rows.Records), nil
}

// createOnly reports whether an upsert was refused because of a field that may be set at create only, as TaskSubtype
// (Object Reference, "Task"): that is how an upsert is refused whose record is there already, after an answer that
// never came (inferred).
func createOnly(it *item, e *crm.Error) bool {
	_, isSet := it.Fields[e.Field]
	return e.Code == "INVALID_FIELD_FOR_INSERT_UPDATE" && it.id == "" && isSet
}

// writeAgain writes a record that is there already, without the fields that only a create may set: they have the values
// that the create gave them. When there is no such record the field is out of our reach, and refused stands.
func (c *Client) writeAgain(ctx context.Context, l *lane, it *item, refused *crm.Error) (crm.Written, error) {
	id, _, err := c.byKey(ctx, l, it)
	if err != nil {
		return crm.Written{}, err
	}
	fields := c.body(it)
	for id != "" && len(fields) > 0 {
		if _, isSet := fields[refused.Field]; !isSet {
			break
		}
		delete(fields, refused.Field)
		_, err := c.call(ctx, l, http.MethodPatch, "/sobjects/"+it.Object+"/"+id, fields, nil)
		if err == nil {
			return crm.Written{ID: id}, nil
		}
		next, ok := errors.AsType[*crm.Error](err)
		if !ok || !createOnly(it, next) {
			return crm.Written{}, c.limited(err)
		}
		refused = next
	}
	return crm.Written{}, refused
}
