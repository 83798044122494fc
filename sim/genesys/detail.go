package genesys

import (
	"strings"
	"time"
)

// A detailEvent is the body of one v2.detail.events.conversation.{id}.… event: the common members, and those of its
// kind (the SDK's models of the detail event topics say which).
type detailEvent struct {
	EventTime      int64    `json:"eventTime"`
	ConversationID string   `json:"conversationId"`
	ParticipantID  string   `json:"participantId"`
	SessionID      string   `json:"sessionId,omitempty"`
	DisconnectType string   `json:"disconnectType,omitempty"`
	MediaType      string   `json:"mediaType,omitempty"`
	Provider       string   `json:"provider,omitempty"`
	Direction      string   `json:"direction,omitempty"`
	ANI            string   `json:"ani,omitempty"`
	DNIS           string   `json:"dnis,omitempty"`
	CallbackName   string   `json:"callbackUserName,omitempty"`
	CallbackTo     []string `json:"callbackNumbers,omitempty"`
	UserID         string   `json:"userId,omitempty"`
	DivisionID     string   `json:"divisionId,omitempty"`
	QueueID        string   `json:"queueId,omitempty"`

	Campaign string `json:"outboundCampaignId,omitempty"`
	List     string `json:"outboundContactListId,omitempty"`
	Contact  string `json:"outboundContactId,omitempty"`

	Outcome    string   `json:"acdOutcome,omitempty"`
	AnsweredBy string   `json:"answeredUserId,omitempty"`
	Requested  []string `json:"requestedRoutings,omitempty"`
	Used       string   `json:"usedRouting,omitempty"`

	WrapupCode  string  `json:"wrapupCode,omitempty"`
	WrapupNotes *string `json:"wrapupNotes,omitempty"`

	Attributes     map[string]string   `json:"attributes,omitempty"`
	Communications []map[string]string `json:"communications,omitempty"`

	Wrapup      *int64 `json:"wrapupDurationMs,omitempty"`
	Connected   *int64 `json:"connectedDurationMs,omitempty"`
	Interacting *int64 `json:"interactingDurationMs,omitempty"`
	Held        *int64 `json:"heldDurationMs,omitempty"`
	Alerting    *int64 `json:"alertingDurationMs,omitempty"`
	Contacting  *int64 `json:"contactingDurationMs,omitempty"`
	Dialing     *int64 `json:"dialingDurationMs,omitempty"`
	Callback    *int64 `json:"callbackDurationMs,omitempty"`
}

func ms(d time.Duration) *int64 {
	n := d.Milliseconds()
	return &n
}

// tell publishes a detail event of a party's session; fill adds what its kind has more.
func (c *conversation) tell(name string, p *party, ss *session, fill func(*detailEvent)) {
	c.s.publish("v2.detail.events.conversation.{id}."+name, c.id, &once{make: func() any {
		e := c.detail(p, ss)
		if fill != nil {
			fill(&e)
		}
		return e
	}})
}

func (c *conversation) detail(p *party, ss *session) detailEvent {
	e := detailEvent{EventTime: c.now().UnixMilli(), ConversationID: c.id, ParticipantID: p.id, SessionID: ss.id, MediaType: ss.media,
		Provider: provider(ss.media), Direction: strings.ToUpper(ss.direction), DivisionID: c.s.org.division}
	if p.user != nil {
		e.UserID = p.user.id
	}
	if p.queue != nil && p.purpose != isCustomer && p.purpose != isExternal {
		e.QueueID = p.queue.id
	}
	if ss.media == callback {
		e.CallbackName, e.CallbackTo = c.contactName(), c.numbers()
		return e
	}
	e.ANI, e.DNIS = rawAddress(c.s.org.callerID), rawAddress(c.customer)
	if ss.direction == "inbound" {
		e.ANI, e.DNIS = e.DNIS, e.ANI
	}
	return e
}

func rawAddress(a string) string { return addressOf(a).Raw }

// tellOutbound says which contact of which campaign the conversation is about: the only word of it that does not have
// to be read from a snapshot.
func (c *conversation) tellOutbound(p *party, ss *session) {
	c.tell("outbound", p, ss, func(e *detailEvent) {
		e.CallbackName, e.CallbackTo = "", nil
		e.Campaign, e.List, e.Contact = c.campaign.id, c.campaign.list.id, c.contact.id
	})
}

// tellEnd says that a party's session is over: user.end, customer.end or acd.end.
func (c *conversation) tellEnd(p *party, ss *session) {
	switch {
	case p.purpose == isACD:
		return // told with its outcome
	case p.user != nil:
		c.tell("user.end", p, ss, func(e *detailEvent) {
			e.DisconnectType = detailDisconnect(ss.disconnectType)
			talk, held, alert, dial := ss.spent()
			e.Interacting, e.Held, e.Alerting, e.Dialing = ms(talk), ms(held), ms(alert), ms(dial)
			e.Contacting, e.Callback = ms(0), ms(0)
		})
	default:
		c.tell("customer.end", p, ss, func(e *detailEvent) {
			e.DisconnectType = detailDisconnect(ss.disconnectType)
			talk, _, _, _ := ss.spent()
			e.Interacting = ms(talk)
		})
	}
}

// spent is how long a session that is over did what.
func (ss *session) spent() (talk, held, alert, dial time.Duration) {
	until := func(from time.Time, next ...time.Time) time.Duration {
		if from.IsZero() {
			return 0
		}
		for _, n := range next {
			if !n.IsZero() {
				return n.Sub(from)
			}
		}
		return ss.endedAt.Sub(from)
	}
	talk = until(ss.talkAt)
	alert = until(ss.alertAt, ss.connectedAt)
	dial = until(ss.dialAt, ss.talkAt)
	return talk, ss.heldFor, alert, dial
}

// detailDisconnect spells a disconnect type as detail events do.
func detailDisconnect(t string) string {
	switch t {
	case "transfer.noanswer":
		return "NO_ANSWER_TRANSFER"
	case "transfer.notavailable":
		return "NOT_AVAILABLE_TRANSFER"
	case "transfer.consult":
		return "CONSULT_TRANSFER"
	case "transfer.conference":
		return "CONFERENCE_TRANSFER"
	}
	return strings.ToUpper(strings.ReplaceAll(t, ".", "_"))
}
