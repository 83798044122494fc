package salesforce

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"cordboard/crm"
)

// flyTogether sends several batches in one composite request ("Composite", REST API Developer Guide), which counts as
// one API request: at most sites creates, updates by id and other objects are all due at once, and few. It reports false when the
// batches are to be sent one by one instead: together they are too large, or the org refused the request as a whole.
//
// Records that depend on each other are not sent this way, with references between parts: a step that names another
// step's record needs its id, which is known, and stored, before the step begins. Both windows are shared with every
// other call's records, so that two batches carry hundreds of pairs; references could save one request of two for a pair
// that is alone, and would cost the durable order of a call's steps.
func (c *Client) flyTogether(ctx context.Context, l *lane, batches []*batch) bool {
	type part struct {
		Method      string          `json:"method"`
		URL         string          `json:"url"`
		ReferenceID string          `json:"referenceId"`
		Body        json.RawMessage `json:"body"`
	}
	parts := make([]part, len(batches))
	size := 0
	for i, b := range batches {
		path, body, err := c.collect(b, b.items)
		if size += len(body); err != nil || size > maxBatchBytes {
			return false
		}
		parts[i] = part{http.MethodPatch, "/services/data/" + c.cfg.Version + path, fmt.Sprint("part", i), body}
	}
	var answer struct {
		Parts []struct {
			Status int             `json:"httpStatusCode"`
			Body   json.RawMessage `json:"body"`
		} `json:"compositeResponse"`
	}
	_, err := c.call(ctx, l, http.MethodPost, "/composite", map[string]any{"allOrNone": false, "compositeRequest": parts}, &answer)
	if kind := crm.KindOf(err); err != nil && (kind == crm.Invalid || kind == crm.Gone) {
		return false
	}
	if err == nil && len(answer.Parts) != len(batches) {
		err = &crm.Error{Kind: crm.Busy, Code: "no-answer", Message: "the answer has another number of parts than the request"}
	}
	for i, b := range batches {
		if err != nil {
			c.settleAll(b.items, c.limited(err))
			continue
		}
		c.settlePart(ctx, l, b, answer.Parts[i].Status, answer.Parts[i].Body)
	}
	return true
}

// settlePart answers those who wait for one batch of a composite request.
func (c *Client) settlePart(ctx context.Context, l *lane, b *batch, status int, body json.RawMessage) {
	var answers []upserted
	var err error
	if status >= http.StatusMultipleChoices {
		err = c.limited(restError(status, body))
	} else if json.Unmarshal(body, &answers) != nil {
		err = &crm.Error{Kind: crm.Busy, Code: "not-json", Message: "the answer to a collection is not what is documented"}
	} else {
		err = complete(answers, b.items)
	}
	switch {
	case err == nil:
		for i, it := range b.items {
			c.settleUpserted(ctx, l, it, answers[i])
		}
	case crm.KindOf(err) == crm.Invalid:
		c.flyItems(ctx, l, b, b.items) // finds out which record it is
	default:
		c.settleAll(b.items, err)
	}
}
