package genesys

import (
	"cordboard/call"
)

// The words of the moments of a leg, as the catalog spells them.
const (
	wordAlerting     = "alerting"
	wordPreview      = "Preview"
	wordDialing      = "dialing"
	wordConnected    = "connected"
	wordHeld         = "held"
	wordDisconnected = "disconnected"
	wordACW          = "ACW"
	wordTerminated   = "terminated"
)

// The places of moments in the life of a leg. Each voice session of a callback has a row of ranks of its own.
const (
	rankAlerting   = 0
	rankPreview    = 1
	rankSpan       = 10 // of the first session; the next one has the next ten
	rankACW        = 1 << 20
	rankTerminated = rankACW + 1
)

const (
	spanDialing = iota
	spanConnected
	spanTalk // holds, and what else happens within the talk
	spanDisconnected
)

func rankOf(span, place int) int { return rankSpan*(span+1) + place }

// The dialing modes of campaigns (Platform API, "Campaign", dialingMode). An external campaign is dialled by somebody
// else's dialer and handled as if the agent had dialled (inferred); an agentless one has no agent.
var dialingModes = map[string]call.Mode{
	"preview": call.Preview, "progressive": call.Progressive, "power": call.Power, "predictive": call.Predictive,
	"external": call.Manual,
}

// isDialer reports whether in a mode the customer is on the line before the agent.
func isDialer(m call.Mode) bool {
	return m == call.Progressive || m == call.Power || m == call.Predictive
}

// offerPhase is the phase of an alert: a customer whom the dialer has on the line is ringing at the agent, a caller and a
// preview are an offer.
func (c *conversation) offerPhase(l *leg) call.Phase {
	switch {
	case l.role == call.ConsultLeg:
		return call.Consulting
	case isDialer(c.mode):
		return call.Ringing
	}
	return call.Offered
}

// talkPhase is the phase of a leg that talks.
func (l *leg) talkPhase() call.Phase {
	switch {
	case l.role == call.ConsultLeg:
		return call.Consulting
	case l.joined != "":
		return call.Conferenced
	}
	return call.Answered
}

// callType is the word for the call's direction.
func (c *conversation) callType() string {
	if c.direction == inbound {
		return "Inbound"
	}
	return "Outbound"
}

// The directions of a call.
const (
	inbound  = "inbound"
	outbound = "outbound"
)

// settle works the call's mode out of what is known by now.
func (d *Decoder) settle(c *conversation) {
	if c.dialing == "" && c.contact.campaign != "" {
		known, ok := d.campaigns[c.contact.campaign]
		switch {
		case ok && known.dialing != "":
			c.dialing, c.dirty = known.dialing, true
		case !ok && !c.preview && c.mode == "":
			d.want(c.contact.campaign)
		}
	}
	switch {
	case c.mode != "":
	case c.preview:
		c.mode = call.Preview
		if c.dialing == "" {
			c.dialing = "preview"
		}
	case c.dialing != "":
		c.mode = dialingModes[c.dialing]
	case c.contact.campaign != "":
	case c.direction == inbound:
		c.mode = call.Inbound
	case c.began() && (c.whole || c.patient):
		c.mode = call.Manual
	}
}

// began reports whether the first agent dialled the call, or took a callback.
func (c *conversation) began() bool {
	return len(c.legs) > 0 && (c.legs[0].dialled || c.legs[0].callback)
}

func (d *Decoder) want(campaign string) {
	for _, w := range d.wanted {
		if w == campaign {
			return
		}
	}
	d.wanted = append(d.wanted, campaign)
}

// waitsForMode reports whether it is worth waiting for the call's mode: its campaign is asked for, or a dialer must have
// placed it and has not said so yet.
func (c *conversation) waitsForMode() bool {
	if c.mode != "" || c.patient {
		return false
	}
	return c.contact.campaign != "" || c.direction != inbound
}
