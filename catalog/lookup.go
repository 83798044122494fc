package catalog

import (
	"slices"

	"cordboard/call"
)

// Lookup returns the rows of one key, the customer's leg first, or nothing when the table has no such event.
// Words are compared without case. An empty mode, for a call whose mode is not known yet, answers with the rows of
// every mode.
func (c *Catalog) Lookup(platform call.Platform, mode call.Mode, callType, event string) []Row {
	var buf [128]byte // longer than every key, so that a lookup does not allocate
	return c.byKey[string(appendKey(buf[:0], platform, mode, callType, event))]
}

// Phase returns the phase of an event on a leg of that role.
//
// A key without a row for the role answers with the customer's row, or with what all its rows agree on. An event that
// the table does not list for the mode (a consulted agent's CONSULT ALERTING in a predictive call, say) has the phase
// that the platform's other modes agree on. It reports false when that leaves no single answer.
func (c *Catalog) Phase(platform call.Platform, mode call.Mode, callType, event string, role call.Role) (call.Phase, bool) {
	if rows := c.Lookup(platform, mode, callType, event); len(rows) > 0 {
		return phaseOf(rows, role)
	}
	return phaseOf(c.Lookup(platform, "", callType, event), role)
}

// phaseOf asks the rows of the role, else those of the customer, else all of them, for the phase they share.
func phaseOf(rows []Row, role call.Role) (call.Phase, bool) {
	for _, leg := range [...]call.Role{role, call.CustomerLeg, ""} {
		var phase call.Phase
		for _, r := range rows {
			if leg != "" && r.Leg != leg {
				continue
			}
			if phase != "" && phase != r.Phase {
				return "", false
			}
			phase = r.Phase
		}
		if phase != "" {
			return phase, true
		}
	}
	return "", false
}

// index groups rows by key, once with their mode and once with the empty mode.
func index(rows []Row) map[string][]Row {
	byKey := make(map[string][]Row)
	for _, r := range rows {
		for _, mode := range [...]call.Mode{r.Mode, ""} {
			key := string(appendKey(nil, r.Platform, mode, r.CallType, r.Event))
			byKey[key] = append(byKey[key], r)
		}
	}
	for _, group := range byKey {
		slices.SortStableFunc(group, customerFirst)
	}
	return byKey
}

func customerFirst(a, b Row) int {
	switch {
	case a.Leg == b.Leg:
		return 0
	case a.Leg == call.CustomerLeg:
		return -1
	case b.Leg == call.CustomerLeg:
		return 1
	}
	return 0
}

// appendKey appends the lower-cased key. The vendors' words are ASCII, so only ASCII letters have a case here.
func appendKey(buf []byte, platform call.Platform, mode call.Mode, callType, event string) []byte {
	for _, part := range [...]string{string(platform), string(mode), callType, event} {
		for i := range len(part) {
			b := part[i]
			if 'A' <= b && b <= 'Z' {
				b += 'a' - 'A'
			}
			buf = append(buf, b)
		}
		buf = append(buf, 0)
	}
	return buf
}
