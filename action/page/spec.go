// Package page is the step that opens a page on the agent's screen: "Invoke SF Page".
package page

import "cordboard/workflow"

// Spec describes what a workflow may write about a page.
func Spec() workflow.Spec {
	return workflow.Spec{
		Kind: "page", Lane: workflow.ScreenLane, Title: "Invoke SF Page", Primary: "url",
		Doc: "Opens a page on the agent's screen.",
		Args: []workflow.Arg{
			{Name: "url", Type: workflow.URL, Required: true, Doc: "The page's address: a path within Salesforce, or a full https address. Values in it are escaped.", Example: "/apex/CallScript?lcm=${call.vars.LCMKey}"},
		},
	}
}
