package workflow

import (
	"bytes"
	"encoding/json"
	"fmt"

	"cordboard/call"
)

// SchemaID is the address under which the JSON Schema is published.
const SchemaID = "https://cordboard.dev/schema/workflow.json"

// node is a part of a schema.
type node = map[string]any

// Schema returns the JSON Schema (2020-12) of one workflow document, made from the specs of the kinds of steps. It
// accepts what Parse accepts, except that it cannot look into expressions.
func Schema(specs []Spec) []byte {
	steps := []any{}
	for _, s := range specs {
		steps = append(steps, s.schema())
	}
	root := node{
		"$schema":              "https://json-schema.org/draft/2020-12/schema",
		"$id":                  SchemaID,
		"title":                "Cordboard workflow",
		"type":                 "object",
		"additionalProperties": false,
		"required":             []string{"name", "rules"},
		"properties": node{
			"name":        node{"type": "string", "minLength": 1, "description": "The workflow's name. It is part of the key of every record that the workflow writes."},
			"platform":    node{"enum": call.Platforms(), "description": "The platform whose calls this is for; every platform when left out."},
			"mode":        some(call.Modes(), "The pacing modes that this is for; every mode when left out."),
			"state":       node{"enum": States(), "default": Live, "description": "live acts; shadow matches and records, but does nothing; off does not even match."},
			"description": node{"type": "string"},
			"rules":       node{"type": "array", "items": node{"$ref": "#/$defs/rule"}},
		},
		"$defs": node{"rule": ruleSchema(), "step": node{"oneOf": steps}},
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(root); err != nil {
		panic(fmt.Sprintf("workflow: the schema is made of plain values: %v", err))
	}
	return out.Bytes()
}

func ruleSchema() node {
	return node{
		"type":                 "object",
		"additionalProperties": false,
		"required":             []string{"on", "do"},
		"properties": node{
			"name":   node{"type": "string", "description": "How pages call the rule; its number when left out."},
			"on":     oneOrMore(node{"type": "string", "examples": []string{"PREDICTIVE_OUTBOUND ALERTING", "offered", "* DROPPED"}}, "The event that starts the rule: a call type and an event, an event alone, or a phase."),
			"mode":   some(call.Modes(), "Narrows the workflow's modes for this rule."),
			"leg":    some(call.Roles(), "The agents' parts in the call that this is for; every part when left out."),
			"match":  matchSchema(),
			"when":   node{"type": []string{"string", "boolean"}, "description": "A condition in CEL.", "examples": []string{`call.campaign.startsWith("Winback")`}},
			"repeat": node{"type": "boolean", "default": false, "description": "Fire at every such event, and not only once for each agent's part in the call."},
			"merged": node{"type": "boolean", "default": false, "description": "Fire also at the end of a dialog that a transfer or conference swallowed."},
			"do":     node{"type": "array", "minItems": 1, "items": node{"$ref": "#/$defs/step"}},
		},
	}
}

func matchSchema() node {
	var known []string
	for _, op := range comparisons() {
		known = append(known, op.name, op.sign)
	}
	plain := node{"type": []string{"string", "number", "boolean"}}
	one := node{
		"type": "object", "additionalProperties": false, "required": []string{"path", "operator"},
		"properties": node{
			"path":     node{"type": "string", "description": "A place in the message that told the event, or a name such as call.vars.Tier.", "examples": []string{"disconnectType", "participants[*].purpose", "call.vars.Tier"}},
			"operator": node{"anyOf": []any{node{"enum": known}, node{"type": "string"}}, "description": "How they are compared."},
			"value":    node{"anyOf": []any{plain, node{"type": "array", "items": plain}}},
			"values":   node{"anyOf": []any{plain, node{"type": "array", "items": plain}}},
		},
	}
	return node{"type": "array", "minItems": 1, "items": one, "description": "Conditions as triggers of Genesys Cloud have them: a path, an operator, a value. All must be met, and when, too."}
}

// schema allows the arguments under the kind or beside it.
func (s *Spec) schema() node {
	under, beside := node{}, node{}
	for _, a := range s.Args {
		under[a.Name], beside[a.Name] = a.schema(), a.schema()
	}
	forms := []any{node{"type": "object", "additionalProperties": false, "properties": under}, node{"type": "null"}}
	if a := s.arg(s.Primary); a != nil {
		forms = append(forms, a.schema())
	}
	beside[s.Kind] = node{"description": s.Doc, "anyOf": forms}
	return node{"type": "object", "title": s.Title, "additionalProperties": false, "required": []string{s.Kind}, "properties": beside}
}

func (a *Arg) schema() node {
	s := node{"type": "string"}
	switch a.Type {
	case Text, URL, Expression:
		s["type"] = []string{"string", "number", "boolean"}
	case Words:
		s = oneOrMore(node{"type": "string"}, "")
	case Enum:
		s = node{"enum": a.Enum}
	case Map:
		s = node{"type": []string{"object", "null"}, "additionalProperties": node{"type": []string{"string", "number", "boolean", "null"}}}
	case JSON:
		s = node{"type": []string{"object", "array", "string", "number", "boolean", "null"}}
	case Bool:
		s["type"] = []string{"boolean", "string"}
	case ObjectName, Name:
		s["pattern"] = apiName.String()
	}
	s["description"] = a.Doc
	if a.Example != "" {
		s["examples"] = []string{a.Example}
	}
	return s
}

func some[T ~string](words []T, doc string) node {
	return oneOrMore(node{"enum": words}, doc)
}

func oneOrMore(one node, doc string) node {
	s := node{"anyOf": []any{one, node{"type": "array", "items": one}}}
	if doc != "" {
		s["description"] = doc
	}
	return s
}
