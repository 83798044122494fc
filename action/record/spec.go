// Package record holds the steps that write a record to the CRM: "Object Creation" and "Object Update (Call Log)".
package record

import "cordboard/workflow"

// Specs describes what a workflow may write about the steps of this package.
func Specs() []workflow.Spec { return []workflow.Spec{CreateSpec(), UpdateSpec()} }

// CreateSpec describes what a workflow may write about a create.
func CreateSpec() workflow.Spec {
	return workflow.Spec{
		Kind: "create", Lane: workflow.WorkLane, Title: "Object Creation", Primary: "object",
		Doc: "Creates a record, once for each agent's leg of the call however often the event is heard. Later steps see it as record.Task.id, or by its `as` name.",
		Args: append(recordArgs(),
			workflow.Arg{Name: "now", Type: workflow.Bool, Doc: "Write at once instead of waiting for company: somebody looks at the screen for it.", Example: "true"}),
	}
}

// UpdateSpec describes what a workflow may write about an update.
func UpdateSpec() workflow.Spec {
	return workflow.Spec{
		Kind: "update", Lane: workflow.WorkLane, Title: "Object Update (Call Log)", Primary: "object",
		Doc:  "Updates the record that the same workflow created on the same leg of the call.",
		Args: recordArgs(),
	}
}

func recordArgs() []workflow.Arg {
	return []workflow.Arg{
		{Name: "object", Type: workflow.ObjectName, Required: true, Doc: "The object's API name.", Example: "Task"},
		{Name: "set", Type: workflow.Map, Doc: "Fields by API name. A value that is only an expression and turns out empty is left out, so it never overwrites; a field is cleared by writing an empty text.", Example: `{ Status: Completed, CallDurationInSeconds: "${call.talkSeconds}" }`},
		{Name: "as", Type: workflow.Name, Doc: "A name for the record, when a workflow writes more than one of the same object.", Example: "consult"},
	}
}
