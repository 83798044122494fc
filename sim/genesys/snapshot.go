package genesys

import (
	"maps"
	"slices"
	"strings"
)

// publish gives the whole state of the conversation out: to every user who was ever in it, and to its queues. That is
// what the conversations topics carry; there is no other word of what changed.
func (c *conversation) publish() {
	c.s.life.Changed()
	var users, queues []string
	var calls, callbacks bool
	for _, p := range c.parties {
		if p.user != nil && !slices.Contains(users, p.user.id) {
			users = append(users, p.user.id)
		}
		if p.queue != nil && !slices.Contains(queues, p.queue.id) {
			queues = append(queues, p.queue.id)
		}
		calls = calls || p.session(voice) != nil
		callbacks = callbacks || p.session(callback) != nil
	}
	whole := &once{make: func() any { return c.view(false) }}
	call := &once{make: func() any { return c.mediaView(voice) }}
	back := &once{make: func() any { return c.mediaView(callback) }}
	tell := func(template, id string) {
		c.s.publish(template, id, whole)
		if calls {
			c.s.publish(template+".calls", id, call)
		}
		if callbacks {
			c.s.publish(template+".callbacks", id, back)
		}
	}
	for _, id := range users {
		tell("v2.users.{id}.conversations", id)
	}
	for _, id := range queues {
		tell("v2.routing.queues.{id}.conversations", id)
	}
}

func (c *conversation) view(rest bool) conversationView {
	v := conversationView{ID: c.id, Participants: make([]participantView, 0, len(c.parties)), Transfers: []transferView{},
		RecordingState: c.recordingState, SecurePause: c.securePause,
		Divisions: []divisionView{{ref{ID: c.s.org.division}, []any{}}}}
	v.Transfers = append(v.Transfers, c.transfers...)
	if c.customer != "" && c.direction == "inbound" {
		v.Address = "tel:" + c.customer
	}
	for _, p := range c.parties {
		v.Participants = append(v.Participants, c.participant(p, rest))
	}
	return v
}

// wrapupTimeout is the queue's: after it the platform would end the wrap-up.
const wrapupTimeout = 300_000

func (c *conversation) participant(p *party, rest bool) participantView {
	v := participantView{ID: p.id, ConnectedTime: moment(p.connected), EndTime: moment(p.ended), Name: p.name, Purpose: p.purpose,
		Consult: p.consult, Address: p.address, WrapupRequired: p.wrapupOwed, WrapupExpected: p.wrapupOwed, WrapupPrompt: "optional",
		WrapupTimeout: wrapupTimeout, Wrapup: p.wrapup, StartACW: moment(p.acwFrom), EndACW: moment(p.acwTo),
		Attributes: maps.Clone(p.attributes), Calls: []callView{}, Callbacks: []callbackView{}}
	if p.user != nil {
		v.UserID = p.user.id
	}
	if p.queue != nil {
		v.QueueID = p.queue.id
	}
	for _, ss := range p.sessions {
		if ss.media == voice {
			v.Calls = append(v.Calls, c.callOf(p, ss, rest))
		} else {
			v.Callbacks = append(v.Callbacks, c.callbackOf(ss, rest))
		}
	}
	return v
}

func (c *conversation) callOf(p *party, ss *session, rest bool) callView {
	v := callView{ID: ss.id, State: ss.state, Initial: ss.initial, Direction: ss.direction, RecordingState: "none",
		Muted: ss.muted, Confined: ss.confined, Held: ss.held, SecurePause: c.securePause && p.member(),
		Self: addressOf(ss.self), Other: addressOf(ss.other), Provider: provider(voice), PeerID: ss.peer,
		StartHold: moment(ss.holdAt), Connected: moment(ss.connectedAt), Disconnected: moment(ss.endedAt),
		DisconnectType: ss.disconnectType, ACWRequired: ss.acwOwed, ACW: ss.acw.view(), Wrapup: ss.wrapup, TransferSource: p.source}
	if c.disposition != "" && p.purpose == isCustomer && !ss.connectedAt.IsZero() {
		v.Disposition = &dispositionView{c.disposition, "speech"}
	}
	if p.member() && c.campaign != nil && c.campaign.script != "" {
		v.ScriptID = c.campaign.script
	}
	if rest {
		v.StartAlerting = moment(ss.alertAt)
	}
	return v
}

func (c *conversation) callbackOf(ss *session, rest bool) callbackView {
	v := callbackView{ID: ss.id, State: ss.state, Initial: ss.initial, Direction: ss.direction, Held: ss.held, Preview: ss.preview,
		Numbers: c.numbers(), UserName: c.contactName(), ScriptID: c.campaign.script, Skippable: ss.skippable, Timeout: ss.timeout,
		Provider: provider(callback), StartHold: moment(ss.holdAt), Connected: moment(ss.connectedAt), Disconnected: moment(ss.endedAt),
		DisconnectType: ss.disconnectType, ACWRequired: ss.acwOwed, ACW: ss.acw.view(), Wrapup: ss.wrapup}
	if rest {
		v.StartAlerting = moment(ss.alertAt)
	}
	return v
}

func provider(media string) string {
	if media == callback {
		return "PureCloud Callback"
	}
	return "Edge"
}

func addressOf(a string) addressView {
	raw := a
	if !strings.HasPrefix(a, "sip:") {
		raw = "tel:" + a
	}
	return addressView{Name: a, Normalized: a, Raw: raw, Displayable: a}
}
