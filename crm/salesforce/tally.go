package salesforce

import (
	"sync"
	"time"
)

// purpose is what a request to the org is made for.
type purpose int

const (
	forLookup   purpose = iota // somebody's pop waits for it
	forWrite                   // records
	forDescribe                // what objects and fields there are
	forIndex                   // the phone index
	purposes
)

// String is the purpose's name in snapshots and metrics.
func (p purpose) String() string {
	return [...]string{"lookup", "write", "describe", "index"}[p]
}

const (
	tallyStep  = 5 * time.Minute
	tallySlots = int(24 * time.Hour / tallyStep)
)

// tally counts our own requests over rolling 24 hours, as the org counts everybody's. The zero tally is ready to use;
// it is safe for concurrent use.
type tally struct {
	mu    sync.Mutex
	slots [tallySlots]tallySlot
}

type tallySlot struct {
	step int64 // since 1970, in tallySteps
	n    [purposes]int
}

func stepOf(now time.Time) int64 { return now.UnixNano() / int64(tallyStep) }

func (t *tally) count(p purpose, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	step := stepOf(now)
	slot := &t.slots[step%int64(tallySlots)]
	if slot.step != step {
		*slot = tallySlot{step: step}
	}
	slot.n[p]++
}

// sum returns what was counted in the last 24 hours, by purpose.
func (t *tally) sum(now time.Time) (n [purposes]int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.slots {
		if age := stepOf(now) - t.slots[i].step; age < 0 || age >= int64(tallySlots) {
			continue
		}
		for p, k := range t.slots[i].n {
			n[p] += k
		}
	}
	return n
}

// below returns when the sum falls below a limit if nothing is added until then; now when it is below already.
func (t *tally) below(limit int, now time.Time) time.Time {
	for ahead := range tallySlots {
		at := now.Add(time.Duration(ahead) * tallyStep)
		total := 0
		for _, k := range t.sum(at) {
			total += k
		}
		if total < limit {
			return at
		}
	}
	return now.Add(24 * time.Hour)
}
