package salesforce

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"cordboard/crm"
)

// maxBody bounds an answer in bytes.
const maxBody = 16 << 20

// lane is a way to the org with its own connections, so that one kind of request never waits behind another.
type lane struct {
	http    *http.Client
	turns   chan struct{}
	timeout time.Duration
	purpose purpose
}

// as returns the same way, taken for another purpose.
func (l *lane) as(p purpose) *lane {
	other := *l
	other.purpose = p
	return &other
}

// newLane makes a lane for at most n requests at once, each within the timeout. Redirects are not followed: the token
// must not travel to another host.
func newLane(p purpose, n int, timeout time.Duration) *lane {
	return &lane{
		purpose: p,
		timeout: timeout,
		turns:   make(chan struct{}, n),
		http: &http.Client{
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{
				Proxy:                  http.ProxyFromEnvironment,
				DialContext:            (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
				TLSHandshakeTimeout:    5 * time.Second,
				MaxIdleConnsPerHost:    n,
				IdleConnTimeout:        90 * time.Second,
				MaxResponseHeaderBytes: 64 << 10,
				ForceAttemptHTTP2:      true,
			},
		},
	}
}

// answer is what the org said.
type answer struct {
	status int
	body   []byte
	date   time.Time // by the org's clock, where it says
}

// call sends one request and reads the answer into out (nil for none) when its status is below 300. A status of 300
// and above is a *crm.Error, and 300 itself also comes with the answer. An expired token is renewed once.
func (c *Client) call(ctx context.Context, l *lane, method, path string, in, out any) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	select {
	case l.turns <- struct{}{}:
		defer func() { <-l.turns }()
	case <-ctx.Done():
		// Nothing was sent: this is not an unanswered request.
		return answer{}, &crm.Error{Kind: crm.Busy, Code: "no-turn", Err: ctx.Err()}
	}
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return answer{}, &crm.Error{Kind: crm.Invalid, Code: "not-json", Err: err}
		}
	}
	got, err := c.signed(ctx, l, method, path, body)
	if err != nil {
		return answer{}, err
	}
	if got.status >= 300 {
		return got, restError(got.status, got.body)
	}
	if out == nil || len(got.body) == 0 {
		return got, nil
	}
	if err := json.Unmarshal(got.body, out); err != nil {
		return got, &crm.Error{Kind: crm.Busy, Code: "not-json", Message: "the answer to " + method + " is not what is documented"}
	}
	return got, nil
}

// signed sends a request with the token, a second time with a new token when the org says that it has ended.
func (c *Client) signed(ctx context.Context, l *lane, method, path string, body []byte) (answer, error) {
	for attempt := 0; ; attempt++ {
		token, err := c.session.get(ctx)
		if err != nil {
			return answer{}, asError(err)
		}
		got, err := c.send(ctx, l, method, path, body, token)
		if err != nil || got.status != http.StatusUnauthorized || attempt > 0 {
			return got, err
		}
		c.session.expire(token)
	}
}

// send sends one request. A path is one of the API version, unless it begins with /services/.
func (c *Client) send(ctx context.Context, l *lane, method, path string, body []byte, token string) (answer, error) {
	if !strings.HasPrefix(path, "/services/") {
		path = "/services/data/" + c.cfg.Version + path
	}
	req, err := http.NewRequestWithContext(ctx, method, c.cfg.URL+path, bytes.NewReader(body))
	if err != nil {
		return answer{}, &crm.Error{Kind: crm.Invalid, Code: "request", Message: "no such path can be asked for"}
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if ended, asked := ctx.Value(stillWanted{}).(func() error); asked {
		if err := ended(); err != nil {
			return answer{}, &crm.Error{Kind: crm.Busy, Code: "given-up", Err: err}
		}
	}
	c.tally.count(l.purpose, time.Now())
	resp, err := l.http.Do(req)
	if err != nil {
		return answer{}, lost(err)
	}
	defer resp.Body.Close()
	c.usage.observe(resp.Header.Get("Sforce-Limit-Info"), time.Now())
	got, err := readBody(resp.Body)
	if err != nil {
		return answer{}, lost(err)
	}
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		date = time.Now()
	}
	return answer{status: resp.StatusCode, body: got, date: date}, nil
}

func readBody(r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxBody+1))
	if err == nil && len(body) > maxBody {
		err = fmt.Errorf("the answer is larger than %d bytes", maxBody)
	}
	return body, err
}

// asError makes every error a *crm.Error.
func asError(err error) error {
	if _, ok := errors.AsType[*crm.Error](err); ok || err == nil {
		return err
	}
	return &crm.Error{Kind: crm.Busy, Err: err}
}
