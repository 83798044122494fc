package finesse

// Publishing: a change becomes a payload, the payload goes through the
// agent's feed (where the network faults are), and from there to every
// session that is subscribed and available. Nothing is kept for those who
// are not there: XEP-0198 is off on Finesse, so a break loses messages.
// All functions here run under Server.mu.

// The three ways in which a dialog message arrives.
func (s *Server) post(d *dialog, a *agent)   { s.postShowing(d, a, present) }
func (s *Server) put(d *dialog, a *agent)    { s.putRequest(d, a, "") }
func (s *Server) delete(d *dialog, a *agent) { s.deleteShowing(d, a, ownOrGone(d.party(a))) }

// present shows everybody but those whom a blind transfer took out.
func present(p *party) bool { return !p.gone }

func everybody(*party) bool { return true }

// ownOrGone is what a DELETE shows: the agent, and agents who left by a blind
// transfer, as recorded.
func ownOrGone(own *party) func(*party) bool {
	return func(p *party) bool { return p == own || p.gone }
}

func (s *Server) postShowing(d *dialog, a *agent, show func(*party) bool) {
	s.publishDialogs("POST", d, a, show)
}

func (s *Server) deleteShowing(d *dialog, a *agent, show func(*party) bool) {
	if a == nil {
		return
	}
	s.publishDialogs("DELETE", d, a, show)
	a.drop(d)
}

func (s *Server) publishDialogs(event string, d *dialog, a *agent, show func(*party) bool) {
	if a == nil {
		return
	}
	x := s.payload()
	x.update(event, "", a.dialogsNode(), func() {
		x.open("dialogs")
		x.dialog("Dialog", d, a, show)
		x.close("dialogs")
	})
	s.toAgent(a, a.dialogsNode(), x.b)
}

func (s *Server) putRequest(d *dialog, a *agent, request string) {
	if a == nil {
		return
	}
	x := s.payload()
	x.update("PUT", request, d.uri(), func() { x.dialog("dialog", d, a, present) })
	s.toAgent(a, a.dialogsNode(), x.b)
}

// putAll tells every agent of the dialog who is not through with it; the
// agent who asked gets the request id.
func (s *Server) putAll(d *dialog, asker *agent, request string) {
	for _, p := range d.parties {
		if p.agent == nil || p.gone || p.state == dropped {
			continue
		}
		id := ""
		if p.agent == asker {
			id = request
		}
		s.putRequest(d, p.agent, id)
	}
}

func (s *Server) publishUser(a *agent, request string) {
	x := s.payload()
	x.update("PUT", request, a.node(), func() { x.user("user", a) })
	s.toAgent(a, a.node(), x.b)
	if node := "/finesse/api/Team/" + teamID + "/Users"; len(s.subs[node]) > 0 && !s.outage {
		s.toSubscribers(node, x.b)
	}
}

// publishRefusal is the asynchronous error of a request that was taken with
// 202; its event is written in lower case, as recorded.
func (s *Server) publishRefusal(a *agent, source string, r *refusal, request string) {
	x := s.payload()
	x.update("put", request, source, func() {
		x.open("apiErrors")
		x.open("apiError")
		x.leaf("errorData", r.data)
		x.leaf("errorMessage", r.message)
		x.leaf("errorType", r.kind)
		x.close("apiError")
		x.close("apiErrors")
	})
	node := a.node()
	if source != node {
		node = a.dialogsNode()
	}
	s.toAgent(a, node, x.b)
}

const systemNode = "/finesse/api/SystemInfo"

func (s *Server) publishSystem() {
	x := s.payload()
	x.update("PUT", "", systemNode, func() {
		x.open("systemInfo")
		x.leaf("status", s.status())
		x.leaf("uri", systemNode)
		x.close("systemInfo")
	})
	for _, a := range s.agents {
		for _, sess := range a.sessions {
			s.toSession(sess, sess.bare(), systemNode, x.b)
		}
	}
	s.toSubscribers(systemNode, x.b)
}

