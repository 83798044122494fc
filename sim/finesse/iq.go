package finesse

import (
	"context"
	"slices"
	"strings"
	"time"
)

// iq answers the requests that an XMPP client makes: bind, session, ping,
// pubsub, and the few that libraries send unasked.
func (sess *session) iq(e *element) error {
	kind := e.attr("type")
	if kind == "result" || kind == "error" {
		sess.s.mu.Lock()
		sess.pinged = false
		sess.s.life.Changed()
		sess.s.mu.Unlock()
		return nil
	}
	if len(e.kids) != 1 || (kind != "get" && kind != "set") {
		sess.iqError(e, "modify", "bad-request")
		return nil
	}
	ask := e.kids[0]
	if sess.resource == "" && ask.Space != nsBind {
		return sess.fail("not-authorized")
	}
	switch {
	case ask.Space == nsBind && kind == "set" && sess.resource == "":
		sess.bind(strings.TrimSpace(ask.value("resource")))
		sess.iqResult(e, `<bind xmlns="`+nsBind+`"><jid>`+escape(sess.full())+`</jid></bind>`)
	case ask.Space == nsSession, ask.Space == nsPing:
		sess.iqResult(e, "")
	case ask.Space == nsPubsub:
		sess.pubsub(e, ask)
	case ask.Space == "jabber:iq:roster" && kind == "get":
		sess.iqResult(e, `<query xmlns="jabber:iq:roster"/>`)
	case ask.Space == "http://jabber.org/protocol/disco#info" && kind == "get":
		sess.discover(e)
	default:
		sess.iqError(e, "cancel", "service-unavailable")
	}
	return nil
}

func (sess *session) iqHead(e *element, kind string) string {
	ns, from := "", ""
	if sess.framed {
		ns = ` xmlns="` + nsClient + `"`
	}
	if to := e.attr("to"); to != "" {
		from = ` from="` + escape(to) + `"`
	}
	to := ""
	if sess.resource != "" {
		to = ` to="` + escape(sess.full()) + `"`
	}
	return `<iq` + ns + ` type="` + kind + `" id="` + escape(e.attr("id")) + `"` + from + to + `>`
}

func (sess *session) iqResult(e *element, body string) {
	sess.send(sess.iqHead(e, "result") + body + `</iq>`)
}

func (sess *session) iqError(e *element, kind, condition string) {
	sess.send(sess.iqHead(e, "error") + `<error type="` + kind + `"><` + condition + ` xmlns="` + nsStanzas + `"/></error></iq>`)
}

func (sess *session) discover(e *element) {
	const ns = "http://jabber.org/protocol/disco#info"
	identity := `<identity category="server" type="im" name="Finesse simulator"/><feature var="` + nsPing + `"/>`
	if strings.HasPrefix(e.attr("to"), "pubsub.") {
		identity = `<identity category="pubsub" type="service"/><feature var="` + nsPubsub + `"/>`
	}
	sess.iqResult(e, `<query xmlns="`+ns+`">`+identity+`<feature var="`+ns+`"/></query>`)
}

// pubsub subscribes and unsubscribes. A subscription belongs to the JID that
// it names and outlives the session (documented: unsubscribe before leaving).
func (sess *session) pubsub(e, ask *element) {
	s := sess.s
	if e.attr("to") != "pubsub."+s.cfg.Domain {
		sess.iqError(e, "cancel", "service-unavailable")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if sub := ask.kid("subscribe"); sub != nil {
		node, jid := sub.attr("node"), sub.attr("jid")
		if condition := s.maySubscribe(sess, node, jid); condition != "" {
			sess.iqError(e, "auth", condition)
			return
		}
		if !slices.Contains(s.subs[node], jid) {
			s.subs[node] = append(s.subs[node], jid)
		}
		sess.iqResult(e, `<pubsub xmlns="`+nsPubsub+`"><subscription node="`+escape(node)+`" jid="`+escape(jid)+`" subscription="subscribed"/></pubsub>`)
		return
	}
	if sub := ask.kid("unsubscribe"); sub != nil {
		node, jid := sub.attr("node"), sub.attr("jid")
		i := slices.Index(s.subs[node], jid)
		if i < 0 {
			sess.iqError(e, "cancel", "unexpected-request")
			return
		}
		if s.subs[node] = slices.Delete(s.subs[node], i, i+1); len(s.subs[node]) == 0 {
			delete(s.subs, node)
		}
		sess.iqResult(e, "")
		return
	}
	sess.iqError(e, "cancel", "feature-not-implemented")
}

// maySubscribe returns the error condition, "" when the subscription is fine.
// That an agent may not listen to another agent's nodes is inferred: no page
// says that one may.
func (s *Server) maySubscribe(sess *session, node, jid string) string {
	bare, _ := splitResource(jid)
	if !strings.EqualFold(bare, sess.bare()) {
		return "not-authorized"
	}
	switch own := sess.agent.node(); {
	case node == systemNode, node == "/finesse/api/Team/"+teamID+"/Users", node == own, strings.HasPrefix(node, own+"/"):
		return ""
	case strings.HasPrefix(node, "/finesse/api/User/"), strings.HasPrefix(node, "/finesse/api/Team/"):
		return "forbidden"
	}
	return "item-not-found"
}

// ping sends every session a ping and cuts those that have been silent since
// the one before, as well as those that never came to signing in.
func (s *Server) ping() {
	s.mu.Lock()
	defer s.mu.Unlock()
	limit := time.Now().Add(-2 * s.cfg.PingEvery).UnixNano()
	for _, a := range s.agents {
		for _, sess := range a.sessions {
			if sess.pinged && sess.heard.Load() < limit {
				s.spawnKill(sess.t)
				continue
			}
			sess.ping()
		}
	}
	for sess := range s.all {
		if sess.resource == "" && sess.heard.Load() < limit {
			s.spawnKill(sess.t)
		}
	}
}

func (sess *session) ping() {
	s, ns := sess.s, ""
	sess.pinged = true
	if sess.framed {
		ns = ` xmlns="` + nsClient + `"`
	}
	sess.send(`<iq` + ns + ` type="get" id="ping-` + string(s.appendRandom(nil, 6)) + `" from="` + s.cfg.Domain +
		`" to="` + escape(sess.full()) + `"><ping xmlns="` + nsPing + `"/></iq>`)
}

// Ping pings the agent's sessions and waits until all of them have answered.
func (s *Server) Ping(ctx context.Context, id string) error {
	if err := s.withAgent(id, func(a *agent) {
		for _, sess := range a.sessions {
			sess.ping()
		}
	}); err != nil {
		return err
	}
	return s.life.Await(ctx, func() bool {
		for _, sess := range s.agent(id).sessions {
			if sess.pinged {
				return false
			}
		}
		return true
	})
}
