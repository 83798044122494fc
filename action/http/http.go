package http

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	nethttp "net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"cordboard/engine"
	"cordboard/platform"
	"cordboard/webhook"
)

const (
	usualPerHost = 256
	// AtOnce is how many steps may be under way, over all hosts; most of them wait for a slow one.
	AtOnce = 16_384
	// turn is how long a request waits for its turn at a busy host.
	turn       = time.Second
	longestAsk = time.Minute
	usualAsk   = 10 * time.Second
)

// Action sends requests. It implements engine.Action and is safe for concurrent use.
type Action struct {
	doors       doors
	credentials map[string]credential
	client      *nethttp.Client
	transport   *nethttp.Transport
	hosts       hosts
	paces       map[string]*pace // by origin
}

// credential is how a request is signed.
type credential struct {
	origin string
	Credential
	key    webhook.Key
	tokens *tokens // of OAuth; else nil
}

// New returns the action; it fails when cfg is wrong. Close lets go of its connections.
func New(cfg Config) (*Action, error) {
	d, err := cfg.doors()
	if err != nil {
		return nil, fmt.Errorf("http: %w", err)
	}
	a := &Action{doors: d, credentials: map[string]credential{}, paces: map[string]*pace{}}
	for origin := range d.internal {
		a.paces[origin] = &pace{}
	}
	for _, r := range cfg.Rates {
		u, err := url.Parse(r.Origin)
		if err == nil {
			err = r.Check()
		}
		if err != nil {
			return nil, fmt.Errorf("http: %w", err)
		}
		origin, _ := originOf(u)
		a.paces[origin].every = time.Minute / time.Duration(r.PerMinute)
	}
	a.hosts.limit = cfg.PerHost
	if a.hosts.limit <= 0 {
		a.hosts.limit = usualPerHost
	}
	for _, c := range cfg.Credentials {
		if err := c.Check(); err != nil {
			return nil, fmt.Errorf("http: %w", err)
		}
		u, err := url.Parse(c.Origin)
		if err != nil {
			return nil, fmt.Errorf("http: %w", err)
		}
		known := credential{Credential: c}
		known.origin, _ = originOf(u)
		if !c.SigningKey.IsZero() {
			if known.key, err = webhook.ParseKey(c.SigningKey); err != nil {
				return nil, fmt.Errorf("http: %w", err)
			}
		}
		a.credentials[c.Name] = known
	}
	a.transport = &nethttp.Transport{
		DialContext: a.dial, ForceAttemptHTTP2: true, DisableCompression: true,
		MaxIdleConns: 0, MaxIdleConnsPerHost: a.hosts.limit, IdleConnTimeout: 90 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: longestAsk, MaxResponseHeaderBytes: 64 << 10,
	}
	a.client = &nethttp.Client{
		Transport:     a.transport,
		CheckRedirect: func(*nethttp.Request, []*nethttp.Request) error { return nethttp.ErrUseLastResponse },
	}
	for name, c := range a.credentials {
		if !c.ClientSecret.IsZero() {
			c.tokens = newTokens(&c.Credential, a.client)
			a.credentials[name] = c
		}
	}
	return a, nil
}

// Close lets go of idle connections.
func (a *Action) Close() { a.transport.CloseIdleConnections() }

// dial makes a connection. Whether the address is a good one is looked at after the name was resolved, in the very
// connection that is made, so that a name cannot be good when it is looked at and bad when it is used.
func (a *Action) dial(ctx context.Context, network, host string) (net.Conn, error) {
	internal := a.doors.hosts[strings.ToLower(host)]
	d := net.Dialer{Timeout: usualAsk, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return errInside
		}
		return mayDial(to.Addr(), internal)
	}}
	return d.DialContext(ctx, network, host)
}

// args are the step's arguments, as Spec describes them.
type args struct {
	URL     string                     `json:"url"`
	Method  string                     `json:"method"`
	Headers map[string]json.RawMessage `json:"headers"`
	Body    json.RawMessage            `json:"body"`
	Auth    string                     `json:"auth"`
	OK      []string                   `json:"ok"`
	Timeout string                     `json:"timeout"`
	As      string                     `json:"as"`
}

