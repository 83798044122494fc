// Package wait holds the step that lets time pass: minutes or weeks, over restarts and upgrades, on whichever node is there
// when the time has come.
//
// A step that waits is in the journal and nowhere else. Until when it waits is decided once, stored before it begins, and
// compared with the clock each time the engine asks: a clock that was set while it waited makes it go on when the clock says
// so, never before, and never twice.
package wait

import "cordboard/workflow"

// Spec describes what a workflow may write about the step.
func Spec() workflow.Spec {
	return workflow.Spec{
		Kind: "wait", Lane: workflow.LaterLane, Title: "Wait", Primary: "for",
		Doc: "Waits before the steps after it: for a while, or until a time. It survives restarts, and other rules of the call do not wait for it. Steps for an agent's screen cannot come after it.",
		Args: []workflow.Arg{
			{Name: "for", Type: workflow.Duration, Doc: "For how long, from the moment at which the step's turn comes: `90s`, `240m`, `4h`, `14d`; at most 400 days.", Example: "240m"},
			{Name: "until", Type: workflow.Text, Doc: "Until when, in the place of `for`: a time as in RFC 3339. A time that is over is not waited for.", Example: "${event.at + duration(\"4h\")}"},
			{Name: "expires", Type: workflow.Duration, Default: "24h", Doc: "How late the steps after it may still begin, when Cordboard was not running at the time. What is later than that ends the rule there.", Example: "1h"},
		},
	}
}
