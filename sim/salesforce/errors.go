package salesforce

import (
	"fmt"
	"net/http"
	"strings"
)

// apiError is one element of the array that REST errors are ("Status Codes and Error Responses").
type apiError struct {
	Duplicate    *duplicateResult `json:"-"`
	DuplicateKey string           `json:"-"` // its spelling, where a fault chose one
	Message      string           `json:"message"`
	Code         string           `json:"errorCode"`
	Fields       []string         `json:"fields,omitempty"`
	status       int
}

func (e *apiError) Error() string { return e.Code + ": " + e.Message }

// fail makes an error that answers 400.
func fail(code, format string, args ...any) *apiError {
	return &apiError{Code: code, Message: fmt.Sprintf(format, args...), status: http.StatusBadRequest}
}

func (e *apiError) on(fields ...string) *apiError { e.Fields = fields; return e }
func (e *apiError) as(status int) *apiError       { e.status = status; return e }

func notFound() *apiError {
	return fail("NOT_FOUND", "The requested resource does not exist").as(http.StatusNotFound)
}

func noSuchColumn(name string, o *object) *apiError {
	return fail("INVALID_FIELD", "No such column '%s' on sobject of type %s", name, o.name)
}

func noExternalID(name string) *apiError {
	return fail("NOT_FOUND", "Provided external ID field does not exist or is not accessible: %s", name).as(http.StatusNotFound)
}

func badJSON(format string, args ...any) *apiError {
	return fail("JSON_PARSER_ERROR", format, args...)
}

// answer is what a resource says: it becomes an HTTP response or one part of a composite one.
type answer struct {
	status   int
	location string
	body     any // nil for none
}

func (a answer) failed() bool { return a.status >= 300 }

// refuse turns an error into the answer of a single request.
func (e *apiError) answer(duplicateKey string) answer {
	if e.Duplicate == nil {
		return answer{status: e.status, body: []*apiError{e}}
	}
	duplicateKey = or(e.DuplicateKey, duplicateKey)
	return answer{status: e.status, body: []map[string]any{{duplicateKey: e.Duplicate, "errorCode": e.Code, "message": e.Message}}}
}

// saveError is an error inside a collection's answer: there the code is called statusCode and fields is always there.
type saveError struct {
	Code    string   `json:"statusCode"`
	Message string   `json:"message"`
	Fields  []string `json:"fields"`
}

// saveResult is what a write answers for one record.
type saveResult struct {
	ID      string      `json:"id,omitempty"`
	Success bool        `json:"success"`
	Errors  []saveError `json:"errors"`
	Created *bool       `json:"created,omitempty"`
}

func (e *apiError) result() saveResult {
	fields := e.Fields
	if fields == nil {
		fields = []string{}
	}
	return saveResult{Errors: []saveError{{Code: e.Code, Message: e.Message, Fields: fields}}}
}

func saved(id string) saveResult { return saveResult{ID: id, Success: true, Errors: []saveError{}} }

func upserted(id string, created bool) saveResult {
	r := saved(id)
	r.Created = &created
	return r
}

// duplicateResult is the body of DUPLICATES_DETECTED: what an administrator's duplicate rule found.
type duplicateResult struct {
	AllowSave    bool          `json:"allowSave"`
	Rule         string        `json:"duplicateRule"`
	EntityType   string        `json:"duplicateRuleEntityType"`
	Message      string        `json:"errorMessage"`
	MatchResults []matchResult `json:"matchResults"`
}

type matchResult struct {
	EntityType   string        `json:"entityType"`
	Errors       []string      `json:"errors"`
	MatchEngine  string        `json:"matchEngine"`
	MatchRecords []matchRecord `json:"matchRecords"`
	Rule         string        `json:"rule"`
	Size         int           `json:"size"`
	Success      bool          `json:"success"`
}

type matchRecord struct {
	AdditionalInformation []string       `json:"additionalInformation"`
	FieldDiffs            []string       `json:"fieldDiffs"`
	Confidence            float64        `json:"matchConfidence"`
	Record                map[string]any `json:"record"`
}

func duplicates(o *object, version string, found []*record, details bool, message string) *apiError {
	if message == "" {
		message = "Use one of these records?"
	}
	m := matchResult{EntityType: o.name, Errors: []string{}, MatchEngine: "ExactMatchEngine", Rule: o.name + "_MR",
		Size: len(found), Success: true, MatchRecords: []matchRecord{}}
	for _, r := range found {
		shown := map[string]any{"attributes": attributes(r, version), "Id": r.id}
		if details {
			shown = wholeRecord(r, version)
		}
		m.MatchRecords = append(m.MatchRecords, matchRecord{[]string{}, []string{}, 100, shown})
	}
	e := fail("DUPLICATES_DETECTED", "%s", message)
	e.Duplicate = &duplicateResult{AllowSave: true, Rule: plain(o.plural) + "_DR", EntityType: o.name, Message: message,
		MatchResults: []matchResult{m}}
	return e
}

func plain(s string) string { return strings.ReplaceAll(s, " ", "_") }
