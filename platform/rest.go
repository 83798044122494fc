package platform

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Rest is a platform's interface over HTTP. It is safe for concurrent use.
type Rest struct {
	Client *http.Client
	Base   string // what stands before every path, without a slash at its end
	Limit  int64  // how many bytes of an answer are read
}

// Reply is what a request brought.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do sends one request and reads its answer, whatever its status: that is for the caller to judge. header may be nil. An
// error says that there is no answer, and repeats neither the address, which may hold ids, nor the body.
func (r *Rest) Do(ctx context.Context, method, path string, header http.Header, body []byte) (Reply, error) {
	req, err := http.NewRequestWithContext(ctx, method, r.Base+path, bytes.NewReader(body))
	if err != nil {
		return Reply{}, Bare(err)
	}
	if header != nil {
		req.Header = header
	}
	resp, err := r.Client.Do(req)
	if err != nil {
		return Reply{}, Bare(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, r.Limit))
	if err != nil {
		return Reply{}, err
	}
	return Reply{resp.StatusCode, resp.Header, answer}, nil
}

// OK reports whether the request succeeded.
func (r *Reply) OK() bool { return r.Status < 300 }

// Seconds is the span that a header such as Retry-After names: ten minutes at most, zero when there is none.
func (r *Reply) Seconds(header string) time.Duration {
	return time.Duration(min(r.Number(header), 600)) * time.Second
}

// Number is the number in a header, zero when there is none.
func (r *Reply) Number(header string) int {
	n, err := strconv.Atoi(r.Header.Get(header))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// Basic is the Authorization header of a user with a password.
func Basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// Bare is an error of an HTTP request without the request's address.
func Bare(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
