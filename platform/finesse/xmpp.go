package finesse

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"cordboard/platform"
)

// wire carries XMPP elements: one call of send or receive is one complete top-level element.
type wire interface {
	// open starts a stream, also the second one after a login, and returns when the server has answered.
	open(ctx context.Context, domain string) error
	send(ctx context.Context, element string) error
	receive(ctx context.Context) (string, error)
	// secure turns TLS on after the server said that it may.
	secure(ctx context.Context) error
	close()
}

// login is what an XMPP session needs to know.
type login struct {
	domain, user, password, resource string
	startTLS                         bool
}

// xmpp is one logged-in session (RFC 6120, only what Finesse's notification service wants of a client).
type xmpp struct {
	w     wire
	jid   string   // full
	early []string // messages that came while an answer was awaited
	heard atomic.Int64
	ids   atomic.Int64
}

// openXMPP logs in: stream, TLS if asked for, SASL PLAIN, bind, session. A refused password is platform.ErrRefused.
func openXMPP(ctx context.Context, w wire, l login) (*xmpp, error) {
	x := &xmpp{w: w}
	features, err := x.stream(ctx, l.domain)
	if err != nil {
		return nil, err
	}
	if l.startTLS {
		if features, err = x.startTLS(ctx, l.domain, features); err != nil {
			return nil, err
		}
	}
	if err := x.authenticate(ctx, l, features); err != nil {
		return nil, err
	}
	if features, err = x.stream(ctx, l.domain); err != nil {
		return nil, err
	}
	return x, x.bind(ctx, l, features)
}

// answer is an element read during the login.
type answer struct{ tree }

func (a *answer) name() string { return a.nodes[a.root()].name }

// errDeclined is an answer of type error.
var errDeclined = errors.New("the server declined")

func (x *xmpp) read(ctx context.Context) (*answer, error) {
	text, err := x.w.receive(ctx)
	if err != nil {
		return nil, err
	}
	a := &answer{}
	if err := a.parse(text); err != nil {
		return nil, fmt.Errorf("XMPP: %w", err)
	}
	if err := a.streamError(); err != nil {
		return nil, err
	}
	if a.name() == "message" {
		x.early = append(x.early, text)
	}
	return a, nil
}

// streamError turns the end of the stream that an element may be into an error.
func (a *answer) streamError() error {
	switch a.name() {
	case "close":
		return errors.New("XMPP: the server closed the stream")
	case "error":
		reason := a.nodes[a.nodes[a.root()].first].name
		return fmt.Errorf("XMPP: stream error %q", reason)
	}
	return nil
}

func (x *xmpp) stream(ctx context.Context, domain string) (*answer, error) {
	if err := x.w.open(ctx, domain); err != nil {
		return nil, fmt.Errorf("XMPP: opening the stream: %w", err)
	}
	a, err := x.read(ctx)
	if err != nil {
		return nil, err
	}
	if a.name() != "features" {
		return nil, errors.New("XMPP: the server sent no stream features")
	}
	return a, nil
}

func (x *xmpp) startTLS(ctx context.Context, domain string, features *answer) (*answer, error) {
	if features.child(features.root(), "starttls") == 0 {
		return nil, errors.New("XMPP: the server offers no STARTTLS")
	}
	if err := x.w.send(ctx, `<starttls xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>`); err != nil {
		return nil, err
	}
	a, err := x.read(ctx)
	if err != nil {
		return nil, err
	}
	if a.name() != "proceed" {
		return nil, errors.New("XMPP: the server refused STARTTLS")
	}
	if err := x.w.secure(ctx); err != nil {
		return nil, fmt.Errorf("XMPP: STARTTLS: %w", err)
	}
	return x.stream(ctx, domain)
}

func (x *xmpp) authenticate(ctx context.Context, l login, features *answer) error {
	offered := features.child(features.root(), "mechanisms")
	plain := false
	for c := features.nodes[offered].first; offered != 0 && c != 0; c = features.nodes[c].next {
		plain = plain || strings.TrimSpace(features.nodes[c].text) == "PLAIN"
	}
	if !plain {
		return errors.New("XMPP: the server offers no SASL PLAIN")
	}
	secret := base64.StdEncoding.EncodeToString([]byte("\x00" + l.user + "\x00" + l.password))
	err := x.w.send(ctx, `<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">`+secret+`</auth>`)
	if err != nil {
		return err
	}
	a, err := x.read(ctx)
	if err != nil {
		return err
	}
	if a.name() == "success" {
		return nil
	}
	reason := a.nodes[a.nodes[a.root()].first].name
	if a.name() != "failure" || reason == "temporary-auth-failure" {
		return fmt.Errorf("XMPP: login answered with %q", reason)
	}
	return fmt.Errorf("XMPP: login: %q: %w", reason, platform.ErrRefused)
}

