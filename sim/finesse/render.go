package finesse

import (
	"time"
	"unicode/utf8"
)

// xmlText builds XML by appending. In a notification the payload is one
// escaped string, so with wire set every tag is written escaped and every
// value escaped twice; without it the same code writes a REST body.
type xmlText struct {
	b    []byte
	wire bool
}

func (x *xmlText) open(tag string) {
	if x.wire {
		x.b = append(append(append(x.b, "&lt;"...), tag...), "&gt;"...)
		return
	}
	x.b = append(append(append(x.b, '<'), tag...), '>')
}

func (x *xmlText) close(tag string) {
	if x.wire {
		x.b = append(append(append(x.b, "&lt;/"...), tag...), "&gt;"...)
		return
	}
	x.b = append(append(append(x.b, "</"...), tag...), '>')
}

func (x *xmlText) leaf(tag, value string) {
	x.open(tag)
	x.b = appendText(x.b, value, x.wire)
	x.close(tag)
}

func (x *xmlText) stamp(tag string, t time.Time) {
	x.open(tag)
	x.b = t.UTC().AppendFormat(x.b, "2006-01-02T15:04:05.000Z")
	x.close(tag)
}

// appendText escapes a value once, or twice when it stands in an escaped
// payload. What XML 1.0 cannot carry at all becomes U+FFFD.
func appendText(b []byte, v string, twice bool) []byte {
	for i := 0; i < len(v); {
		c := v[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(v[i:])
			if r == 0xFFFE || r == 0xFFFF {
				r = utf8.RuneError
			}
			b = utf8.AppendRune(b, r)
			i += n
			continue
		}
		i++
		entity := ""
		switch {
		case c == '&':
			entity = "amp;"
		case c == '<':
			entity = "lt;"
		case c == '>':
			entity = "gt;"
		case c == '"':
			entity = "quot;"
		case c == '\'':
			entity = "apos;"
		case c == '\r':
			entity = "#13;"
		case c < 0x20 && c != '\t' && c != '\n':
			b = append(b, "\uFFFD"...)
			continue
		default:
			b = append(b, c)
			continue
		}
		b = append(b, '&')
		if twice {
			b = append(b, "amp;"...)
		}
		b = append(b, entity...)
	}
	return b
}

// update writes <Update> around a data child.
func (x *xmlText) update(event, request, source string, data func()) {
	x.open("Update")
	x.open("data")
	data()
	x.close("data")
	x.leaf("event", event)
	x.leaf("requestId", request)
	x.leaf("source", source)
	x.close("Update")
}

// dialog writes one dialog as the agent sees it, in the recorded order of
// elements. show chooses the participants.
func (x *xmlText) dialog(tag string, d *dialog, a *agent, show func(*party) bool) {
	x.open(tag)
	x.leaf("associatedDialogUri", d.associatedFor(a))
	x.leaf("fromAddress", d.from)
	x.leaf("id", d.id)
	if d.secondary != "" {
		x.leaf("secondaryId", d.secondary)
	}
	x.media(d, a)
	x.leaf("mediaType", "Voice")
	x.open("participants")
	own := d.party(a)
	if own != nil && show(own) {
		x.participant(d, own)
	}
	for _, p := range d.parties {
		if p != own && show(p) {
			x.participant(d, p)
		}
	}
	x.close("participants")
	x.leaf("state", d.state)
	x.leaf("toAddress", d.to)
	x.leaf("uri", d.uri())
	x.close(tag)
}

func (x *xmlText) media(d *dialog, a *agent) {
	x.open("mediaProperties")
	x.leaf("DNIS", d.dnis)
	x.leaf("callType", d.callTypeFor(a))
	x.leaf("dialedNumber", d.dialled)
	x.leaf("outboundClassification", "")
	if d.wrapUp != "" {
		x.leaf("wrapUpReason", d.wrapUp)
	}
	x.open("callvariables")
	for _, v := range d.vars {
		x.open("CallVariable")
		x.leaf("name", v.name)
		x.leaf("value", v.value)
		x.close("CallVariable")
	}
	x.close("callvariables")
	x.close("mediaProperties")
}

func (x *xmlText) participant(d *dialog, p *party) {
	x.open("Participant")
	x.open("actions")
	for _, action := range d.actions(p) {
		x.leaf("action", action)
	}
	x.close("actions")
	x.leaf("mediaAddress", p.address)
	device := ""
	if p.device {
		device = "AGENT_DEVICE"
	}
	x.leaf("mediaAddressType", device)
	x.stamp("startTime", d.start)
	x.leaf("state", p.state)
	x.leaf("stateCause", p.cause)
	x.stamp("stateChangeTime", p.changed)
	x.close("Participant")
}

// user writes a user; the tag is "user" in notifications and "User" in REST
// answers, which also carry the reason code.
func (x *xmlText) user(tag string, a *agent) {
	x.open(tag)
	x.leaf("dialogs", a.dialogsNode())
	x.leaf("extension", a.ext)
	x.leaf("firstName", a.first)
	x.leaf("lastName", a.last)
	x.leaf("loginId", a.id)
	x.leaf("loginName", "agent"+a.id)
	x.leaf("mediaType", "1")
	x.leaf("pendingState", a.pending)
	if a.reason != "" {
		x.leaf("reasonCodeId", a.reason)
	}
	x.open("roles")
	x.leaf("role", "Agent")
	x.close("roles")
	x.open("settings")
	x.leaf("wrapUpOnIncoming", "OPTIONAL")
	x.leaf("wrapUpOnOutgoing", "OPTIONAL")
	x.close("settings")
	x.leaf("state", a.state)
	x.stamp("stateChangeTime", a.since)
	x.leaf("teamId", teamID)
	x.leaf("teamName", "Renewals")
	x.leaf("uri", a.node())
	x.close(tag)
}

// teamID is the one team that all agents belong to.
const teamID = "11"
