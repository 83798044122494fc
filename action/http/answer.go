package http

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	nethttp "net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"cordboard/engine"
)

const (
	maxAnswer = 1 << 20  // bytes that are read of an answer
	maxKept   = 16 << 10 // bytes of JSON that later steps may refer to
	// longestWait is the longest Retry-After that is believed.
	longestWait = 24 * time.Hour
)

// result is what later steps may refer to.
type result struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    json.RawMessage   `json:"body,omitempty"`
}

// tellable are the headers of an answer that later steps may see. Cookies and the like are nobody's business.
var tellable = []string{"Content-Type", "Date", "Etag", "Last-Modified", "Link", "Location", "Retry-After", "X-Request-Id", "X-Correlation-Id"}

// answered makes an answer an outcome.
func (a *Action) answered(resp *nethttp.Response, g args) engine.Outcome {
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	status := resp.StatusCode
	var out engine.Outcome
	switch {
	case err != nil && succeeded(status, g.OK):
		out = engine.Again("http-unreachable", "the answer broke off")
	case succeeded(status, g.OK):
		out = a.success(resp, body, g)
	default:
		out = failed(status, retryAfter(resp.Header, time.Now()))
	}
	out.Answer = fmt.Sprintf("%d, %d bytes", status, len(body))
	return out
}

// success keeps what later steps may refer to. Without a name there is nobody who could.
func (a *Action) success(resp *nethttp.Response, body []byte, g args) engine.Outcome {
	r := result{Status: resp.StatusCode}
	detail := ""
	if g.As != "" {
		r.Headers = map[string]string{}
		for _, name := range tellable {
			if v := resp.Header.Get(name); v != "" {
				r.Headers[strings.ToLower(name)] = v
			}
		}
		body = bytes.TrimSpace(body)
		switch {
		case len(body) == 0:
		case len(body) > maxKept:
			detail = fmt.Sprintf("the answer is larger than %d bytes, so that no step sees its body", maxKept)
		case !json.Valid(body):
			detail = "the answer is no JSON, so that no step sees its body"
		default:
			r.Body = body
		}
	}
	encoded, err := json.Marshal(r)
	if err != nil {
		return engine.Kill("bad-result", err.Error())
	}
	out := engine.Did(encoded)
	out.Detail = detail
	return out
}

// succeeded reports whether a status is what was wanted.
func succeeded(status int, further []string) bool {
	return status >= 200 && status < 300 || slices.Contains(further, strconv.Itoa(status))
}

// failed classifies a status; not before is when the server wants to be asked again, or zero.
func failed(status int, notBefore time.Time) engine.Outcome {
	said := "the server answered " + strconv.Itoa(status)
	switch {
	case status == nethttp.StatusTooManyRequests:
		return engine.Park("parked-limit", said, notBefore)
	case status == nethttp.StatusUnauthorized:
		// Credentials are mended for all requests at once; nothing is lost until then.
		return engine.Park("http-denied", said+": is the credential right?", time.Time{})
	case status == nethttp.StatusRequestTimeout, status == nethttp.StatusTooEarly, status >= 500:
		out := engine.Again("http-failed", said)
		out.Until = notBefore
		return out
	case status >= 300 && status < 400:
		return engine.Kill("http-refused", said+": redirects are not followed")
	}
	return engine.Kill("http-refused", said)
}

// retryAfter reads when the server wants to be asked again: seconds, or a date (RFC 9110, "Retry-After").
func retryAfter(h nethttp.Header, now time.Time) time.Time {
	text := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil && seconds > 0 {
		return now.Add(min(time.Duration(seconds)*time.Second, longestWait))
	}
	at, err := nethttp.ParseTime(text)
	if err != nil || !at.After(now) {
		return time.Time{}
	}
	if at.Sub(now) > longestWait {
		return now.Add(longestWait)
	}
	return at
}

// unanswered classifies a request that got no answer. The end of ctx is the server's end, not the request's fault.
func unanswered(ctx context.Context, err error, limit time.Duration) engine.Outcome {
	_, badCertificate := errors.AsType[*tls.CertificateVerificationError](err)
	switch {
	case ctx.Err() != nil:
		return engine.Again("stopped", "the server stopped before the answer came")
	case errors.Is(err, errInside):
		return engine.Kill("bad-url", errInside.Error()+"; list it among http.internal_origins if it belongs there")
	case badCertificate:
		return engine.Again("http-unreachable", "the server's certificate is not trusted")
	case errors.Is(err, context.DeadlineExceeded):
		return engine.Again("http-unreachable", fmt.Sprintf("no answer within %s", limit))
	}
	return engine.Again("http-unreachable", "the server could not be reached, or the connection broke")
}
