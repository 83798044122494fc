package genesys

import (
	"cmp"
	"time"
)

// snapshot is a conversation as a notification or the REST interface shows it: all of it, every time.
type snapshot struct {
	id    string
	ended time.Time // REST only
	parts []part
}

// part is one participant. Genesys adds one for everybody whom the call comes to, and never takes one away: an agent who
// was alerted twice has two.
type part struct {
	id, user, purpose string
	queue, queueName  string
	address           string
	started           time.Time // REST only: when the participant was added
	connected, ended  time.Time
	consult           string // who is talked about, on everybody who takes part in a consult
	watches           bool   // a supervisor who listens, not a party
	attributes        []attribute
	wrapup            string
	acwStart, acwEnd  time.Time
	calls, callbacks  []session
	flat              bool // from a topic of one kind of media, where the participant is its own session
}

type attribute struct{ name, value string }

// session is one communication of a participant: a call or a callback.
type session struct {
	id, state, initial, direction, peer string
	held, confined                      bool
	holdStart, connected, disconnected  time.Time
	disconnectType                      string
	other                               string // the number at the other end
	acw                                 string // state of the after-call work
	acwStart, acwEnd                    time.Time
	wrapup                              string
	preview                             contact
}

// contact is what a dialer knows of whom it dials.
type contact struct{ campaign, list, contact, column string }

// The states of a session, and of its after-call work (Platform API, "Conversation Call").
const (
	alerting     = "alerting"
	dialing      = "dialing"
	contacting   = "contacting"
	connected    = "connected"
	disconnected = "disconnected"
	terminated   = "terminated"

	pending  = "pending"
	complete = "complete"
	skipped  = "skipped"
)

func (s *session) over() bool { return s.state == disconnected || s.state == terminated }

// readSnapshot reads a conversation. Participants whose media is no call are read and have no sessions. Media is "calls"
// or "callbacks" for the topics of one kind of media, else "".
func readSnapshot(c *cursor, media string) snapshot {
	var s snapshot
	c.object(func(key string) {
		switch key {
		case "id":
			s.id = c.text()
		case "endTime":
			s.ended = c.moment()
		case "participants":
			c.array(func() { s.parts = append(s.parts, readPart(c, media)) })
		}
	})
	return s
}

func readPart(c *cursor, media string) part {
	p := part{flat: media != ""}
	var own session // of a flat participant
	c.object(func(key string) {
		switch key {
		case "id":
			p.id = c.text()
		case "userId":
			p.user = c.text()
		case "purpose":
			p.purpose = c.word()
		case "queueId":
			p.queue = c.text()
		case "queueName":
			p.queueName = c.text()
		case "address":
			p.address = c.text()
		case "startTime":
			p.started = c.moment()
		case "connectedTime":
			p.connected = c.moment()
			own.connected = p.connected
		case "endTime":
			p.ended = c.moment()
			own.disconnected = p.ended
		case "consultParticipantId":
			p.consult = c.text()
		case "monitoredParticipantId", "coachedParticipantId":
			p.watches = c.text() != "" || p.watches
		case "attributes":
			c.object(func(name string) { p.attributes = append(p.attributes, attribute{name, c.text()}) })
		case "wrapup":
			p.wrapup = readWrapup(c)
		case "startAcwTime":
			p.acwStart = c.moment()
		case "endAcwTime":
			p.acwEnd = c.moment()
		case "calls":
			c.array(func() { p.calls = append(p.calls, readSession(c)) })
		case "callbacks":
			c.array(func() { p.callbacks = append(p.callbacks, readSession(c)) })
		case "user":
			p.user = cmp.Or(readID(c), p.user)
		case "queue":
			p.queue = cmp.Or(readID(c), p.queue)
		default:
			if p.flat {
				own.read(c, key)
			}
		}
	})
	switch media {
	case "calls":
		p.calls = append(p.calls, own)
	case "callbacks":
		p.callbacks = append(p.callbacks, own)
	}
	return p
}

func readSession(c *cursor) session {
	var s session
	c.object(func(key string) { s.read(c, key) })
	return s
}

// read takes one field of a session in.
func (s *session) read(c *cursor, key string) {
	switch key {
	case "id":
		s.id = c.text()
	case "state":
		s.state = c.word()
	case "initialState":
		s.initial = c.word()
	case "direction":
		s.direction = c.word()
	case "held":
		s.held = c.flag()
	case "confined":
		s.confined = c.flag()
	case "startHoldTime":
		s.holdStart = c.moment()
	case "connectedTime":
		s.connected = c.moment()
	case "disconnectedTime":
		s.disconnected = c.moment()
	case "disconnectType":
		s.disconnectType = c.text()
	case "peerId":
		s.peer = c.text()
	case "other":
		s.other = readAddress(c)
	case "callbackNumbers":
		c.array(func() { s.other = cmp.Or(s.other, c.text()) })
	case "afterCallWork":
		c.object(func(key string) {
			switch key {
			case "state":
				s.acw = c.word()
			case "startTime":
				s.acwStart = c.moment()
			case "endTime":
				s.acwEnd = c.moment()
			}
		})
	case "wrapup":
		s.wrapup = readWrapup(c)
	case "dialerPreview", "outboundPreview":
		s.preview = readPreview(c)
	}
}

func readWrapup(c *cursor) (code string) {
	c.object(func(key string) {
		if key == "code" {
			code = c.text()
		}
	})
	return code
}

func readID(c *cursor) (id string) {
	c.object(func(key string) {
		if key == "id" {
			id = c.text()
		}
	})
	return id
}

func readAddress(c *cursor) string {
	var normalized, raw string
	c.object(func(key string) {
		switch key {
		case "addressNormalized":
			normalized = c.text()
		case "addressRaw":
			raw = c.text()
		}
	})
	return cmp.Or(normalized, raw)
}

func readPreview(c *cursor) contact {
	var p contact
	c.object(func(key string) {
		switch key {
		case "contactId":
			p.contact = c.text()
		case "contactListId":
			p.list = c.text()
		case "campaignId":
			p.campaign = c.text()
		case "phoneNumberColumns":
			c.array(func() {
				c.object(func(key string) {
					if key == "columnName" {
						p.column = cmp.Or(p.column, c.text())
					}
				})
			})
		}
	})
	return p
}
