package finesse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"cordboard/platform"
)

// errBusy says that Finesse is out of service or overloaded (503): it is asked again later.
var errBusy = errors.New("finesse is out of service")

// rest is the REST interface of one node (Finesse Web Services Developer Guide). Its methods are safe for concurrent use.
type rest struct{ http platform.Rest }

// do sends one request and returns the body of its answer. a is nil for requests without credentials. Bodies and URLs never
// appear in errors.
func (r *rest) do(ctx context.Context, a *Agent, method, path, requestID, body string) ([]byte, error) {
	header := http.Header{"Accept": {"application/xml"}}
	if a != nil {
		header.Set("Authorization", platform.Basic(a.ID, a.Password.Reveal()))
	}
	if body != "" {
		header.Set("Content-Type", "application/xml")
	}
	if requestID != "" {
		header.Set("requestId", requestID)
	}
	answer, err := r.http.Do(ctx, method, path, header, []byte(body))
	if err != nil {
		return nil, fmt.Errorf("finesse REST: %s %s: %w", method, resource(path), err)
	}
	return answer.Body, statusError(method, path, &answer)
}

func statusError(method, path string, answer *platform.Reply) error {
	var why error
	switch status := answer.Status; {
	case answer.OK():
		return nil
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		why = platform.ErrRefused
	case status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests:
		why = errBusy
	default:
		why = bodyError(answer.Body)
	}
	return fmt.Errorf("finesse REST: %s %s: status %d: %w", method, resource(path), answer.Status, why)
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
	if err := t.parse(string(bytes.TrimSpace(got))); err != nil {
		return systemInfo{}, nil, fmt.Errorf("finesse REST: SystemInfo: %w", err)
	}
	root := t.root()
	return systemInfo{strings.ToUpper(t.text(root, "status")), t.text(root, "xmppDomain"), t.text(root, "xmppPubSubDomain")}, got, nil
}

// user asks for the agent's extension and state.
func (r *rest) user(ctx context.Context, a *Agent) (user, error) {
	got, err := r.do(ctx, a, http.MethodGet, "/finesse/api/User/"+url.PathEscape(a.ID), "", "")
	if err != nil {
		return user{}, err
	}
	var t tree
	ns, err := t.readNotices(string(bytes.TrimSpace(got)))
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
	return bytes.TrimSpace(got), err
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