// payload is the scratch text of the next notification; it is copied before
// the next one begins.
func (s *Server) payload() *xmlText {
	s.scratch.b = s.scratch.b[:0]
	s.scratch.wire = true
	return &s.scratch
}

// A feed is an agent's way out, with the faults that tests ask for.
type feed struct {
	holding bool
	waiting []notice // kept back while holding
	swap    bool     // the next two change places
	first   *notice  // the one that waits for its successor
	last    notice   // what Duplicate sends again
}

type notice struct {
	node    string
	payload []byte
}

func (s *Server) toAgent(a *agent, node string, payload []byte) {
	if s.outage {
		return
	}
	f := &a.feed
	if f.holding {
		f.waiting = append(f.waiting, notice{node, append([]byte(nil), payload...)})
		return
	}
	if f.swap {
		n := notice{node, append([]byte(nil), payload...)}
		if f.first == nil {
			f.first = &n
			return
		}
		first := *f.first
		f.swap, f.first = false, nil
		s.fanOut(a, n.node, n.payload)
		node, payload = first.node, first.payload
	}
	s.fanOut(a, node, payload)
}

func (s *Server) fanOut(a *agent, node string, payload []byte) {
	f := &a.feed
	f.last.node = node
	f.last.payload = append(f.last.payload[:0], payload...)
	s.published++
	for _, sess := range a.sessions {
		s.toSession(sess, sess.bare(), node, payload)
	}
	s.toSubscribers(node, payload)
}

// toSubscribers serves explicit subscriptions, which come on top of the
// automatic ones: whoever subscribes to an own node by full JID hears
// everything twice, as with other servers.
func (s *Server) toSubscribers(node string, payload []byte) {
	for _, jid := range s.subs[node] {
		bare, resource := splitResource(jid)
		a := s.agent(localPart(bare))
		if a == nil {
			continue
		}
		for _, sess := range a.sessions {
			if resource == "" || resource == sess.resource {
				s.toSession(sess, jid, node, payload)
			}
		}
	}
}

func (s *Server) toSession(sess *session, to, node string, payload []byte) {
	if !sess.available {
		return
	}
	sess.out.push(func(b []byte) []byte { return s.appendStanza(b, sess.framed, to, node, payload) })
}

func (s *Server) appendStanza(b []byte, framed bool, to, node string, payload []byte) []byte {
	b = append(b, "<message "...)
	if framed {
		b = append(b, `xmlns="jabber:client" `...)
	}
	b = append(b, `from="pubsub.`...)
	b = append(b, s.cfg.Domain...)
	b = append(b, `" to="`...)
	b = appendText(b, to, false)
	b = append(b, `" id="`...)
	b = append(b, node...)
	b = append(b, "__"...)
	b = appendText(b, to, false)
	b = append(b, "__"...)
	b = s.appendRandom(b, 5)
	b = append(b, `"><event xmlns="http://jabber.org/protocol/pubsub#event"><items node="`...)
	b = append(b, node...)
	b = append(b, `"><item id="`...)
	b = s.appendUUID(b)
	b = append(b, `"><notification xmlns="http://jabber.org/protocol/pubsub">`...)
	b = append(b, payload...)
	return append(b, `</notification></item></items></event></message>`...)
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

func (s *Server) appendRandom(b []byte, n int) []byte {
	r := s.random.Uint64()
	for range n {
		b = append(b, letters[r%uint64(len(letters))])
		r /= uint64(len(letters))
	}
	return b
}

func (s *Server) appendUUID(b []byte) []byte {
	const hex = "0123456789abcdef"
	hi, lo := s.random.Uint64(), s.random.Uint64()
	for i := range 32 {
		if i == 8 || i == 12 || i == 16 || i == 20 {
			b = append(b, '-')
		}
		v := &hi
		if i >= 16 {
			v = &lo
		}
		b = append(b, hex[*v&15])
		*v >>= 4
	}
	return b
}
