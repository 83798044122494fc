package console

import (
	"fmt"
	"time"

	"cordboard/call"
	"cordboard/engine"
)

// phaseWord is how people call a phase.
func phaseWord(p call.Phase) string {
	switch p {
	case call.Wrapup:
		return "wrap-up"
	case call.Answered:
		return "talking"
	case call.Held:
		return "on hold"
	case call.Conferenced:
		return "conference"
	case "":
		return "unknown"
	}
	return string(p)
}

// stepWord is how people call a step's state, with its shape and colour class.
func stepWord(s engine.StepState) outcome {
	switch s {
	case engine.Done:
		return outcome{"done", "●", "done"}
	case engine.Pending:
		return outcome{"running", "◐", "working"}
	case engine.Retrying:
		return outcome{"waiting", "◌", "will try again"}
	case engine.Parked:
		return outcome{"waiting", "◌", "parked"}
	case engine.Dead:
		return outcome{"dead", "▲", "needs you"}
	}
	return outcome{"skipped", "–", "skipped"}
}

// wordOf is how people call where a step stands: one that waits for its time has a reason, and is not being worked on.
func wordOf(s *engine.Step) outcome {
	if s.State == engine.Pending && s.Reason != "" {
		return outcome{"waiting", "◌", "waits"}
	}
	return stepWord(s.State)
}

// length is a duration as people read it: 1:23, 0.4 s.
func length(d time.Duration) string {
	switch {
	case d <= 0:
		return "0 s"
	case d < time.Second:
		return fmt.Sprintf("%d ms", max(1, d.Milliseconds()))
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d:%02d", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
}

// clock is a time in UTC as people read it: with milliseconds today, with the day otherwise.
func clock(t, now time.Time) string {
	t, now = t.UTC(), now.UTC()
	switch {
	case t.IsZero():
		return "–"
	case t.YearDay() == now.YearDay() && t.Year() == now.Year():
		return t.Format("15:04:05.000")
	case t.Year() == now.Year():
		return t.Format("2 Jan 15:04")
	}
	return t.Format("2 Jan 2006 15:04")
}