// Do implements engine.Action. An origin that is not allowed is never asked. What passes by itself is tried again; an
// answer that would be the same again needs a person.
func (a *Action) Do(ctx context.Context, in engine.Input) engine.Outcome {
	var g args
	if err := json.Unmarshal(in.Args, &g); err != nil {
		return engine.Kill("bad-arguments", "the step's arguments cannot be read")
	}
	limit := usualAsk
	if d, err := time.ParseDuration(g.Timeout); err == nil && d > 0 {
		limit = min(d, longestAsk)
	}
	asking, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	req, size, err := a.request(asking, g, in.Key)
	if err != nil {
		code := "bad-arguments"
		if errors.Is(err, errOrigin) {
			code = "bad-url"
		}
		return engine.Kill(code, err.Error())
	}
	origin, _ := originOf(req.URL)
	pace := a.paces[origin]
	if at := pace.book(in.Key, time.Now()); time.Until(at) > turn {
		return engine.Park("parked-limit", "the origin takes only so many requests, and this one's turn comes later", at)
	} else if !platform.Pause(asking, time.Until(at)) {
		return engine.Again("stopped", "the server stopped before the request was sent")
	}
	leave, ok := a.hosts.enter(asking, req.URL.Host)
	if !ok {
		return engine.Again("http-busy", "too many requests to the host are under way")
	}
	defer leave()
	if ctx.Err() != nil {
		return engine.Again("stopped", "the server stopped before the request was sent")
	}
	resp, err := a.send(req, g.Auth)
	var out engine.Outcome
	noToken, isToken := errors.AsType[tokenError](err)
	switch {
	case isToken && asking.Err() == nil && !errors.Is(err, errInside):
		out = untold(noToken)
	case err != nil:
		out = unanswered(ctx, err, limit)
	default:
		out = a.answered(resp, g)
		if resp.StatusCode == nethttp.StatusTooManyRequests {
			pace.close(out.Until) // nobody else asks meanwhile
		}
	}
	out.Request = fmt.Sprintf("%s %s, %d bytes", req.Method, masked(req.URL), size)
	return out
}

var errOrigin = errors.New("the address's origin is not among http.origins and http.internal_origins of the configuration")

// request makes the request; size is that of its body.
func (a *Action) request(ctx context.Context, g args, key string) (req *nethttp.Request, size int, err error) {
	u, err := url.Parse(g.URL)
	if err != nil || u.Host == "" || u.User != nil || u.Opaque != "" {
		return nil, 0, fmt.Errorf("%w: it is no address", errOrigin)
	}
	origin, _ := originOf(u)
	if !a.doors.has(origin) {
		return nil, 0, errOrigin
	}
	u.Fragment, u.RawFragment = "", ""
	body, kind := content(g.Body)
	if g.Method == "" {
		g.Method = nethttp.MethodPost
	}
	req, err = nethttp.NewRequestWithContext(ctx, g.Method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, 0, errors.New("the method is none")
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	req.Header.Set("User-Agent", "Cordboard")
	req.Header.Set("Accept", "application/json")
	for name, value := range g.Headers {
		if reserved(name) {
			return nil, 0, fmt.Errorf("the header %s is not a step's to set", name)
		}
		req.Header.Set(name, plain(value))
	}
	req.Header.Set("Idempotency-Key", key)
	return req, len(body), a.sign(req, origin, g.Auth, key, body)
}

// sign adds the named credential.
func (a *Action) sign(req *nethttp.Request, origin, name, key string, body []byte) error {
	if name == "" {
		return nil
	}
	c, ok := a.credentials[name]
	switch {
	case !ok:
		return errors.New("auth names none of http.credentials of the configuration")
	case c.origin != origin:
		return fmt.Errorf("the credential %s belongs to another origin", c.Name)
	case c.tokens != nil: // comes when it is sent
	case !c.key.IsZero():
		c.key.Sign(req.Header, key, time.Now(), body)
	case !c.Password.IsZero():
		req.SetBasicAuth(c.User, c.Password.Reveal())
	case c.Header != "":
		req.Header.Set(c.Header, c.Token.Reveal())
	default:
		req.Header.Set("Authorization", "Bearer "+c.Token.Reveal())
	}
	return nil
}

// content is a body as it is sent, and its kind: a text as it is, anything else as JSON.
func content(raw json.RawMessage) (body []byte, kind string) {
	var text string
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return nil, ""
	case json.Unmarshal(raw, &text) == nil:
		return []byte(text), "text/plain; charset=utf-8"
	}
	return raw, "application/json"
}

// plain is a header's value: a text, or a number as it is written.
func plain(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

// reserved reports whether a header is ours or the connection's.
func reserved(name string) bool {
	switch nethttp.CanonicalHeaderKey(name) {
	case "Authorization", "Cookie", "Host", "Content-Length", "Transfer-Encoding", "Connection", "Upgrade", "Te", "Trailer", "Expect",
		"Idempotency-Key", "Accept-Encoding", webhook.HeaderID, webhook.HeaderTimestamp, webhook.HeaderSignature:
		return true
	}
	return strings.HasPrefix(nethttp.CanonicalHeaderKey(name), "Proxy-")
}

// masked is an address without its query, where customers' data stands.
func masked(u *url.URL) string {
	text := u.Scheme + "://" + u.Host + u.EscapedPath()
	if u.RawQuery != "" {
		text += "?…"
	}
	return text
}
