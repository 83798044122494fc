// Package table holds the steps that read and write data tables: get a row, put one, count in one, delete one, each of the last
// three with a condition if it is wanted. What a step found is known to the steps after it as reply.NAME.
//
// A step may be performed again after a crash. It then carries the same key, and the table's history says that it was done.
package table

import "cordboard/workflow"

// The kinds of the steps.
const (
	kindGet    = "table.get"
	kindPut    = "table.put"
	kindDelete = "table.delete"
)

// Specs describes what a workflow may write about the steps.
func Specs() []workflow.Spec {
	name := workflow.Arg{Name: "table", Type: workflow.Text, Required: true, Doc: "The table's name.", Example: "preview_retries_wrap_policy"}
	key := workflow.Arg{Name: "key", Type: workflow.Text, Required: true, Doc: "The key of the row.", Example: "${call.wrapup}"}
	only := workflow.Arg{Name: "if", Type: workflow.Expression, Doc: "The version that the row must have: the step is skipped (`row-changed`) when it has another; 0 when it must not be there.", Example: "${reply.seen.version}"}
	as := func(also string) workflow.Arg {
		return workflow.Arg{Name: "as", Type: workflow.Name, Doc: "A name for what was found. Later steps of the workflow on the same leg see it as `reply.NAME.found`, `reply.NAME.row.COLUMN` and `reply.NAME.version`" + also + ".", Example: "policy"}
	}
	return []workflow.Spec{
		{
			Kind: kindGet, Lane: workflow.WorkLane, Title: "Read a table",
			Doc:  "Reads a row of a data table. A key that has no row gets the table's default row, if it has one.",
			Args: []workflow.Arg{name, key, as("")},
		},
		{
			Kind: kindPut, Lane: workflow.WorkLane, Title: "Write a table",
			Doc: "Puts a row into a data table, or changes some of its columns; those that are not named stay as they are. It is done once, also after a crash.",
			Args: []workflow.Arg{
				name, key,
				{Name: "set", Type: workflow.Map, Doc: "Values by column; null empties a column. A value that is only an expression and turns out empty is left out.", Example: "{ list: \"${call.campaign}\", dialled: true }"},
				{Name: "add", Type: workflow.Map, Doc: "Numbers that are added to columns of the type number, without losing what others add at the same time; an empty column counts as 0.", Example: "{ attempts: 1 }"},
				only, as(", and as `reply.NAME.stored` whether the row was changed"),
			},
		},
		{
			Kind: kindDelete, Lane: workflow.WorkLane, Title: "Delete from a table",
			Doc:  "Deletes a row of a data table. One that is not there is no failure. It is done once, also after a crash.",
			Args: []workflow.Arg{name, key, only, as(", and as `reply.NAME.stored` whether the row is gone")},
		},
	}
}
