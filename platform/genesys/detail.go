package genesys

import (
	"cmp"
	"strings"
	"time"
)

// detail is a detail event of a conversation, or a dialer's event about a contact ("Available topics",
// v2.detail.events.conversation.{id}.* and v2.outbound.*.campaigns.contact.*).
type detail struct {
	what                               string // user.start, outbound, postContact, …
	at                                 time.Time
	conversation, participant, session string
	media, direction                   string // upper case
	ani, dnis, number                  string
	user, queue                        string
	disconnectType                     string
	interacting, held                  time.Duration
	acdOutcome                         string
	wrapup                             string
	wrapping                           time.Duration
	attributes                         []attribute
	contact                            contact
	dialing                            string // a campaign's dialing mode
}

// The kinds of media that are calls.
const (
	voice    = "VOICE"
	callback = "CALLBACK"
)

func readDetail(c *cursor) detail {
	var d detail
	c.object(func(key string) {
		switch key {
		case "eventTime":
			if ms := c.millis(); ms > 0 {
				d.at = time.UnixMilli(ms).UTC()
			}
		case "conversationId":
			d.conversation = c.text()
		case "participantId":
			d.participant = c.text()
		case "sessionId":
			d.session = c.text()
		case "mediaType":
			d.media = strings.ToUpper(c.text())
		case "direction":
			d.direction = strings.ToUpper(c.text())
		case "ani":
			d.ani = c.text()
		case "dnis":
			d.dnis = c.text()
		case "callbackNumbers":
			c.array(func() { d.number = cmp.Or(d.number, c.text()) })
		case "userId", "agentId", "answeredUserId":
			d.user = cmp.Or(c.text(), d.user)
		case "queueId", "outboundQueueId":
			d.queue = cmp.Or(c.text(), d.queue)
		case "disconnectType":
			d.disconnectType = c.text()
		case "interactingDurationMs":
			d.interacting = time.Duration(c.millis()) * time.Millisecond
		case "heldDurationMs":
			d.held = time.Duration(c.millis()) * time.Millisecond
		case "acdOutcome":
			d.acdOutcome = c.text()
		case "attributes":
			c.object(func(name string) { d.attributes = append(d.attributes, attribute{name, c.text()}) })
		default:
			d.readDialer(c, key)
		}
	})
	return d
}

func (d *detail) readDialer(c *cursor, key string) {
	switch key {
	case "wrapupCode":
		d.wrapup = c.text()
	case "wrapupDurationMs":
		d.wrapping = time.Duration(c.millis()) * time.Millisecond
	case "outboundCampaignId":
		d.contact.campaign = c.text()
	case "outboundContactListId":
		d.contact.list = c.text()
	case "outboundContactId":
		d.contact.contact = c.text()
	case "dialingMode":
		d.dialing = c.text()
	case "voiceAttributes":
		c.object(func(key string) {
			if key == "contactPhoneNumber" {
				d.number = c.text()
			}
		})
	}
}

// customer is the number of the customer, as far as the event tells it.
func (d *detail) customer() string {
	switch {
	case d.number != "":
		return d.number
	case d.direction == "INBOUND":
		return d.ani
	case d.direction == "OUTBOUND":
		return d.dnis
	}
	return ""
}
