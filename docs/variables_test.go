package docs_test

import (
	"fmt"
	"go/ast"
	"strings"
	"testing"
)

// meanings say what each variable of expressions is. The names and types come from the code, and each needs a meaning.
var meanings = map[string]string{
	"Call.id":         "Cordboard's id of the call",
	"Call.platform":   "such as `cisco`",
	"Call.connection": "the connection's name in the configuration",
	"Call.mode":       "pacing mode; empty while the platform has not said it",
	"Call.direction":  "`inbound` or `outbound`",
	"Call.customer":   "the customer's number as the platform writes it; empty when unknown or withheld",
	"Call.campaign":   "the campaign's name",
	"Call.queue":      "the queue's name",
	"Call.vars":       "the call's variables; one that the call does not carry is the empty text",
	"Call.reconciled": "a part of the call was concluded from a snapshot after a gap",
	"Call.legs":       "all legs of the call",
	"Leg.leg":         "the leg's id",
	"Leg.agent":       "the agent's id on the platform",
	"Leg.extension":   "the agent's device",
	"Leg.role":        "`customer`, `consult`, `conference`, `transfer` or `reservation`",
	"Leg.phase":       "the newest phase",
	"Leg.wrapup":      "the wrap-up reason that the agent chose",
	"Leg.talkSeconds": "seconds of talk, without hold",
	"Leg.holdSeconds": "seconds on hold",
	"Leg.wrapSeconds": "seconds of after-call work",
	"Leg.startedAt":   "its first moment",
	"Leg.answeredAt":  "when it first talked; null until then",
	"Leg.endedAt":     "when it was over; null until then",
	"Event.type":      "the call type",
	"Event.rawType":   "the platform's bare call type where it differs",
	"Event.name":      "the event",
	"Event.phase":     "its phase",
	"Event.at":        "the platform's time of it",
	"Event.agent":     "whose event it is",
	"Pop.id":          "id of the record that was opened; empty when there was not exactly one",
	"Pop.type":        "its object, such as `Contact`",
	"Pop.name":        "its name",
	"Pop.count":       "how many records were found",
	"Record.id":       "id of the record",
	"Record.created":  "it was made by this step, not found there",
	"Reply.status":    "the status, such as 200; 0 while there is no answer",
	"Reply.headers":   "some of its headers, by their names in small letters",
	"Reply.body":      "its JSON; a path that is not there is null, which reads as an empty text",
	"Reply.found":     "of a table: whether the key has a row",
	"Reply.row":       "of a table: the row by its columns, or the default row of a key that has none; a column that is empty reads as an empty text",
	"Reply.version":   "of a table: the row's version, 0 when there is no row",
	"Reply.stored":    "of a table: whether the step changed the row",
}

// variables are tables of what expressions may read, from the objects of package workflow.
func variables(t *testing.T) string {
	file := files(t)["workflow/objects.go"]
	objects := map[string][]string{}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Name.Name == "legFields" {
				objects["Leg"] = rowsOf(t, "Leg", decl)
			}
		case *ast.GenDecl:
			ast.Inspect(decl, func(n ast.Node) bool {
				kv, ok := n.(*ast.KeyValueExpr)
				if ok && text(kv.Key) != "" && text(kv.Key) != "Leg" {
					objects[text(kv.Key)] = rowsOf(t, text(kv.Key), kv.Value)
				}
				return true
			})
		}
	}
	var b strings.Builder
	for i, o := range []struct{ object, intro string }{
		{"Call", "`call`: the call, and everything of the leg that the event is about"},
		{"Leg", "Every leg in `call.legs`; for the event's own leg the same names stand on `call` itself: `call.talkSeconds`"},
		{"Event", "`event`: the event that fired the rule"},
		{"Pop", "`pop`: the newest pop on this agent's screen for this call"},
		{"Record", "`record.Task`, `record.NAME`: a record that this call wrote, by its object or its `as` name"},
		{"Reply", "`reply.NAME`: what the step with that `as` name was answered, by a server or a table, for the later steps of its workflow on the same leg"},
	} {
		if len(objects[o.object]) == 0 {
			t.Fatalf("workflow/objects.go: nothing found for %s", o.object)
		}
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s:\n\n| name | type | meaning |\n|---|---|---|\n%s", o.intro, strings.Join(objects[o.object], ""))
	}
	return b.String()
}

// rowsOf are the table rows of the fields that are listed within a node as {"name", cel.SomeType, …}.
func rowsOf(t *testing.T, object string, n ast.Node) []string {
	var rows []string
	ast.Inspect(n, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok || len(lit.Elts) != 3 || text(lit.Elts[0]) == "" {
			return true
		}
		name := text(lit.Elts[0])
		meaning := meanings[object+"."+name]
		if meaning == "" {
			t.Errorf("%s.%s has no meaning in variables_test.go", object, name)
		}
		rows = append(rows, fmt.Sprintf("| `%s` | %s | %s |\n", name, celType(lit.Elts[1]), meaning))
		return true
	})
	return rows
}

func celType(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		word := strings.ToLower(strings.TrimSuffix(e.Sel.Name, "Type"))
		if word == "string" {
			return "text"
		}
		return word
	case *ast.CallExpr:
		if fun, ok := e.Fun.(*ast.SelectorExpr); ok {
			return strings.ToLower(strings.TrimSuffix(fun.Sel.Name, "Type"))
		}
	}
	return "?"
}