func (x *xmpp) bind(ctx context.Context, l login, features *answer) error {
	a, err := x.ask(ctx, "set", "", `<bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><resource>`+escape(l.resource)+`</resource></bind>`)
	if err != nil {
		return fmt.Errorf("XMPP: binding: %w", err)
	}
	x.jid = a.text(a.child(a.root(), "bind"), "jid")
	if x.jid == "" {
		x.jid = l.user + "@" + l.domain + "/" + l.resource
	}
	if features.child(features.root(), "session") == 0 {
		return nil
	}
	if _, err := x.ask(ctx, "set", "", `<session xmlns="urn:ietf:params:xml:ns:xmpp-session"/>`); err != nil {
		return fmt.Errorf("XMPP: starting the session: %w", err)
	}
	return nil
}

// ask sends an IQ and waits for its answer. It reads the stream itself, so it is only used before next, which returns
// the messages that ask came upon.
func (x *xmpp) ask(ctx context.Context, kind, to, payload string) (*answer, error) {
	id := x.id()
	if to != "" {
		to = ` to="` + escape(to) + `"`
	}
	if err := x.w.send(ctx, `<iq type="`+kind+`" id="`+id+`"`+to+`>`+payload+`</iq>`); err != nil {
		return nil, err
	}
	for {
		a, err := x.read(ctx)
		if err != nil {
			return nil, err
		}
		if a.name() != "iq" || a.attr(a.root(), "id") != id {
			continue
		}
		if a.attr(a.root(), "type") == "error" {
			reason := a.child(a.root(), "error")
			return nil, fmt.Errorf("%w with %q", errDeclined, a.nodes[a.nodes[reason].first].name)
		}
		return a, nil
	}
}

func (x *xmpp) id() string { return "cb" + strconv.FormatInt(x.ids.Add(1), 36) }

// presence asks for notifications: with a priority below 0, or without presence, nothing is delivered
// (developer.cisco.com, "Managing Notifications in Third-Party Applications"). Presence has no answer of its own, but a
// stream is worked off in order: when the ping behind it is answered, even by an error, it has been taken.
func (x *xmpp) presence(ctx context.Context, domain string) error {
	if err := x.w.send(ctx, "<presence><priority>0</priority></presence>"); err != nil {
		return err
	}
	_, err := x.ask(ctx, "get", domain, `<ping xmlns="urn:xmpp:ping"/>`)
	if errors.Is(err, errDeclined) {
		return nil
	}
	return err
}

// subscribe asks for a node's notifications at this session's full JID. Finesse subscribes a signed-in user by itself,
// and a second subscription brings everything twice.
func (x *xmpp) subscribe(ctx context.Context, service, node string, on bool) error {
	verb := "subscribe"
	if !on {
		verb = "unsubscribe"
	}
	payload := `<pubsub xmlns="http://jabber.org/protocol/pubsub"><` + verb + ` node="` + escape(node) + `" jid="` + escape(x.jid) + `"/></pubsub>`
	if !on { // leaving: nobody waits for the answer
		return x.w.send(ctx, `<iq type="set" id="`+x.id()+`" to="`+escape(service)+`">`+payload+`</iq>`)
	}
	_, err := x.ask(ctx, "set", service, payload)
	if err != nil {
		return fmt.Errorf("XMPP: subscribing: %w", err)
	}
	return nil
}

// ping sends an XEP-0199 ping; any element that comes counts as its answer.
func (x *xmpp) ping(ctx context.Context, domain string) error {
	return x.w.send(ctx, `<iq type="get" id="`+x.id()+`" to="`+escape(domain)+`"><ping xmlns="urn:xmpp:ping"/></iq>`)
}

// next returns the next message stanza as it came. Pings are answered, other requests declined, the rest passed over.
func (x *xmpp) next(ctx context.Context) (string, error) {
	if len(x.early) > 0 {
		text := x.early[0]
		x.early = x.early[1:]
		return text, nil
	}
	for {
		text, err := x.w.receive(ctx)
		if err != nil {
			return "", err
		}
		x.heard.Store(time.Now().UnixNano())
		if strings.HasPrefix(text, "<message") {
			return text, nil
		}
		var a answer
		if err := a.parse(text); err != nil {
			return "", fmt.Errorf("XMPP: %w", err)
		}
		if err := a.streamError(); err != nil {
			return "", err
		}
		switch a.name() {
		case "message": // behind a namespace prefix
			return text, nil
		case "iq":
			if err := x.answer(ctx, &a); err != nil {
				return "", err
			}
		}
	}
}

func (x *xmpp) answer(ctx context.Context, a *answer) error {
	kind := a.attr(a.root(), "type")
	if kind != "get" && kind != "set" {
		return nil
	}
	head := `" id="` + escape(a.attr(a.root(), "id")) + `"`
	if from := a.attr(a.root(), "from"); from != "" {
		head += ` to="` + escape(from) + `"`
	}
	if a.child(a.root(), "ping") != 0 {
		return x.w.send(ctx, `<iq type="result`+head+`/>`)
	}
	return x.w.send(ctx, `<iq type="error`+head+`><error type="cancel"><service-unavailable xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></iq>`)
}
