package console

import (
	"time"

	"cordboard/call"
	"cordboard/engine"
)

// axis is the time that a call's drawings show.
type axis struct{ start, end time.Time }

// axisOf spans the call and what was done for it, but no more than as much again after the call's end: a step that
// waits for hours would leave no room for the call.
func axisOf(s *engine.Story) axis {
	a := axis{s.Call.State.Started, s.Call.State.Last}
	most := a.end.Add(max(a.end.Sub(a.start), 10*time.Second))
	end := a.end
	for i := range s.Steps {
		for _, at := range []time.Time{s.Steps[i].Ended, s.Steps[i].Due} {
			if at.After(end) {
				end = at
			}
		}
	}
	if end.After(most) {
		end = most
	}
	a.end = end
	if !a.end.After(a.start) {
		a.end = a.start.Add(time.Second)
	}
	return a
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
	for i, m := range l.Moments {
		if m.Phase == call.Ended || m.Phase == call.Missed {
			break
		}
		end := until
		if i+1 < len(l.Moments) {
			end = l.Moments[i+1].At
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
	// Class is "try", "wait" (drawn thin) or "due" (drawn dotted: it is still to come).
	Class string
}

// step lays a step on the axis: attempts are thick, waits between them thin, and what is still to come is dotted.
func (a axis) step(s *engine.Step) []stroke {
	var out []stroke
	draw := func(class string, from, to time.Time) {
		if to.After(from) || class == "try" {
			x, w := a.span(from, to)
			out = append(out, stroke{x, w, class})
		}
	}
	last := s.Heard
	for _, t := range s.Tries {
		draw("wait", last, t.At)
		last = t.At.Add(time.Duration(t.Took * float64(time.Millisecond)))
		draw("try", t.At, last)
	}
	if s.State.Final() {
		if len(s.Tries) == 0 && !s.Ended.IsZero() {
			draw("try", s.Ended, s.Ended)
		}
		return out
	}
	draw("due", last, s.Due)
	return out
}
