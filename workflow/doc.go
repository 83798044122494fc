// Package workflow is the language that administrators write: it parses workflow files, checks them, matches events
// against their rules and explains why a rule did nothing. It is pure: no goroutine, no clock, no I/O.
//
// A file holds YAML documents, each one workflow: a name, the platform and pacing modes that it is for, a state, and
// rules. A rule is a trigger (`on`: the platform's own words, or a phase that all platforms share), a condition
// (`when`) and steps (`do`). What kinds of steps there are is not known here: each comes as a [Spec].
//
//	[Parse]           text to workflows, with every mistake in the syntax and its place
//	[Workflow.Check]  what the catalog and the types of expressions say against them
//	[Compile]         workflows to a [Set]
//	[Set.Match]       a moment of a call to plans: which rules fire, with which steps
//	[Set.Explain]     the same moment to verdicts: why each rule did or did not fire
//	[Resolve]         a planned step, when earlier steps have brought their results, to complete arguments
//	[RunTests]        a file of unit tests of workflows to a report
//	[Schema]          specs to a JSON Schema, for editors
//
// Conditions and values are CEL. They see call, event, pop and record, and nothing else; what an evaluation may cost is
// limited. Values are templates: texts with ${…} pieces, and a value that is exactly one piece keeps its type. In a
// mapping of fields such a value is left out when it turns out empty, so that what a call does not carry never
// overwrites what a record has. A template that mentions pop or record waits for them: it stays in [Planned].Later.
//
// # Merges
//
// When a transfer or conference joins two dialogs, one of them ends although its agent talks on. Such an event is
// marked ([call.Event].Merged) and starts no rule, whatever legs the rule is for, unless it says `merged: true`: an
// update at DROPPED fires once a leg, and fired by the merge it would miss the leg's end.
package workflow
