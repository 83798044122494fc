package console

import (
	"time"

	"cordboard/call"
	"cordboard/engine"
)

// axis is the time that a call's drawings show.
type axis struct{ start, end time.Time }

// axisOf spans the call, of an open call until now, and what was done for it; but no more than as much again after the
// call's end: a step that waits for hours would leave no room for the call.
func axisOf(st *call.State, told []engine.Explained, now time.Time) axis {
	a := axis{st.Started, st.Last}
	if st.Open() && now.After(a.end) {
		a.end = now
	}
	most := a.end.Add(max(a.end.Sub(a.start), 10*time.Second))
	end := a.end
	for i := range told {
		for j := range told[i].Steps {
			s := &told[i].Steps[j]
			for _, at := range []time.Time{s.Ended, s.Due} {
				if at = at.Add(lag(&told[i], s)); at.After(end) {
					end = at
				}
			}
		}
	}
	if a.end = end; end.After(most) {
		a.end = most
	}
	if !a.end.After(a.start) {
		a.end = a.start.Add(time.Second)
	}
	return a
}

// lag takes a time of ours to the platform's clock, which the axis shows: an event may be told late, and the clocks of
// two machines differ.
func lag(x *engine.Explained, s *engine.Step) time.Duration {
	if s.Heard.IsZero() {
		return 0
	}
	return x.Event.At.Sub(s.Heard)
}

// at is a moment's place on the axis in percent.
func (a axis) at(t time.Time) float64 {
	p := 100 * float64(t.Sub(a.start)) / float64(a.end.Sub(a.start))
	return min(100, max(0, p))
}

// sliver is the least width of a bar in percent, so that it can be seen and pointed at.
const sliver = 0.4

// span is the place and width between two moments.
func (a axis) span(from, to time.Time) (x, w float64) {
	x = min(a.at(from), 100-sliver)
	return x, max(sliver, a.at(to)-x)
}

// bar is one phase of a leg on a time axis; X and W are percent of the axis.
type bar struct {
	X, W  float64
	Phase call.Phase
	Word  string
	At    time.Time
	Text  bool // there is room for the word
}

// textRoom is the share of the axis, in percent, from which on a bar can hold its word.
const textRoom = 8

// leg lays a leg's phases on the axis; the phase of an open leg lasts until until.
func (a axis) leg(l *call.Leg, until time.Time) []bar {
	var bars []bar
	told := l.Story()
	for i, m := range told {
		if m.Phase == call.Ended || m.Phase == call.Missed {
			break
		}
		end := until
		if i+1 < len(told) {
			end = told[i+1].At
		}
		b := bar{Phase: m.Phase, Word: phaseWord(m.Phase), At: m.At}
		b.X, b.W = a.span(m.At, end)
		b.Text = b.W >= textRoom
		bars = append(bars, b)
	}
	return bars
}

// stroke is a part of a step's life: an attempt, or the wait for the next one.
type stroke struct {
	X, W float64
	// Class is "try", "wait" (drawn thin) or "due" (drawn dotted: it is still to come), State the colour.
	Class, State string
}

// step lays a step on the axis, its times moved by lag: attempts are thick, waits between them thin, and what is still
// to come is dotted.
func (a axis) step(s *engine.Step, lag time.Duration) []stroke {
	var out []stroke
	state := wordOf(s).Class
	draw := func(class string, from, to time.Time) {
		if to.After(from) || class == "try" {
			x, w := a.span(from.Add(lag), to.Add(lag))
			out = append(out, stroke{x, w, class, state})
		}
	}
	last := s.Heard
	for _, t := range s.Tries {
		draw("wait", last, t.At)
		last = t.At.Add(time.Duration(t.Took * float64(time.Millisecond)))
		draw("try", t.At, last)
	}
	switch {
	case !s.State.Final():
		draw("due", last, s.Due)
	case len(s.Tries) == 0 && !s.Ended.IsZero():
		draw("try", s.Ended, s.Ended)
	}
	return out
}
