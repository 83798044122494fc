package salesforce

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"cordboard/crm"
)

// kinds classifies the codes of "Status Codes and Error Responses" (REST API Developer Guide) and of the SOAP API's
// StatusCode list. A code that is not here is judged by its HTTP status.
var kinds = map[string]crm.Kind{
	"UNABLE_TO_LOCK_ROW": crm.Busy, "QUERY_TIMEOUT": crm.Busy, "REQUEST_RUNNING_TOO_LONG": crm.Busy,
	"SERVER_UNAVAILABLE": crm.Busy, "UNKNOWN_EXCEPTION": crm.Busy, "API_CURRENTLY_DISABLED": crm.Busy,
	"PROCESSING_HALTED": crm.Busy, "ALL_OR_NONE_OPERATION_ROLLED_BACK": crm.Busy,

	"REQUEST_LIMIT_EXCEEDED": crm.Limited, "STORAGE_LIMIT_EXCEEDED": crm.Limited, "LIMIT_EXCEEDED": crm.Limited,

	"INVALID_SESSION_ID": crm.Denied, "API_DISABLED_FOR_ORG": crm.Denied, "INVALID_LOGIN": crm.Denied,
	"INSUFFICIENT_ACCESS": crm.Denied, "INSUFFICIENT_ACCESS_OR_READONLY": crm.Denied, "FUNCTIONALITY_NOT_ENABLED": crm.Denied,
	"INVALID_AUTH_HEADER": crm.Denied, "ORG_LOCKED": crm.Denied, "USER_LOCKED_OUT": crm.Denied,

	"NOT_FOUND": crm.Gone, "ENTITY_IS_DELETED": crm.Gone, "INVALID_CROSS_REFERENCE_KEY": crm.Gone, "INVALID_TYPE": crm.Gone,

	"DUPLICATES_DETECTED": crm.Duplicate, "DUPLICATE_VALUE": crm.Duplicate,
}

// manyWithKey is the code of a collection's record whose external id matches more than one record (SOAP API Developer
// Guide, StatusCode); a single upsert answers 300 instead.
const manyWithKey = "DUPLICATE_EXTERNAL_ID"

// problem is one error as REST, collections and OAuth spell it.
type problem struct {
	ErrorCode  string   `json:"errorCode"`  // REST
	StatusCode string   `json:"statusCode"` // collections
	Message    string   `json:"message"`
	Fields     []string `json:"fields"`
	// The body of a duplicate rule. Real orgs misspell the key; newer ones may not.
	Misspelt *duplicates `json:"duplicateResut"`
	Spelt    *duplicates `json:"duplicateResult"`
}

type duplicates struct {
	MatchResults []struct {
		MatchRecords []struct {
			Record struct {
				ID string `json:"Id"`
			} `json:"record"`
		} `json:"matchRecords"`
	} `json:"matchResults"`
}

// existing returns the first record that a duplicate rule named.
func (p *problem) existing() string {
	for _, d := range []*duplicates{p.Misspelt, p.Spelt} {
		if d == nil {
			continue
		}
		for _, result := range d.MatchResults {
			for _, match := range result.MatchRecords {
				if ValidID(match.Record.ID) {
					return match.Record.ID
				}
			}
		}
	}
	return ""
}

// classify makes the error of one problem. Status is the HTTP status, 0 for a record of a collection.
func (p *problem) classify(status int) *crm.Error {
	code := or(p.ErrorCode, p.StatusCode)
	e := &crm.Error{Kind: kindOf(code, status), Code: code, Message: withoutData(p.Message), Existing: p.existing()}
	if len(p.Fields) > 0 {
		e.Field = p.Fields[0]
	} else if m := namedField.FindStringSubmatch(p.Message); m != nil && e.Kind == crm.Invalid {
		e.Field = m[1]
	}
	if e.Kind == crm.Duplicate && code == "DUPLICATE_VALUE" {
		if m := idInWords.FindStringSubmatch(p.Message); m != nil && ValidID(m[1]) {
			e.Existing = m[1]
		}
	}
	// A limit of concurrent long requests passes in seconds, the daily one in hours (inferred from its message).
	if e.Kind == crm.Limited && strings.Contains(p.Message, "Concurrent") {
		e.Kind = crm.Busy
	}
	return e
}

