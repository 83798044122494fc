// Package pop is the step that finds the customer's record and shows it to the agent: "Screen pop (Look Up)".
package pop

import "cordboard/workflow"

// Spec describes what a workflow may write about a pop.
func Spec() workflow.Spec {
	return workflow.Spec{
		Kind: "pop", Lane: workflow.ScreenLane, Title: "Screen pop (Look Up)", Primary: "by",
		Doc: "Finds the customer's record and opens it on the agent's screen. Later steps see what was found as pop.id, pop.type, pop.name and pop.count.",
		Args: []workflow.Arg{
			{Name: "find", Type: workflow.Words, Doc: "The objects to look in, the preferred one first.", Default: []string{"Contact", "Lead", "Account"}, Example: "[Contact, Lead]"},
			{Name: "by", Type: workflow.Expression, Doc: "The phone number to look for. Numbers are compared by their national digits.", Default: "${call.customer}", Example: "call.customer"},
			{Name: "id", Type: workflow.Expression, Doc: "A record id that the call carries. When it is there, it is opened and nothing is looked up.", Example: "call.vars.ContactId"},
			{Name: "none", Type: workflow.Enum, Enum: []string{"new Contact", "new Lead", "new Account", "new Case", "nothing", "search"}, Default: "nothing", Doc: "What to open when nothing is found.", Example: "new Lead"},
			{Name: "many", Type: workflow.Enum, Enum: []string{"list", "first", "nothing"}, Default: "list", Doc: "What to open when several records are found.", Example: "list"},
		},
	}
}
