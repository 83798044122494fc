package catalog_test

import (
	"strings"
	"testing"

	"cordboard/call"
	"cordboard/catalog"
)

// Rows copied by hand from the pages: platform, mode, call type, event, leg, phase, recommended, description.
var golden = []string{
	"cisco|manual|AGENT_INSIDE|INITIATING|customer|reserved||When the phone is off the hook at a device",
	"cisco|manual|OUT|INITIATED|customer|ringing|pop+page|When the customer receives the call",
	"cisco|manual|OUT|DROPPED|customer|ended|update|When the ACW timer is completed",
	"cisco|manual|CONSULT|ALERTING|consult|consulting||When the agent initiates the consult call",
	"cisco|manual|CONSULT|ACTIVE|consult|consulting|pop+page+create|When the consultant agent answers the call",
	"cisco|manual|Conference|DROPPED|conference|ended|update|When the ACW timer is completed",
	"cisco|preview|OUTBOUND_PREVIEW|ALERTING|reservation|offered|pop+page|When the agent receives the preview call",
	"cisco|preview|PREVIEW_OUTBOUND|ALERTING|customer|ringing|create|When the customer answers a call",
	"cisco|direct-preview|DIRECT_PREVIEW_OUTBOUND|ACCEPTED|reservation|accepted||When the agent accepts a call",
	"cisco|direct-preview|DIRECT_PREVIEW_OUTBOUND|INITIATING|customer|dialing|create|When the agent is prompted to accept the call while the customer has answered the call",
	"cisco|predictive|OTHER_IN|ALERTING|customer|reserved||When the agent initiates the call",
	"cisco|predictive|PREDICTIVE_OUTBOUND|ALERTING|customer|ringing|pop+page|When the customer answers the call",
	"cisco|predictive|PREDICTIVE_OUTBOUND|ACTIVE|customer|answered|create|When the agent accepts the call",
	"cisco|predictive|PREDICTIVE_OUTBOUND|ACTIVE|conference|answered||When the customer answers a call",
	"cisco|predictive|OUT|INITIATED|consult|consulting|pop+page|When the Consult call reaches the consultant",
	"cisco|progressive|PROGRESSIVE_OUTBOUND|ACTIVE|customer|answered||When the agent accepts the call",
	"cisco|inbound|PREROUTE_ACD_IN|ALERTING|customer|offered||When the agent receives an Inbound Call",

	"connect-tethered|preview|Regular-Call|Preview|customer|offered|pop+page|When the Agent receives a preview screen with call details",
	"connect-tethered|preview|Regular-Call|initiate|customer|accepted||When the agent accepts the call",
	"connect-tethered|preview|Regular-Call|CustAnswered|customer|answered|create|When the customer answers the call",
	"connect-tethered|preview|Regular-Call|Consult|consult|consulting|pop+page+create|When the agent initiates the call to the consultant agent",
	"connect-tethered|progressive|Regular-Call|CustAnswered|customer|answered|pop+page+create|When the customer answers the call",
	"connect-tethered|progressive|Regular-Call|CustAnswered|transfer|answered|pop+page+create|When the agent transfers the call to the consultant agent after consulting (Consult Transfer scenario); When the agent transfers the call to the consultant agent directly (Blind Transfer scenario)",
	"connect-tethered|progressive|Regular-Call|CustAnswered|conference|conferenced||When the conference call is successfully initiated with the agents and the customer (Consult Conference scenario)",
	"connect-tethered|predictive|Regular-Call|DROPPED|customer|ended|update|When the agent clears the call and is moved to the next state from the ACW state",
	"connect-tethered|manual|Outbound|connecting|customer|dialing|pop+page|When the agent makes a call, but the call has not yet been answered",
	"connect-tethered|manual|Inbound|connecting|consult|consulting|pop+page+create|When the agent initiates the call to the consultant agent",
	"connect-tethered|inbound|Inbound|connecting|customer|offered|pop+page|When the agent makes a call, but the call has not yet been answered",
	"connect-tethered|inbound|Inbound|connected|customer|answered|create|When the customer answers an outbound call",
	"connect-tethered|inbound|Inbound|connected|consult|consulting|pop+page+create|When the agent initiates the call to the consultant agent",

	"connect-hvoc|direct-preview|Regular-Call|Preview|customer|offered|pop+page|When the agent receives a preview screen with call details",
	"connect-hvoc|direct-preview|outbound|connecting|customer|dialing|pop+page|When the agent accepts the call",
	"connect-hvoc|direct-preview|outbound|connecting|consult|consulting||When the agent initiates the consult call",
	"connect-hvoc|direct-preview|outbound|connected|customer|answered|create|When the customer answers an outbound call",
	"connect-hvoc|direct-preview|outbound|connected|consult|consulting|pop+page+create|When the consultant answers the call",
	"connect-hvoc|progressive|outbound|connected|customer|answered|pop+page+create|When the agent accepts the call",
	"connect-hvoc|predictive|outbound|connected|consult|consulting|pop+page+create|When the consultant answers the call",
	"connect-hvoc|manual|Inbound|DROPPED|consult|ended||When the agent clears the call and is moved to the next state from the ACW state",
	"connect-hvoc|inbound|inbound|connecting|customer|offered||When the agent receives an Inbound Call but the call has not yet been answered",
	"connect-hvoc|inbound|inbound|connected|customer|answered|create|When the Agent accepts the call",
}

func TestGoldenRows(t *testing.T) {
	for _, want := range golden {
		f := strings.Split(want, "|")
		r := rowOf(t, call.Platform(f[0]), call.Mode(f[1]), f[2], f[3], call.Role(f[4]))
		got := strings.Join([]string{
			string(r.Platform), string(r.Mode), r.CallType, r.Event,
			string(r.Leg), string(r.Phase), joined(r.Recommended), r.Description,
		}, "|")
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func joined(actions []catalog.Action) string {
	var s []string
	for _, a := range actions {
		s = append(s, string(a))
	}
	return strings.Join(s, "+")
}

func TestRecommendationKeepsThePagesWords(t *testing.T) {
	for _, rec := range catalog.Default().Recommended() {
		if rec.Platform != call.ConnectTethered || rec.Mode != call.Progressive || rec.Event != "CustAnswered" {
			continue
		}
		if rec.CallType != "Outbound" || rec.Suggested != "Screen pop (Look Up), Invoke SF Page, Object Creation" || joined(rec.Actions) != "pop+page+create" {
			t.Errorf("got %+v", rec)
		}
		if len(rec.Rows) != 2 || rec.Rows[0].CallType != "Regular-Call" || rec.Rows[0].Leg != call.CustomerLeg || rec.Rows[1].Leg != call.TransferLeg {
			t.Errorf("belongs to %+v", rec.Rows)
		}
		return
	}
	t.Error("tethered Progressive CustAnswered is not recommended")
}
