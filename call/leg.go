package call

import (
	"slices"
	"time"
)

// Leg returns the leg with the given id, or nil.
func (s *State) Leg(id string) *Leg {
	for i := range s.Legs {
		if s.Legs[i].ID == id {
			return &s.Legs[i]
		}
	}
	return nil
}

// Lost reports whether the leg's last word is that its dialog was merged away, although its agent has no other leg in the
// call: the talk went on elsewhere, and nothing has been heard of it. Usually it is heard a moment later.
func (s *State) Lost(l *Leg) bool {
	if l.Open() || !l.Merged {
		return false
	}
	for i := range s.Legs {
		if other := &s.Legs[i]; other.Agent == l.Agent && other.ID != l.ID {
			return false
		}
	}
	return true
}

// Open reports whether any leg of the call may still bring events.
func (s *State) Open() bool {
	for i := range s.Legs {
		if s.Legs[i].Open() || s.Lost(&s.Legs[i]) {
			return true
		}
	}
	return false
}

// Phase is the leg's newest phase, merged dialogs aside; empty for a leg that has only brought data.
func (l *Leg) Phase() Phase {
	told := l.Story()
	if len(told) == 0 {
		return ""
	}
	return told[len(told)-1].Phase
}

// Story returns the leg's moments without the ends of dialogs that were merged away, unless that is the last word: while
// the talk goes on in another dialog, such an end is no moment of the leg. Callers do not change it.
func (l *Leg) Story() []Moment {
	merged := func(m Moment) bool { return m.Merged }
	if !slices.ContainsFunc(l.Moments, merged) {
		return l.Moments
	}
	told := slices.DeleteFunc(slices.Clone(l.Moments), merged)
	if last := l.Moments[len(l.Moments)-1]; last.Merged && !l.Open() {
		told = append(told, last)
	}
	return told
}

// Open reports whether the leg may still bring events: whether any of its dialogs may. A dialog that was merged away is
// over, although its agent talks on elsewhere.
func (l *Leg) Open() bool {
	for i := range l.Moments {
		if l.goesOn(i) {
			return true
		}
	}
	return len(l.Moments) == 0
}

// Present returns the newest moment of every dialog of the leg that is not over. The dialogs are looked at one by one:
// the end of a merged one may come after, and be dated after, the last word on the one that goes on. A dialog that got
// another id goes on under that.
func (l *Leg) Present() []Moment {
	var open []Moment
	for i := range l.Moments {
		if l.goesOn(i) {
			open = append(open, l.Moments[i])
		}
	}
	return open
}

// goesOn reports whether a moment is the newest of its dialog, and that is not over.
func (l *Leg) goesOn(i int) bool {
	m := &l.Moments[i]
	if m.over() {
		return false
	}
	for j := range l.Moments {
		o := &l.Moments[j]
		if j > i && o.Ref == m.Ref || o.Was != "" && o.Was == m.Ref {
			return false
		}
	}
	return true
}

// over reports whether a dialog whose newest moment this is brings nothing more.
func (m *Moment) over() bool { return m.Merged || m.Phase == Ended || m.Phase == Missed }

// Answered is the time at which the leg first talked to somebody; zero if it never did.
func (l *Leg) Answered() time.Time { return l.first(talks) }

// Ended is the time at which the leg was over; zero while it is open.
func (l *Leg) Ended() time.Time {
	if l.Open() {
		return time.Time{}
	}
	return l.Moments[len(l.Moments)-1].At
}

// Talk is how long the leg talked, without the time on hold; a talk still going on counts until now.
func (l *Leg) Talk(now time.Time) time.Duration { return l.spent(now, talks) }

// Hold is how long the leg's far end waited on hold.
func (l *Leg) Hold(now time.Time) time.Duration {
	return l.spent(now, func(p Phase) bool { return p == Held })
}

// Wrap is how long after-call work took.
func (l *Leg) Wrap(now time.Time) time.Duration {
	return l.spent(now, func(p Phase) bool { return p == Wrapup })
}

func talks(p Phase) bool { return p == Answered || p == Conferenced || p == Transferred }

func (l *Leg) first(is func(Phase) bool) time.Time {
	for _, m := range l.Story() {
		if is(m.Phase) {
			return m.At
		}
	}
	return time.Time{}
}

// spent adds up the time between each moment whose phase is wanted and the moment after it.
func (l *Leg) spent(now time.Time, is func(Phase) bool) time.Duration {
	var sum time.Duration
	told := l.Story()
	for i, m := range told {
		if !is(m.Phase) {
			continue
		}
		until := now
		if i+1 < len(told) {
			until = told[i+1].At
		}
		if until.After(m.At) {
			sum += until.Sub(m.At)
		}
	}
	return sum
}
