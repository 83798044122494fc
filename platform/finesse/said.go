package finesse

import "time"

// said is a moment that was heard of a leg.
type said struct {
	callType, state string
	at              time.Time
	// again means that it was no news: Finesse writes a new time beside an old state when another party changes. It
	// becomes news when a moment comes late that was before it.
	again bool
}

func (s said) same(o said) bool { return s.repeats(o) && s.at.UnixMilli() == o.at.UnixMilli() }

// repeats reports whether nothing changed between two moments.
func (s said) repeats(o said) bool { return s.callType == o.callType && s.state == o.state }

// newest is the leg's newest moment at a time.
func (l *leg) newest(at time.Time) said {
	var newest said
	for _, s := range l.said {
		if !s.at.After(at) && !s.at.Before(newest.at) {
			newest = s
		}
	}
	return newest
}

// next is the leg's first moment after a time.
func (l *leg) next(at time.Time) (next said, known bool) {
	for _, s := range l.said {
		if s.at.After(at) && (!known || s.at.Before(next.at)) {
			next, known = s, true
		}
	}
	return next, known
}
