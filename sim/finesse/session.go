package finesse

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// The XMPP namespaces that Finesse's notification service speaks.
const (
	nsClient  = "jabber:client"
	nsStream  = "http://etherx.jabber.org/streams"
	nsFraming = "urn:ietf:params:xml:ns:xmpp-framing"
	nsSASL    = "urn:ietf:params:xml:ns:xmpp-sasl"
	nsBind    = "urn:ietf:params:xml:ns:xmpp-bind"
	nsSession = "urn:ietf:params:xml:ns:xmpp-session"
	nsErrors  = "urn:ietf:params:xml:ns:xmpp-streams"
	nsStanzas = "urn:ietf:params:xml:ns:xmpp-stanzas"
	nsPing    = "urn:xmpp:ping"
	nsPubsub  = "http://jabber.org/protocol/pubsub"
)

// A transport carries stanzas over one socket.
type transport interface {
	next(limit int) (*element, error)       // the next stream header, stanza or end of stream, of at most limit bytes
	restart()                               // after authentication a new stream header is expected
	write(buf []byte, ends []int) error     // whole stanzas
	header(id, domain string) string        // the answer to a stream header
	end() string                            // the end of the stream
	streamError(condition string) string    // RFC 6120 4.9
	isOpen(e *element) (ok bool, to string) // is it a stream header
	isEnd(e *element) bool
	kill(abrupt bool) // close the socket; abruptly: without a good-bye
}

// A session is one XMPP connection, over TCP or WebSocket.
type session struct {
	s      *Server
	t      transport
	out    *outbox
	framed bool // stanzas carry their own namespace (RFC 7395)

	agent     *agent // set by authentication; read by the session's reader only, or under Server.mu once bound
	tries     int
	resource  string // set when bound; guarded by Server.mu
	available bool   // presence with priority >= 0 was sent; guarded by Server.mu

	heard  atomic.Int64 // Unix nanoseconds of the last stanza
	pinged bool         // the server's ping has had no answer yet; guarded by Server.mu
}

func (sess *session) bare() string { return sess.agent.id + "@" + sess.s.cfg.Domain }
func (sess *session) full() string { return sess.bare() + "/" + sess.resource }

func (sess *session) send(text string) {
	sess.out.push(func(b []byte) []byte { return append(b, text...) })
}

// errStop ends a session after the last word has been said.
var errStop = errors.New("session over")

// run reads until the peer, an error or the server ends the session. It
// returns when the writer is done too.
func (sess *session) run() {
	written := make(chan struct{})
	go func() {
		defer close(written)
		sess.out.drain(sess.t.write)
		sess.t.kill(false) // also wakes the reader of a session that was ended from here
	}()
	for {
		e, err := sess.t.next(sess.s.cfg.MaxStanza)
		if err == nil {
			sess.heard.Store(time.Now().UnixNano())
			err = sess.take(e)
		}
		if err != nil {
			if condition := streamCondition(err); condition != "" {
				sess.fail(condition)
			}
			break
		}
	}
	sess.s.forget(sess)
	sess.out.finish()
	<-written
}

// streamCondition names the stream error that an error deserves, "" when
// there is nobody left to tell or all has been said.
func streamCondition(err error) string {
	switch {
	case errors.Is(err, errRestricted):
		return "restricted-xml"
	case errors.Is(err, errTooBig):
		return "policy-violation"
	case errors.Is(err, errStop), isGone(err):
		return ""
	}
	return "not-well-formed"
}

func (sess *session) fail(condition string) error {
	sess.send(sess.t.streamError(condition))
	sess.send(sess.t.end())
	return errStop
}

func (sess *session) take(e *element) error {
	if ok, to := sess.t.isOpen(e); ok {
		return sess.opened(to)
	}
	if sess.t.isEnd(e) {
		sess.send(sess.t.end())
		return errStop
	}
	if sess.agent == nil {
		if e.Space == nsSASL && e.Local == "auth" {
			return sess.authenticate(e)
		}
		return sess.fail("not-authorized")
	}
	if e.Space != nsClient {
		return sess.fail("unsupported-stanza-type")
	}
	switch e.Local {
	case "iq":
		return sess.iq(e)
	case "presence":
		sess.presence(e)
	case "message": // nothing on Finesse listens to agents' messages
	default:
		return sess.fail("unsupported-stanza-type")
	}
	return nil
}

