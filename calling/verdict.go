package calling

import "time"

// Verdict is the answer to a [Question], with its reason.
type Verdict struct {
	Allowed bool `json:"allowed"`
	// Next is the earliest time, not before the question's, at which it is allowed as far as the history goes: the question's own
	// when it is allowed, else the beginning of a minute. Zero when no time is in sight: somebody must change something first.
	Next time.Time `json:"next,omitzero"`
	// Rule is the id of the policy's rule that decided; the strictest one when it is allowed.
	Rule string `json:"rule"`
	// Version is the version of the policy.
	Version string `json:"version"`
	// Reason is empty when it is allowed.
	Reason Reason `json:"reason,omitempty"`
	// Text says the same in a sentence, with local times and counts and without the number.
	Text string `json:"text"`
}

// Reason is why somebody may not be called now. The list is closed.
type Reason string

// The reasons, in the order in which they are looked for: the first that holds is told.
const (
	InvalidNumber  Reason = "invalid-number"
	DoNotCall      Reason = "do-not-call"
	NoConsent      Reason = "no-consent"
	CappedLife     Reason = "capped-life"
	ZoneUnknown    Reason = "zone-unknown"
	NoCommonHour   Reason = "no-common-hour" // the zones have no allowed hour in common
	AfterTalk      Reason = "after-talk"
	AfterAbandoned Reason = "after-abandoned"
	CappedMonth    Reason = "capped-month"
	CappedWeek     Reason = "capped-week"
	CappedDay      Reason = "capped-day"
	Spacing        Reason = "spacing"
	ClosedDay      Reason = "closed-day" // such as a Sunday or a holiday
	OutsideHours   Reason = "outside-hours"
)

// Reasons lists every Reason in the order in which they are looked for.
func Reasons() []Reason {
	return []Reason{
		InvalidNumber, DoNotCall, NoConsent, CappedLife, ZoneUnknown, NoCommonHour, AfterTalk, AfterAbandoned,
		CappedMonth, CappedWeek, CappedDay, Spacing, ClosedDay, OutsideHours,
	}
}
