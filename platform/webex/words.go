package webex

import (
	"strings"

	"cordboard/call"
)

// The words of call events. The first six are those of Acqueon's page "Outbound Call" (Workspace API), the others the
// names that Cisco's client gives to its notifications.
const (
	offerContact     = "eAgentOfferContact"
	custAnswered     = "CustAnswered"
	recordingStarted = "eCallRecordingStarted"
	contactEnded     = "eAgentContactEnded"
	acw              = "acw"
	dropped          = "DROPPED"

	rona         = "eAgentOfferContactRona"
	assignFailed = "eAgentContactAssignFailed"
	inviteFailed = "eAgentInviteFailed"
	outFailed    = "eAgentOutboundFailed"

	held   = "eAgentContactHeld"
	unheld = "eAgentContactUnHeld"

	consultCreated    = "eAgentConsultCreated"
	offerConsult      = "eAgentOfferConsult"
	consulting        = "eAgentConsulting"
	consultEnded      = "eAgentConsultEnded"
	consultFailed     = "eAgentConsultFailed"
	conferenced       = "eAgentConsultConferenced"
	joinedConference  = "eParticipantJoinedConference"
	leftConference    = "eParticipantLeftConference"
	conferenceEnded   = "eAgentConsultConferenceEnded"
	blindTransferred  = "eAgentBlindTransferred"
	queueTransferred  = "eAgentVteamTransferred"
	consultTransfer   = "eAgentConsultTransferred"
	conferenceHanded  = "eAgentConferenceTransferred"
	contactUnassigned = "eAgentContactUnassigned"
)

// The call types of the page.
const (
	regularCall = "Regular-Call"
	outbound    = "OUTBOUND"
)

// told says what a notification means for the agent who is told of it. part is the leg that it is about; the word is empty
// where the notification brings data only.
type told struct {
	word string
	part part
	// phase is what it means; empty where the picture of the interaction decides (decode_phase.go).
	phase call.Phase
	// again says that the moment may come more than once in a leg, so that its time is part of its identity.
	again bool
}

// spelled is the name of a notification in the spelling of the documentation, in whatever letter case it comes.
func spelled(kind string) string {
	if _, ok := tells[kind]; ok {
		return kind
	}
	for name := range tells {
		if strings.EqualFold(name, kind) {
			return name
		}
	}
	for _, name := range []string{reloginSuccess, agentContact, contactMerged} {
		if strings.EqualFold(name, kind) {
			return name
		}
	}
	return kind
}

// part is one of an agent's two legs in an interaction.
type part int

const (
	own  part = iota // the agent's part in the customer's call, or the consulted agent's in the consult
	side             // the side talk of the agent who consults
)

// tells are the notifications that bring a moment, by data.type (Contact control APIs; the types and the task state
// machine of @webex/contact-center).
var tells = map[string]told{
	"AgentOfferContact":             {word: offerContact, phase: call.Offered},
	"AgentOfferCampaignReservation": {word: offerContact, phase: call.Offered},
	"AgentContactAssigned":          {word: custAnswered},
	"ContactRecordingStarted":       {word: recordingStarted},
	"ContactEnded":                  {word: contactEnded},
	"AgentWrapup":                   {word: acw, phase: call.Wrapup},
	"AgentWrappedUp":                {word: dropped, phase: call.Ended},
	"AgentOfferContactRona":         {word: rona, phase: call.Missed},
	"AgentContactAssignFailed":      {word: assignFailed, phase: call.Missed},
	"AgentInviteFailed":             {word: inviteFailed, phase: call.Missed},
	"AgentOutboundFailed":           {word: outFailed},
	"AgentContactHeld":              {word: held, phase: call.Held, again: true},
	"AgentContactUnheld":            {word: unheld, again: true},
	"AgentConsultCreated":           {word: consultCreated, part: side, phase: call.Consulting, again: true},
	"AgentOfferConsult":             {word: offerConsult, phase: call.Consulting, again: true},
	"AgentConsulting":               {word: consulting, part: side, phase: call.Consulting, again: true},
	"AgentConsultEnded":             {word: consultEnded, part: side, phase: call.Ended, again: true},
	"AgentConsultFailed":            {word: consultFailed, part: side, phase: call.Ended, again: true},
	"AgentCtqFailed":                {word: consultFailed, part: side, phase: call.Ended, again: true},
	"AgentCtqCancelled":             {word: consultFailed, part: side, phase: call.Ended, again: true},
	"AgentConsultConferenced":       {word: conferenced, phase: call.Conferenced, again: true},
	"ParticipantJoinedConference":   {word: joinedConference, again: true},
	"ParticipantLeftConference":     {word: leftConference, again: true},
	"AgentConsultConferenceEnded":   {word: conferenceEnded, again: true},
	"AgentBlindTransferred":         {word: blindTransferred},
	"AgentVteamTransferred":         {word: queueTransferred},
	"AgentConsultTransferred":       {word: consultTransfer},
	"AgentConferenceTransferred":    {word: conferenceHanded},
	"AgentContactUnassigned":        {word: contactUnassigned},
	"AgentContactReserved":          {},
	"CampaignContactUpdated":        {},
}

// The notifications of a new subscription: its answer, and one picture of each task that the agent has.
const (
	reloginSuccess = "AgentReloginSuccess"
	agentContact   = "AgentContact"
)

// contactMerged says that a consult which had an id of its own is a part of the customer's interaction now.
const contactMerged = "ContactMerged"
