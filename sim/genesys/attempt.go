package genesys

import (
	"slices"
	"strings"
)

// What an attempt leaves behind: the dialer's own events about the contact, and its record.

type contactEvent struct {
	EventTime      int64           `json:"eventTime"`
	ConversationID string          `json:"conversationId"`
	Campaign       string          `json:"outboundCampaignId"`
	List           string          `json:"outboundContactListId"`
	Contact        string          `json:"outboundContactId"`
	Queue          string          `json:"outboundQueueId,omitempty"`
	Division       string          `json:"divisionId"`
	Script         string          `json:"agentScriptId,omitempty"`
	Mode           string          `json:"dialingMode"`
	WrapupCode     string          `json:"wrapupCode,omitempty"`
	AlwaysRunning  bool            `json:"isCampaignAlwaysRunning"`
	SkillBased     bool            `json:"isCampaignSkillBased"`
	Sorting        bool            `json:"isCampaignDynamicSorting"`
	Filtering      bool            `json:"isCampaignDynamicFiltering"`
	Health         int             `json:"outboundCampaignHealthMask"`
	ReCall         bool            `json:"isReCall"`
	Voice          voiceAttributes `json:"voiceAttributes"`
	Final          *bool           `json:"isFinal,omitempty"` // preContact only
	Agent          string          `json:"agentId,omitempty"`
	RightParty     *bool           `json:"isRightPartyContact,omitempty"` // postContact only
	AutoEnded      *bool           `json:"isPreviewAutoEnded,omitempty"`  // postContact of a preview only
	Analysis       string          `json:"callAnalysisDisposition,omitempty"`
}

type voiceAttributes struct {
	Number     string `json:"contactPhoneNumber"`
	Type       string `json:"contactPhoneType"`
	CallerID   string `json:"callerIdPhoneNumber"`
	CallerName string `json:"callerIdName"`
	Preview    bool   `json:"isDeliveredAsPreview"`
}

func (c *conversation) preview() bool { return c.mode == "preview" }

func (c *conversation) contactEvent() contactEvent {
	k := c.campaign
	e := contactEvent{EventTime: c.now().UnixMilli(), ConversationID: c.id, Campaign: k.id, List: k.list.id, Contact: c.contact.id,
		Division: c.s.org.division, Script: k.script, Mode: strings.ToUpper(k.mode), AlwaysRunning: true,
		Voice: voiceAttributes{Number: c.customer, Type: "CELL", CallerID: c.s.org.callerID, CallerName: c.s.org.callerName,
			Preview: c.preview()}}
	if k.queue != nil {
		e.Queue = k.queue.id
	}
	return e
}

func (c *conversation) tellDialer(when string, fill func(*contactEvent)) {
	if c.s.cfg.NoOutboundTopics {
		return
	}
	kind := "voice"
	if c.preview() {
		kind = "preview"
	}
	c.s.publish("v2.outbound."+kind+".campaigns.contact."+when, "", &once{make: func() any {
		e := c.contactEvent()
		fill(&e)
		return e
	}})
}

func (c *conversation) tellPreContact() {
	c.tellDialer("preContact", func(e *contactEvent) { yes := true; e.Final = &yes })
}

// tellContact ends the attempt: the contact's record and postContact.
func (c *conversation) tellContact() {
	if c.campaign == nil || c.told {
		return
	}
	c.told = true
	c.record(codeNobody)
	c.tellDialer("postContact", func(e *contactEvent) {
		e.WrapupCode, e.Analysis = c.final, c.disposition
		if c.contacted != nil {
			e.Agent = c.contacted.id
			right := slices.Contains(c.s.org.flags(c.final), "RIGHT_PARTY_CONTACT")
			e.RightParty = &right
		}
		if c.preview() {
			e.AutoEnded = &c.autoEnded
		}
	})
}

// flags are what the wrap-up mapping says about a code; system codes have none.
func (o *org) flags(code string) []string {
	if strings.HasPrefix(code, "ININ-") {
		return nil
	}
	if flags, ok := o.mapping.mapping[code]; ok {
		return flags
	}
	return o.mapping.defaults
}

// record writes the attempt into the contact, some time after its wrap-up: a reader who is too early finds the contact
// as it was before (that there is such a time is inferred). Only the first wrap-up counts (documented). A system code
// never makes a contact uncallable.
func (c *conversation) record(code string) {
	if c.campaign == nil || c.final != "" {
		return
	}
	c.final = code
	k, column, at := c.contact, c.column, stamp(c.now())
	k.attempts[column]++
	write := func() {
		k.records[column] = callRecord{at, code}
		flags := c.s.org.flags(code)
		if slices.Contains(flags, "CONTACT_UNCALLABLE") {
			k.callable = false
		}
		if slices.Contains(flags, "NUMBER_UNCALLABLE") {
			k.phones[column] = false
		}
		c.s.life.Changed()
	}
	if c.s.cfg.RecordDelay < 0 {
		write()
		return
	}
	c.s.life.Later(c.s.cfg.RecordDelay, write)
}