var (
	namedField = regexp.MustCompile(`(?:No such column|[Nn]o field|[Ii]nvalid field:?) '?(\w+)'?`)
	idInWords  = regexp.MustCompile(`record with id: ?(\w{15,18})`)
)

func kindOf(code string, status int) crm.Kind {
	if kind, ok := kinds[code]; ok {
		return kind
	}
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return crm.Denied
	case status == http.StatusNotFound || status == http.StatusGone:
		return crm.Gone
	case status >= 500 || status == http.StatusRequestTimeout || status == 420 || status == http.StatusTooManyRequests ||
		status == http.StatusConflict:
		return crm.Busy
	case status >= 300 && status < 400:
		return crm.Denied
	}
	return crm.Invalid
}

// restError makes the error of an answer with a status of 300 and above: an array of problems, or a gateway's page.
func restError(status int, body []byte) *crm.Error {
	var problems []problem
	if json.Unmarshal(body, &problems) == nil && len(problems) > 0 && or(problems[0].ErrorCode, problems[0].StatusCode) != "" {
		return problems[0].classify(status)
	}
	e := &crm.Error{Kind: kindOf("", status), Code: "HTTP_" + strconv.Itoa(status)}
	if status >= 300 && status < 400 {
		e.Message = "the org answers with another address: check that url is its My Domain"
	}
	return e
}

// oauthError makes the error of a refused token request: an object with error and error_description.
func oauthError(status int, body []byte) *crm.Error {
	var answer struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.Error == "" {
		return restError(status, body)
	}
	kind := crm.Denied
	if status >= 500 || status == http.StatusTooManyRequests || answer.Error == "server_error" || answer.Error == "temporarily_unavailable" {
		kind = crm.Busy
	}
	return &crm.Error{Kind: kind, Code: answer.Error, Message: withoutData(answer.Description)}
}

// lost makes the error of a request without an answer. What the request asked for may have happened. The URL that
// net/http puts into its errors is left out.
func lost(err error) *crm.Error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return &crm.Error{Kind: crm.Denied, Code: "certificate", Err: err}
	}
	return &crm.Error{Kind: crm.Busy, Code: "no-answer", Err: err}
}

// unanswered reports whether the org may have done, or may still be doing, what the failed request asked for.
func unanswered(err error) bool {
	e, ok := errors.AsType[*crm.Error](err)
	return ok && e.Code == "no-answer"
}

const maxMessage = 300 // runes of a CRM's sentence that are worth keeping

var (
	emailForm  = regexp.MustCompile(`[\w.+-]+@[\w-]+(\.[\w-]+)+`)
	numberForm = regexp.MustCompile(`\+?\d[\d ().-]{5,}\d`)
	tooLarge   = regexp.MustCompile(`(data value too large: ).*?( \(max length=|$)`)
	quoted     = regexp.MustCompile(`(invalid email address: |duplicate value found: ).*`)
)

// withoutData takes what looks like a customer's data out of a CRM's sentence.
func withoutData(message string) string {
	message = tooLarge.ReplaceAllString(message, "$1…$2")
	message = quoted.ReplaceAllString(message, "$1…")
	message = emailForm.ReplaceAllString(message, "…")
	message = numberForm.ReplaceAllString(message, "…")
	if r := []rune(message); len(r) > maxMessage {
		message = string(r[:maxMessage]) + "…"
	}
	return message
}

// withoutValues takes the texts of a record's own fields out of an error about it. Ids stay.
func withoutValues(e *crm.Error, fields map[string]any) *crm.Error {
	for _, v := range fields {
		if s, ok := v.(string); ok && len(s) >= 3 && !ValidID(s) {
			e.Message = strings.ReplaceAll(e.Message, s, "…")
		}
	}
	return e
}
