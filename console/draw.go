package console

import (
	"time"

	"cordboard/call"
)

// bar is one phase of a leg on a time axis; X and W are percent of the axis.
type bar struct {
	X, W  float64
	Phase call.Phase
	Word  string
	At    time.Time
	Text  bool // there is room for the word
}

// textRoom is the share of the axis, in percent, from which on a bar can hold its word.
const textRoom = 7

// drawLeg lays a leg's phases on the axis from start to end. A phase of no length gets a sliver, so that it can be
// seen and pointed at.
func drawLeg(l *call.Leg, start, end time.Time) []bar {
	span := end.Sub(start)
	if span <= 0 {
		span = time.Second
	}
	var bars []bar
	for i, m := range l.Moments {
		if m.Phase == call.Ended || m.Phase == call.Missed {
			break
		}
		until := end
		if i+1 < len(l.Moments) {
			until = l.Moments[i+1].At
		}
		b := bar{X: share(m.At.Sub(start), span), W: share(until.Sub(m.At), span), Phase: m.Phase, Word: phaseWord(m.Phase), At: m.At}
		b.W = max(b.W, 0.4)
		b.Text = b.W >= textRoom
		bars = append(bars, b)
	}
	return bars
}

func share(part, whole time.Duration) float64 {
	p := 100 * float64(part) / float64(whole)
	return min(100, max(0, p))
}
