package genesys

import (
	"maps"
	"strings"
	"time"
)

// The AnalyticsConversation of a conversation: its participants' sessions in segments.

type analyticsConversation struct {
	ID           string                 `json:"conversationId"`
	Start        string                 `json:"conversationStart"`
	End          string                 `json:"conversationEnd,omitempty"`
	Direction    string                 `json:"originatingDirection"`
	Divisions    []string               `json:"divisionIds"`
	Participants []analyticsParticipant `json:"participants"`
}

type analyticsParticipant struct {
	ID         string             `json:"participantId"`
	Name       string             `json:"participantName,omitempty"`
	UserID     string             `json:"userId,omitempty"`
	Purpose    string             `json:"purpose"`
	Attributes map[string]string  `json:"attributes,omitempty"`
	Sessions   []analyticsSession `json:"sessions"`
}

type analyticsSession struct {
	Media       string             `json:"mediaType"`
	ID          string             `json:"sessionId"`
	Provider    string             `json:"provider"`
	Direction   string             `json:"direction"`
	ANI         string             `json:"ani,omitempty"`
	DNIS        string             `json:"dnis,omitempty"`
	Campaign    string             `json:"outboundCampaignId,omitempty"`
	Contact     string             `json:"outboundContactId,omitempty"`
	List        string             `json:"outboundContactListId,omitempty"`
	Script      string             `json:"scriptId,omitempty"`
	Scheduled   string             `json:"callbackScheduledTime,omitempty"`
	UserName    string             `json:"callbackUserName,omitempty"`
	Numbers     []string           `json:"callbackNumbers,omitempty"`
	Skip        *bool              `json:"skipEnabled,omitempty"`
	Timeout     *int               `json:"timeoutSeconds,omitempty"`
	Disposition string             `json:"dispositionName,omitempty"`
	Segments    []analyticsSegment `json:"segments"`
}

type analyticsSegment struct {
	Start      string  `json:"segmentStart"`
	End        string  `json:"segmentEnd,omitempty"`
	Queue      string  `json:"queueId,omitempty"`
	Code       string  `json:"wrapUpCode,omitempty"`
	Note       *string `json:"wrapUpNote,omitempty"`
	Disconnect string  `json:"disconnectType,omitempty"`
	Type       string  `json:"segmentType"` // alert, dial, interact, wrapup
	Conference bool    `json:"conference"`
}

func (c *conversation) analysed() analyticsConversation {
	v := analyticsConversation{ID: c.id, Start: stamp(c.start), End: moment(c.end), Direction: c.direction,
		Divisions: []string{c.s.org.division}, Participants: make([]analyticsParticipant, 0, len(c.parties))}
	for _, p := range c.parties {
		one := analyticsParticipant{ID: p.id, Name: p.name, Purpose: p.purpose, Attributes: maps.Clone(p.attributes),
			Sessions: []analyticsSession{}}
		if p.user != nil {
			one.UserID = p.user.id
		}
		for _, ss := range p.sessions {
			one.Sessions = append(one.Sessions, c.analysedSession(p, ss))
		}
		v.Participants = append(v.Participants, one)
	}
	return v
}

func (c *conversation) analysedSession(p *party, ss *session) analyticsSession {
	d := c.detail(p, ss)
	v := analyticsSession{Media: strings.ToLower(ss.media), ID: ss.id, Provider: provider(ss.media), Direction: ss.direction,
		ANI: d.ANI, DNIS: d.DNIS, UserName: d.CallbackName, Numbers: d.CallbackTo, Segments: segments(p, ss)}
	if c.campaign != nil {
		v.Campaign, v.Contact, v.List, v.Script = c.campaign.id, c.contact.id, c.campaign.list.id, c.campaign.script
	}
	if ss.media == callback {
		skip, timeout := ss.skippable, ss.timeout
		v.Skip, v.Timeout, v.Scheduled = &skip, &timeout, stamp(c.start)
	}
	if p.purpose == isCustomer && ss.media == voice {
		v.Disposition = c.disposition
	}
	return v
}

// segments are the stretches of a session: alerting or dialing, talking, wrapping up.
func segments(p *party, ss *session) []analyticsSegment {
	out := []analyticsSegment{}
	queue := ""
	if p.queue != nil && p.purpose != isCustomer {
		queue = p.queue.id
	}
	add := func(kind string, from, to time.Time) {
		if from.IsZero() {
			return
		}
		if to.IsZero() {
			to = ss.endedAt
		}
		one := analyticsSegment{Start: stamp(from), End: moment(to), Queue: queue, Type: kind}
		if !ss.endedAt.IsZero() && to.Equal(ss.endedAt) {
			one.Disconnect = ss.disconnectType
		}
		out = append(out, one)
	}
	add("alert", ss.alertAt, ss.connectedAt)
	add("dial", ss.dialAt, ss.talkAt)
	talk := ss.talkAt
	if talk.IsZero() && ss.dialAt.IsZero() {
		talk = ss.connectedAt
	}
	add("interact", talk, time.Time{})
	if ss.acw != nil {
		one := analyticsSegment{Start: stamp(ss.acw.from), End: moment(ss.acw.to), Queue: queue, Type: "wrapup",
			Disconnect: ss.disconnectType}
		if ss.wrapup != nil {
			one.Code, one.Note = ss.wrapup.Code, &ss.wrapup.Notes
		}
		out = append(out, one)
	}
	return out
}