func (sess *session) opened(to string) error {
	sess.send(sess.t.header(sess.s.token(), sess.s.cfg.Domain))
	if to != "" && !strings.EqualFold(to, sess.s.cfg.Domain) {
		return sess.fail("host-unknown")
	}
	features := `<mechanisms xmlns="` + nsSASL + `"><mechanism>PLAIN</mechanism></mechanisms>`
	if sess.agent != nil {
		features = `<bind xmlns="` + nsBind + `"/><session xmlns="` + nsSession + `"><optional/></session>`
	}
	sess.send(`<stream:features xmlns:stream="` + nsStream + `">` + features + `</stream:features>`)
	return nil
}

// authenticate is SASL PLAIN with the agent's id and password, as Cisco's
// samples do it.
func (sess *session) authenticate(e *element) error {
	refuse := func(condition string) error {
		sess.send(`<failure xmlns="` + nsSASL + `"><` + condition + `/></failure>`)
		if sess.tries++; sess.tries >= 3 {
			return sess.fail("policy-violation")
		}
		return nil
	}
	if e.attr("mechanism") != "PLAIN" {
		return refuse("invalid-mechanism")
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(e.text))
	parts := strings.Split(string(raw), "\x00")
	if err != nil || len(parts) != 3 {
		return refuse("malformed-request")
	}
	a := sess.s.agent(parts[1])
	if a == nil || parts[2] != sess.s.cfg.Password {
		return refuse("not-authorized")
	}
	if want := a.id + "@" + sess.s.cfg.Domain; parts[0] != "" && !strings.EqualFold(parts[0], want) && parts[0] != a.id {
		return refuse("invalid-authzid")
	}
	sess.agent = a
	sess.send(`<success xmlns="` + nsSASL + `"/>`)
	sess.t.restart()
	return nil
}

func (sess *session) presence(e *element) {
	s := sess.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if sess.resource == "" || e.attr("to") != "" {
		return
	}
	was := sess.available
	switch e.attr("type") {
	case "":
		sess.available = !strings.HasPrefix(strings.TrimSpace(e.value("priority")), "-")
	case "unavailable":
		sess.available = false
	}
	if sess.available && !was {
		s.sendServerPresence(sess)
	}
	s.life.Changed()
}

// sendServerPresence tells that the user "finesse" is there or not: the
// documents have clients check it before they trust the link. Its exact
// attributes are inferred.
func (s *Server) sendServerPresence(sess *session) {
	ns, kind := "", ""
	if sess.framed {
		ns = ` xmlns="` + nsClient + `"`
	}
	if s.outage {
		kind = ` type="unavailable"`
	}
	sess.send(`<presence` + ns + ` from="finesse@` + s.cfg.Domain + `" to="` + escape(sess.full()) + `"` + kind + `/>`)
}

// bind gives the session its place. A second session with the same resource
// replaces the first, as Openfire does.
func (sess *session) bind(resource string) {
	s := sess.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if resource == "" {
		resource = string(s.appendRandom(nil, 8))
	}
	for _, other := range sess.agent.sessions {
		if other.resource == resource {
			_ = other.fail("conflict")
			other.out.finish()
			s.unlist(other)
			break
		}
	}
	sess.resource = resource
	sess.agent.sessions = append(sess.agent.sessions, sess)
	s.sessions++
	s.life.Changed()
}

func (s *Server) forget(sess *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, sess)
	s.unlist(sess)
	s.life.Changed()
}

func (s *Server) unlist(sess *session) {
	if sess.agent == nil {
		return
	}
	if i := slices.Index(sess.agent.sessions, sess); i >= 0 {
		sess.agent.sessions = slices.Delete(sess.agent.sessions, i, i+1)
		s.sessions--
	}
	sess.available = false
}

func (s *Server) token() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.appendRandom(nil, 10))
}

func escape(v string) string { return string(appendText(nil, v, false)) }

func localPart(jid string) string { local, _, _ := strings.Cut(jid, "@"); return local }

func splitResource(jid string) (bare, resource string) {
	bare, resource, _ = strings.Cut(jid, "/")
	return bare, resource
}
