package workspace

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/tidwall/gjson"

	"cordboard/call"
)

// webexCall is the member call of the page's sample: the same keys in the same order.
type webexCall struct {
	ID             string          `json:"id"`
	ResponseActual json.RawMessage `json:"ResponseActual"` // the raw message; null when no message told of the event
	ResponseFields webexFields     `json:"ResponseFields"`
	CallType       string          `json:"CallType"`
	Event          string          `json:"event"`
	CallVariables  webexVariables  `json:"CallVariables"`
}

type webexFields struct {
	FromAddress  string `json:"fromAddress"`
	ToAddress    string `json:"toAddress"`
	CallState    string `json:"CallState"` // new, connected, consult, consulting, conference, wrapUp
	Type         string `json:"Type"`      // INBOUND, OUTBOUND
	Campaign     string `json:"Campaign"`
	OutBoundType string `json:"OutBoundType"` // CAMPAIGN, OUTDIAL, CALLBACK, …
}

type webexVariables struct {
	CampaignGroup   string `json:"Campaign Group"`
	LCMKey          string `json:"LCMKey"`
	ANI             string `json:"ani"`
	CampaignID      string `json:"campaignId"`
	DN              string `json:"dn"`
	RonaTimeout     string `json:"ronaTimeout"`
	VirtualTeamName string `json:"virtualTeamName"`
}

// webexCallOf reads the raw message first. A notification may carry a part only, and some events have none: what it does
// not say the call knows.
func webexCallOf(ev *call.Event, c *call.State) webexCall {
	raw := webexRaw(ev.Raw)
	interaction := raw.Get("data.interaction")
	details := interaction.Get("callProcessingDetails")
	variable := func(name, known string) string {
		return cmp.Or(details.Get(name).String(), known, c.Vars[name])
	}
	from, to := partiesOf(c)
	ani, dnis := variable("ani", ""), cmp.Or(details.Get("dnis").String(), c.Vars["dn"])
	campaign := variable("campaignId", cmp.Or(raw.Get("data.campaignId").String(), c.Campaign))
	return webexCall{
		ID:             cmp.Or(raw.Get("data.interactionId").String(), ev.Ref),
		ResponseActual: json.RawMessage(cmp.Or(raw.Raw, "null")),
		ResponseFields: webexFields{
			FromAddress:  cmp.Or(ani, from),
			ToAddress:    cmp.Or(dnis, to),
			CallState:    cmp.Or(interaction.Get("state").String(), stateOf(ev.Phase)),
			Type:         cmp.Or(interaction.Get("contactDirection.type").String(), strings.ToUpper(c.Direction)),
			Campaign:     campaign,
			OutBoundType: cmp.Or(interaction.Get("outboundType").String(), outboundTypeOf(c)),
		},
		CallType: ev.CallType,
		Event:    ev.Name,
		CallVariables: webexVariables{
			CampaignGroup: variable("Campaign Group", ""), LCMKey: variable("LCMKey", ""), ANI: ani, CampaignID: campaign, DN: dnis,
			RonaTimeout: variable("ronaTimeout", ""), VirtualTeamName: variable("virtualTeamName", c.Queue),
		},
	}
}

// webexRaw is the raw message; the zero Result when there is none. The journal keeps what its connector understood, so
// what is no JSON object is not one of these.
func webexRaw(raw []byte) gjson.Result {
	if !gjson.ValidBytes(raw) {
		return gjson.Result{}
	}
	if r := gjson.ParseBytes(raw); r.IsObject() {
		return r
	}
	return gjson.Result{}
}

// partiesOf is who calls whom, as far as only the customer is known.
func partiesOf(c *call.State) (from, to string) {
	if c.Direction == inboundTopic {
		return c.Customer, ""
	}
	return "", c.Customer
}

// stateOf is the interaction's state that goes with a phase, for events without a picture of the interaction (inferred).
func stateOf(p call.Phase) string {
	switch p {
	case call.Answered, call.Held, call.Transferred:
		return "connected"
	case call.Consulting:
		return "consulting"
	case call.Conferenced:
		return "conference"
	case call.Wrapup, call.Ended:
		return "wrapUp"
	}
	return "new"
}

// outboundTypeOf is the outbound type that goes with a call, for events without a picture of the interaction (inferred).
func outboundTypeOf(c *call.State) string {
	switch {
	case c.Mode == call.Inbound || c.Direction == inboundTopic:
		return ""
	case c.Mode == call.Manual:
		return "OUTDIAL"
	case c.Mode != "" || c.Campaign != "":
		return "CAMPAIGN"
	}
	return ""
}
