package salesforce

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"cordboard/crm"
)

// searchRows bounds how many candidates a search brings; more would be a number that says nothing.
const searchRows = 200

// row is one candidate of a search.
type row struct {
	fields map[string]any
}

// searchAlone asks for the national digits in the phone fields and keeps the records that really have the number.
func (c *Client) searchAlone(ctx context.Context, n number, region string, objects []string) (found, error) {
	rows, err := c.sosl(ctx, n.national, objects)
	if crm.KindOf(err) == crm.Invalid {
		// A phone field is hidden from us: find out which ones there are, and ask again.
		for _, object := range objects {
			c.schema.doubt(object)
			if _, err := c.describe(ctx, object); err != nil {
				return found{}, err
			}
		}
		rows, err = c.sosl(ctx, n.national, objects)
	}
	if err != nil {
		return found{}, c.limited(err)
	}
	return c.matching(ctx, rows, n, region), nil
}

// sosl sends a parameterized search ("Search with Parameters in the Request Body", REST API Developer Guide). It travels
// in a body, so that customers' numbers stay out of URLs and the logs of what is on the way.
func (c *Client) sosl(ctx context.Context, digits string, objects []string) ([]row, error) {
	type target struct {
		Name   string   `json:"name"`
		Fields []string `json:"fields"`
		Limit  int      `json:"limit"`
	}
	targets := make([]target, 0, len(objects))
	for _, object := range objects {
		fields, err := c.searchFields(ctx, object)
		if err != nil {
			return nil, err
		}
		targets = append(targets, target{Name: object, Fields: fields, Limit: searchRows})
	}
	var answer json.RawMessage
	body := map[string]any{"q": escapeSOSL(digits), "in": "PHONE", "sobjects": targets, "overallLimit": searchRows}
	if _, err := c.call(ctx, c.lookups, http.MethodPost, "/parameterizedSearch", body, &answer); err != nil {
		return nil, err
	}
	return readRows(answer)
}

// searchFields are what a search brings of an object.
func (c *Client) searchFields(ctx context.Context, object string) ([]string, error) {
	phones, err := c.phoneFields(ctx, object)
	return append([]string{"Id", nameField(object), "LastModifiedDate"}, phones...), err
}

// readRows reads the answer of a search.
func readRows(raw json.RawMessage) ([]row, error) {
	var answer struct {
		Records []json.RawMessage `json:"searchRecords"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return nil, &crm.Error{Kind: crm.Busy, Code: "not-json", Message: "the answer to a search is not what is documented"}
	}
	rows := make([]row, 0, len(answer.Records))
	for _, raw := range answer.Records {
		var r row
		if json.Unmarshal(raw, &r.fields) == nil {
			rows = append(rows, r)
		}
	}
	return rows, nil
}

// candidate makes a record of a row when one of its numbers is the asked one.
func (c *Client) candidate(ctx context.Context, r row, n number, region string) (candidate, bool) {
	attributes, _ := r.fields["attributes"].(map[string]any)
	object, _ := attributes["type"].(string)
	id, _ := r.fields["Id"].(string)
	if !nameForm.MatchString(object) || !ValidID(id) {
		return candidate{}, false
	}
	phones, err := c.phoneFields(ctx, object)
	if err != nil {
		return candidate{}, false
	}
	fit := unlike
	for _, field := range phones {
		if text, ok := r.fields[field].(string); ok {
			fit = max(fit, n.like(text, region))
		}
	}
	name, _ := r.fields[nameField(object)].(string)
	modified, _ := r.fields["LastModifiedDate"].(string)
	return candidate{
		Record:   crm.Record{Object: object, ID: longID(id), Name: name},
		modified: readTime(modified), fit: fit,
	}, fit > unlike
}

// readTime reads a date and time as the REST API writes it: 2026-08-01T10:15:00.000+0000.
func readTime(text string) time.Time {
	for _, form := range [...]string{"2006-01-02T15:04:05.000-0700", time.RFC3339} {
		if t, err := time.Parse(form, text); err == nil {
			return t
		}
	}
	return time.Time{}
}

// escapeSOSL puts a backslash before every reserved character of a search ("FIND {SearchQuery}", SOQL and SOSL
// Reference).
func escapeSOSL(text string) string {
	var b strings.Builder
	for _, r := range text {
		if strings.ContainsRune(`?&|!{}[]()^~*:\"'+-`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// quoteSOQL escapes a text for between single quotes ("Quoted String Escape Sequences", SOQL and SOSL Reference).
func quoteSOQL(text string) string {
	return strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(text)
}

func escapeQuery(text string) string { return url.QueryEscape(text) }

func errCode(err error) string {
	if e, ok := err.(*crm.Error); ok {
		return e.Code
	}
	return ""
}
