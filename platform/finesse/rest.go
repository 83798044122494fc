package finesse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"cordboard/platform"
)

// errBusy says that Finesse is out of service or overloaded (503): it is asked again later.
var errBusy = errors.New("finesse is out of service")

// rest is the REST interface of one node (Finesse Web Services Developer Guide). Its methods are safe for concurrent use.
type rest struct {
	base   string
	client *http.Client
}

// reply is what a REST call brought.
type reply struct {
	status int
	body   []byte
}

// do sends one request. user is empty for requests without credentials. Bodies and URLs never appear in errors.
func (r *rest) do(ctx context.Context, a *Agent, method, path, requestID, body string) (reply, error) {
	req, err := http.NewRequestWithContext(ctx, method, r.base+path, strings.NewReader(body))
	if err != nil {
		return reply{}, fmt.Errorf("finesse REST: %w", err)
	}
	if a != nil {
		req.SetBasicAuth(a.ID, a.Password.Reveal())
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/xml")
	}
	req.Header.Set("Accept", "application/xml")
	if requestID != "" {
		req.Header.Set("requestId", requestID)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) { // its text repeats the URL
			err = u.Err
		}
		return reply{}, fmt.Errorf("finesse REST: %s %s: %w", method, resource(path), err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxDocument+1))
	if err != nil {
		return reply{}, fmt.Errorf("finesse REST: %s %s: %w", method, resource(path), err)
	}
	return reply{resp.StatusCode, answer}, statusError(method, path, resp.StatusCode, answer)
}

func statusError(method, path string, status int, body []byte) error {
	var why error
	switch {
	case status < 300:
		return nil
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		why = platform.ErrRefused
	case status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests:
		why = errBusy
	default:
		why = bodyError(body)
	}
	return fmt.Errorf("finesse REST: %s %s: status %d: %w", method, resource(path), status, why)
}

// bodyError reads the ApiErrors that Finesse answers with. Their types are fixed words; their data may be a number
// that a caller dialled and is left out.
func bodyError(body []byte) error {
	var t tree
	if ns, err := t.readNotices(string(bytes.TrimSpace(body))); err == nil {
		for _, n := range ns {
			for _, e := range n.errors {
				return errors.New(e.Type)
			}
		}
	}
	return errors.New("no reason given")
}

// resource names the kind of resource without its ids.
func resource(path string) string {
	parts := strings.Split(strings.TrimPrefix(path, "/finesse/api/"), "/")
	if len(parts) > 1 {
		parts[1] = "{id}"
	}
	return strings.Join(parts, "/")
}

// systemInfo is the state of a node and the XMPP domains of the site.
type systemInfo struct{ status, domain, pubsub string }

// systemInfo asks a node how it is. Where credentials are wanted for that, those of a are used.
func (r *rest) systemInfo(ctx context.Context, a *Agent) (systemInfo, []byte, error) {
	const path = "/finesse/api/SystemInfo"
	got, err := r.do(ctx, nil, http.MethodGet, path, "", "")
	if errors.Is(err, platform.ErrRefused) && a != nil {
		got, err = r.do(ctx, a, http.MethodGet, path, "", "")
	}
	if err != nil {
		return systemInfo{}, nil, err
	}
	var t tree
	if err := t.parse(string(bytes.TrimSpace(got.body))); err != nil {
		return systemInfo{}, nil, fmt.Errorf("finesse REST: SystemInfo: %w", err)
	}
	root := t.root()
	return systemInfo{strings.ToUpper(t.text(root, "status")), t.text(root, "xmppDomain"), t.text(root, "xmppPubSubDomain")}, got.body, nil
}

// user asks for the agent's extension and state.
func (r *rest) user(ctx context.Context, a *Agent) (user, error) {
	got, err := r.do(ctx, a, http.MethodGet, "/finesse/api/User/"+url.PathEscape(a.ID), "", "")
	if err != nil {
		return user{}, err
	}
	var t tree
	ns, err := t.readNotices(string(bytes.TrimSpace(got.body)))
	if err == nil && len(ns) != 1 {
		err = errNoNotice
	}
	if err != nil {
		return user{}, fmt.Errorf("finesse REST: User: %w", err)
	}
	return ns[0].user, nil
}

// dialogs asks for everything that the agent is in now and returns the collection as it came.
func (r *rest) dialogs(ctx context.Context, a *Agent) ([]byte, error) {
	got, err := r.do(ctx, a, http.MethodGet, "/finesse/api/User/"+url.PathEscape(a.ID)+"/Dialogs", "", "")
	return bytes.TrimSpace(got.body), err
}

// setUser changes the agent's state; extension and reason are left out when empty.
func (r *rest) setUser(ctx context.Context, a *Agent, requestID, state, extension, reason string) error {
	body := "<User>" + field("state", state) + optional("extension", extension) + optional("reasonCodeId", reason) + "</User>"
	_, err := r.do(ctx, a, http.MethodPut, "/finesse/api/User/"+url.PathEscape(a.ID), requestID, body)
	return err
}

func field(name, value string) string { return "<" + name + ">" + escape(value) + "</" + name + ">" }

func optional(name, value string) string {
	if value == "" {
		return ""
	}
	return field(name, value)
}
