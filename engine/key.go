package engine

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"

	"cordboard/call"
	"cordboard/workflow"
)

// runID names the run of a rule: once a leg, or, when event is set, once an event.
func runID(id call.ID, leg, workflow, rule, event string) string {
	return "r" + digest("run", string(id), leg, workflow, rule, event)[:24]
}

// stepID names a step by its run and its position.
func stepID(run string, i int) string { return run + "." + strconv.Itoa(i) }

// effectKey is the idempotency key of a step's effect. A record is the same for the same object and name in all rules
// of a workflow on a leg, so that an update finds what a create made; everything else is one effect a step and agent.
func effectKey(id call.ID, ev *call.Event, p *workflow.Plan, s *workflow.Planned, run string, i int) string {
	if s.Key != "" {
		return s.Key
	}
	if s.Object != "" {
		return recordKey(id, ev.Leg, p.Workflow, s.Object, s.As)
	}
	return "cb" + digest("effect", string(id), ev.Agent, run, strconv.Itoa(i))[:32]
}

func recordKey(id call.ID, leg, workflow, object, as string) string {
	return "cb" + digest("record", string(id), leg, workflow, object, as)[:32]
}

// digest hashes parts so that no two lists of parts look alike.
func digest(parts ...string) string {
	h := sha256.New()
	var size [8]byte
	for _, p := range parts {
		binary.BigEndian.PutUint64(size[:], uint64(len(p)))
		h.Write(size[:])
		h.Write([]byte(p))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// fraction is a number in [0, 1) that depends on nothing but its arguments: the jitter of a retry.
func fraction(seed uint64, step string, attempt int) float64 {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], seed)
	binary.BigEndian.PutUint64(b[8:], uint64(attempt))
	sum := sha256.Sum256(append(b[:], step...))
	return float64(binary.BigEndian.Uint64(sum[:8])>>11) / (1 << 53)
}
