package workflow

import (
	"strings"

	"github.com/goccy/go-yaml/ast"

	"cordboard/call"
)

var ruleKeys = []string{"name", "on", "mode", "leg", "match", "when", "repeat", "merged", "do"}

func (p *parsing) rule(n ast.Node, name string) *Rule {
	r := &Rule{Name: name, at: place(p.deref(n))}
	r.Line = r.at.line
	seen := map[string]bool{}
	for _, e := range p.entries(n, "a rule") {
		seen[e.key] = true
		switch e.key {
		case "name":
			if text, ok := p.word(e.value, "name"); ok && strings.TrimSpace(text) != "" {
				r.Name = strings.TrimSpace(text)
			}
		case "on":
			p.triggers(r, e.value)
		case "mode":
			r.Modes, r.modeAt = someOf(p, e.value, "mode", call.Modes()), place(e.value)
		case "leg":
			r.Legs = someOf(p, e.value, "leg", call.Roles())
		case "match":
			p.matchings(r, e.value)
		case "when":
			p.condition(r, e.value)
		case "repeat":
			r.Repeat = p.yes(e.value, "repeat")
		case "merged":
			r.Merged = p.yes(e.value, "merged")
		case "do":
			p.steps(r, e)
		default:
			seen[p.unknownRuleKey(e)] = true
		}
	}
	if !seen["on"] {
		p.errorf(r.at, "a rule needs on: the event that starts it")
	}
	if !seen["do"] {
		p.errorf(r.at, "a rule needs do: a list of steps")
	}
	r.Summary = summary(r.steps)
	return r
}

// unknownRuleKey reports a key and returns the one that was probably meant.
func (p *parsing) unknownRuleKey(e entry) string {
	for _, s := range p.specs {
		if s.Kind == e.key {
			p.errorf(e.at, "%s is a step: it belongs into the rule's list do", e.key)
			return "do"
		}
	}
	return p.unknownKey(e, "a rule", ruleKeys)
}

func (p *parsing) triggers(r *Rule, n ast.Node) {
	items := p.items(n)
	if _, alias := n.(*ast.AliasNode); len(items) == 0 && !alias {
		p.errorf(place(n), "on needs an event, such as PREDICTIVE_OUTBOUND ALERTING, or a phase, such as offered")
	}
	for _, item := range items {
		text, ok := p.word(item, "an event")
		if !ok {
			continue
		}
		t := trigger{text: text, at: place(p.deref(item))}
		fields := strings.Fields(strings.ToLower(text))
		switch {
		case len(fields) == 1 && isPhase(fields[0]):
			t.phase = call.Phase(fields[0])
		case len(fields) == 1 && fields[0] != "*":
			t.event = fields[0]
		case len(fields) == 2 && fields[1] != "*":
			t.callType, t.event = strings.TrimPrefix(fields[0], "*"), fields[1]
		default:
			p.errorf(t.at, "%q is no event: write the call type and the event, such as PREDICTIVE_OUTBOUND ALERTING, or a phase, such as offered", text)
			continue
		}
		r.On = append(r.On, text)
		r.triggers = append(r.triggers, t)
	}
}

func isPhase(word string) bool {
	for _, phase := range call.Phases() {
		if word == string(phase) {
			return true
		}
	}
	return false
}

// condition reads `when`: CEL, bare or in ${…}.
func (p *parsing) condition(r *Rule, n ast.Node) {
	n = p.deref(n)
	if b, ok := n.(*ast.BoolNode); ok {
		r.When = b.GetToken().Value
		r.when = &value{path: "when", tmpl: bareExpression(r.When), node: n, text: r.When}
		return
	}
	text, ok := p.word(n, "when")
	if !ok {
		return
	}
	r.When = strings.TrimSpace(text)
	r.when = p.expression("when", n, text)
	if r.when != nil && !r.when.tmpl.sole {
		p.errorf(place(n), "when must be one expression: write it without ${…}")
		r.when = nil
	}
}
