package genesys

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cordboard/platform"
)

const (
	requestTime = 20 * time.Second
	maxAnswer   = 8 << 20
	// tries is how often a request is sent when the org is busy, or does not take the token.
	tries = 4
)

var (
	// errBusy says that the org is overloaded or limits us (429, 5xx): it is asked again later.
	errBusy = errors.New("genesys is busy")
	// errLimited says that the org has had as many requests as it takes, and did not do this one (429).
	errLimited = fmt.Errorf("%w: its limit of requests is reached", errBusy)
	// errMissing says that there is no such thing, or no longer (404, 410).
	errMissing = errors.New("genesys does not know it")
	// errDenied says that the client may not do that (403).
	errDenied = errors.New("not permitted")
)

// rest is the org's platform API. Its methods are safe for concurrent use.
type rest struct {
	http   platform.Rest
	tokens *tokens
	limit  *limit
}

// haste says how urgent a request is: what can wait leaves room for what cannot.
type haste int

const (
	urgent haste = iota
	idle
	ordered // an agent waits for it: it is sent again only when it was certainly not taken
)

// get asks for a resource and returns the answer as it came.
func (r *rest) get(ctx context.Context, h haste, path string) ([]byte, error) {
	return r.do(ctx, h, http.MethodGet, path, nil)
}

// do sends a request, with body as JSON, and returns the answer. It waits where the org's limit makes it wait, and asks
// again a few times while the org is busy. Bodies and ids never appear in errors.
func (r *rest) do(ctx context.Context, h haste, method, path string, body any) ([]byte, error) {
	answer, err := r.ask(ctx, h, method, path, body)
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("genesys REST: %w", err)
	}
	return answer, err
}

// ask is do without a prefix on its errors.
func (r *rest) ask(ctx context.Context, h haste, method, path string, body any) ([]byte, error) {
	var payload []byte
	if body != nil {
		var err error
		if payload, err = json.Marshal(body); err != nil {
			return nil, fmt.Errorf("%s %s: %w", method, resource(path), err)
		}
	}
	var answer []byte
	var err error
	for n := range tries {
		if err := r.limit.wait(ctx, h); err != nil {
			return nil, err
		}
		answer, err = r.once(ctx, method, path, payload)
		notTaken := errors.Is(err, errToken) || errors.Is(err, errLimited)
		if again := notTaken || h != ordered && errors.Is(err, errBusy); !again || n == tries-1 {
			break
		}
		if errors.Is(err, errBusy) && !platform.Pause(ctx, time.Second<<n/4) {
			return nil, ctx.Err()
		}
	}
	if err != nil {
		return answer, fmt.Errorf("%s %s: %w", method, resource(path), err)
	}
	return answer, nil
}

// errToken says that the token was not taken; it is dropped, and the next attempt brings a new one.
var errToken = errors.New("the access token was not taken")

func (r *rest) once(ctx context.Context, method, path string, payload []byte) ([]byte, error) {
	token, err := r.tokens.get(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	header := http.Header{"Authorization": {"Bearer " + token}, "Accept": {"application/json"}}
	if payload != nil {
		header.Set("Content-Type", "application/json")
	}
	resp, err := r.http.Do(ctx, method, path, header, payload)
	if err != nil {
		return nil, err
	}
	r.limit.learn(&resp)
	answer := resp.Body
	switch status := resp.Status; {
	case status < 300:
		return answer, nil
	case status == http.StatusUnauthorized:
		r.tokens.drop(token)
		return nil, errToken
	case status == http.StatusForbidden:
		return nil, fmt.Errorf("%w%s", errDenied, missingPermissions(answer))
	case status == http.StatusNotFound || status == http.StatusGone:
		return answer, errMissing
	case status == http.StatusTooManyRequests:
		return nil, errLimited
	case status >= 500:
		return nil, fmt.Errorf("status %d: %w", status, errBusy)
	default:
		return nil, &statusError{status, errorCode(answer)}
	}
}

// statusError is an answer that would be the same again.
type statusError struct {
	status int
	code   string // the vendor's, with a blank before it, or empty
}

// Error is the status and the code.
func (e *statusError) Error() string { return fmt.Sprintf("status %d%s", e.status, e.code) }

// refused says of an error that another attempt is of no use before somebody has changed the client's rights.
func refused(err error) error {
	if errors.Is(err, errDenied) || errors.Is(err, errToken) {
		return fmt.Errorf("%w: %w", platform.ErrRefused, err)
	}
	return err
}

// apiError is the body of an answer that is an error. Its message may hold what a request said and is left out.
type apiError struct {
	Code   string `json:"code"`
	Params struct {
		Permissions string `json:"permissions"`
	} `json:"messageParams"`
}

// errorCode is the vendor's code for an error, such as " conversation.error.participant.not.found".
func errorCode(body []byte) string {
	var e apiError
	if json.Unmarshal(body, &e) != nil || e.Code == "" || !isCode(e.Code) {
		return ""
	}
	return " " + e.Code
}

// missingPermissions is what a refusal says is missing, such as ": [notifications:channel:add]".
func missingPermissions(body []byte) string {
	var e apiError
	if json.Unmarshal(body, &e) != nil {
		return ""
	}
	if p := e.Params.Permissions; p != "" && isCode(strings.NewReplacer("[", "", "]", "", ",", "", ":", "", " ", "", "*", "", "_", "").Replace(p)) {
		return ": missing " + p
	}
	return errorCode(body)
}

func isCode(s string) bool {
	return len(s) < 200 && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '.' && r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

// resource is a path without its ids and its query.
func resource(path string) string {
	path, _, _ = strings.Cut(path, "?")
	parts := strings.Split(strings.TrimPrefix(path, "/api/v2/"), "/")
	for i, p := range parts {
		if strings.ContainsAny(p, "0123456789") {
			parts[i] = "{id}"
		}
	}
	return strings.Join(parts, "/")
}

// pages asks for a list page by page and hands each answer to each, until there is no further one.
func (r *rest) pages(ctx context.Context, h haste, path string, each func(path string, answer []byte) error) error {
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	for page := 1; ; page++ {
		at := path + sep + "pageSize=100&pageNumber=" + strconv.Itoa(page)
		answer, err := r.get(ctx, h, at)
		if err != nil {
			return err
		}
		if err := each(at, answer); err != nil {
			return err
		}
		var list struct {
			PageCount int               `json:"pageCount"`
			Entities  []json.RawMessage `json:"entities"`
		}
		if err := json.Unmarshal(answer, &list); err != nil {
			return fmt.Errorf("genesys REST: %s: %w", resource(path), err)
		}
		if len(list.Entities) == 0 || page >= list.PageCount {
			return nil
		}
	}
}
