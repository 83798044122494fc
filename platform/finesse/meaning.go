package finesse

import (
	"strings"

	"cordboard/call"
)

// The participant states of Finesse. HELD and WRAP_UP exist only on a participant, never on a dialog (Finesse Web
// Services Developer Guide, "Participant State Parameter Values").
const (
	stateAlerting   = "ALERTING"
	stateInitiating = "INITIATING"
	stateInitiated  = "INITIATED"
	stateActive     = "ACTIVE"
	stateHeld       = "HELD"
	stateWrapUp     = "WRAP_UP"
	stateAccepted   = "ACCEPTED"
	stateDropped    = "DROPPED"
)

// foldType gives the call type in the catalog's words: an outbound call is told apart by its BAStatus (developer.cisco.com,
// "Outbound Call Types and BAStatus"), while CONFERENCE, TRANSFER, CONSULT, OUT and AGENT_INSIDE win over it, because CCE
// keeps BAStatus through a conference. CCX instead writes TRANSFERRED and CONFERENCED into BAStatus.
func foldType(callType, baStatus string) string {
	folds := callType == "" || callType == "OTHER_IN" || strings.HasPrefix(callType, "OUTBOUND")
	if !folds || baStatus == "" {
		return callType
	}
	switch baStatus {
	case "TRANSFERRED":
		return "TRANSFER"
	case "CONFERENCED":
		return "CONFERENCE"
	}
	return strings.TrimPrefix(baStatus, "BLENDED_")
}

// statusMode is the pacing mode that a BAStatus names; empty when it names none.
func statusMode(baStatus string) call.Mode {
	s := strings.TrimPrefix(baStatus, "BLENDED_")
	switch {
	case strings.HasPrefix(s, "DIRECT_PREVIEW"):
		return call.DirectPreview
	case strings.HasPrefix(s, "PREVIEW"):
		return call.Preview
	case strings.HasPrefix(s, "PREDICTIVE"):
		return call.Predictive
	case strings.HasPrefix(s, "PROGRESSIVE"):
		return call.Progressive
	}
	return ""
}

// typeMode is the pacing mode that a call type alone names.
func typeMode(callType string) call.Mode {
	switch callType {
	case "OUTBOUND_DIRECT_PREVIEW":
		return call.DirectPreview
	case "OUTBOUND_PREVIEW", "OUTBOUND_CALLBACK_PREVIEW", "OUTBOUND_PERSONAL_CALLBACK_PREVIEW":
		return call.Preview
	case "PREROUTE_ACD_IN", "ACD_IN", "PREROUTE_DIRECT_AGENT", "OVERFLOW_IN":
		return call.Inbound
	}
	return ""
}

// waitsForStatus reports whether a call type says nothing of its mode until BAStatus arrives.
func waitsForStatus(callType string) bool {
	return callType == "OTHER_IN" || callType == "OUTBOUND"
}

func isReservation(callType, baStatus string) bool {
	if strings.HasSuffix(baStatus, "_RESERVATION") {
		return true
	}
	return strings.HasPrefix(callType, "OUTBOUND_") && strings.HasSuffix(callType, "_PREVIEW")
}

func isMergeType(callType string) bool { return callType == "CONFERENCE" || callType == "TRANSFER" }

func isDialed(callType string) bool {
	switch callType {
	case "OUT", "AGENT_INSIDE", "AGENT_OUT":
		return true
	}
	return false
}

func directionOf(m call.Mode) string {
	switch m {
	case "":
		return ""
	case call.Inbound:
		return "inbound"
	}
	return "outbound"
}

// phaseOf places a moment in the life of a leg, in step with the catalog's table of the Cisco rows and the same for the
// rows that the table does not list. FAILED has no phase: the agent hears a busy tone and the leg still ends.
func phaseOf(role call.Role, callType, state string) call.Phase {
	switch state {
	case stateDropped:
		return call.Ended
	case stateWrapUp:
		return call.Wrapup
	case stateAccepted:
		return call.Accepted
	case stateHeld:
		if role != call.ConsultLeg {
			return call.Held
		}
	}
	switch role {
	case call.ReservationLeg:
		if state == stateAlerting {
			return call.Offered
		}
		return call.Reserved
	case call.ConsultLeg:
		if state == "FAILED" {
			return ""
		}
		return call.Consulting
	}
	switch state {
	case stateAlerting:
		return alertingPhase(callType)
	case stateInitiating:
		if callType == "AGENT_INSIDE" {
			return call.Reserved
		}
		return call.Dialing
	case stateInitiated:
		if callType == "AGENT_INSIDE" {
			return call.Dialing
		}
		return call.Ringing
	case stateActive:
		if callType == "CONFERENCE" {
			return call.Conferenced
		}
		return call.Answered
	}
	return ""
}

// alertingPhase: a customer whom the dialer has on the line is ringing at the agent, a caller is an offer.
func alertingPhase(callType string) call.Phase {
	switch {
	case callType == "OTHER_IN":
		return call.Reserved
	case statusMode(callType) != "", strings.HasPrefix(callType, "OUTBOUND"):
		return call.Ringing
	}
	return call.Offered
}
