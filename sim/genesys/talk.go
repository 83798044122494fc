package genesys

import (
	"maps"
	"time"
)

// How a session moves.

// connect opens a party's communication.
func (c *conversation) connect(p *party, ss *session) {
	ss.state, ss.connectedAt = connected, c.now()
	if p.connected.IsZero() {
		p.connected = ss.connectedAt
	}
}

// join begins the talk of two sides that are both connected.
func (c *conversation) join(sessions ...*session) {
	for _, ss := range sessions {
		if ss != nil && ss.talkAt.IsZero() {
			ss.talkAt = c.now()
		}
	}
}

// endSession ends a communication, without a word of it.
func (c *conversation) endSession(p *party, ss *session, why string) {
	if !ss.live() {
		return
	}
	now := c.now()
	if ss.held {
		c.unhold(ss)
	}
	ss.state, ss.disconnectType, ss.endedAt, ss.confined, ss.muted = disconnected, why, now, false, false
	if !p.live() {
		p.ended = now
	}
	if p.user != nil {
		p.user.busy--
	}
}

// conclude turns sessions that are over and owe no wrap-up into terminated ones. It says whether any was.
func (c *conversation) conclude() bool {
	changed := false
	for _, p := range c.parties {
		for _, ss := range p.sessions {
			if ss.state == disconnected && !ss.acw.pending() {
				ss.state, changed = terminated, true
			}
		}
	}
	return changed
}

func (c *conversation) unhold(ss *session) {
	ss.heldFor += c.now().Sub(ss.holdAt)
	ss.held, ss.holdAt = false, time.Time{}
}

// hold puts the other side on hold, or takes it back. Real orgs tell either twice within milliseconds.
func (c *conversation) hold(p *party, media string, on bool) *apiError {
	ss := p.session(media)
	if !ss.is(connected) {
		return notNow("The communication is not connected.")
	}
	if ss.held == on {
		return nil
	}
	if on {
		ss.held, ss.holdAt = true, c.now()
	} else {
		c.unhold(ss)
	}
	if other := c.remote(); media == voice && other != nil && other.session(voice).is(connected) {
		other.session(voice).confined = on
	}
	c.publish()
	c.publish()
	return nil
}

func (c *conversation) mute(p *party, on bool) *apiError {
	ss := p.session(voice)
	if !ss.is(connected) {
		return notNow("The communication is not connected.")
	}
	ss.muted = on
	c.publish()
	return nil
}

// setRecording sets the recording state. A paused recording is what the user interface calls secure pause (inferred).
func (c *conversation) setRecording(state string) *apiError {
	states := map[string]string{"ACTIVE": "active", "PAUSED": "paused", "NONE": "none"}
	to, ok := states[state]
	if !ok {
		return badValue("recordingState", state, "NONE", "ACTIVE", "PAUSED")
	}
	c.recordingState, c.securePause = to, to == "paused"
	c.publish()
	return nil
}

// setAttributes adds attributes to a participant; an empty value takes one away.
func (c *conversation) setAttributes(p *party, attributes map[string]string) {
	maps.Copy(p.attributes, attributes)
	maps.DeleteFunc(p.attributes, func(_, v string) bool { return v == "" })
	if ss := p.talk(); ss != nil {
		c.tell("attributes", p, ss, func(e *detailEvent) {
			e.SessionID, e.MediaType, e.Provider, e.Direction, e.ANI, e.DNIS, e.CallbackName, e.CallbackTo = "", "", "", "", "", "", "", nil
			e.UserID, e.QueueID = "", ""
			e.Attributes = maps.Clone(attributes)
			for _, ss := range p.sessions {
				e.Communications = append(e.Communications, map[string]string{"id": ss.id, "mediaType": ss.media})
			}
		})
	}
	c.publish()
}
