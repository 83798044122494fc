package console

import (
	"slices"
	"strings"

	"cordboard/engine"
	"cordboard/workflow"
)

// firedRule is a rule that an event fired, beside its lines in the file.
type firedRule struct {
	workflow.Verdict
	When  string // its condition as written
	Lines string
	// Ran is false when the rule matched but had fired for this leg before.
	Ran bool
	// Changed is true when the workflow's text is another one now than when the rule fired.
	Changed bool
}

// firedRules joins what the rules in force say with what really ran. A rule that ran and would not fire any more, or is
// no longer there, is listed all the same.
func (c *Console) firedRules(x *engine.Explained) []firedRule {
	var out []firedRule
	for _, v := range x.Verdicts {
		if v.Matched {
			out = append(out, c.firedRule(v, x.Runs))
		}
	}
	for _, r := range x.Runs {
		if slices.ContainsFunc(out, func(f firedRule) bool { return f.Workflow == r.Workflow && f.Rule == r.Rule }) {
			continue
		}
		v := workflow.Verdict{Workflow: r.Workflow, Rule: r.Rule, Matched: true, Detail: "It fired then. The rules in force now would not fire here."}
		for _, now := range x.Verdicts {
			if now.Workflow == r.Workflow && now.Rule == r.Rule {
				v.Line, v.File = now.Line, now.File
			}
		}
		if r.Shadow {
			v.Reason = workflow.InShadow
		}
		out = append(out, c.firedRule(v, x.Runs))
	}
	return out
}

func (c *Console) firedRule(v workflow.Verdict, runs []engine.Run) firedRule {
	f := firedRule{Verdict: v}
	wf, rule := c.rule(v.Workflow, v.Rule)
	for _, r := range runs {
		if r.Workflow == v.Workflow && r.Rule == v.Rule {
			f.Ran, f.Changed = true, wf == nil || wf.Revision != r.Revision
		}
	}
	if !f.Ran {
		f.Detail = "It matched, but had fired for this leg before."
	}
	if rule != nil {
		f.When, f.Lines = rule.Condition(), ruleLines(wf, rule)
	}
	return f
}

// rule finds a rule in force by its names; nil when there is none.
func (c *Console) rule(name, rule string) (*workflow.Workflow, *workflow.Rule) {
	for _, wf := range c.cfg.Rules().Workflows() {
		if wf.Name != name {
			continue
		}
		for _, r := range wf.Rules {
			if r.Name == rule {
				return wf, r
			}
		}
		return wf, nil
	}
	return nil, nil
}

// ruleLines are the lines of the file on which the rule stands, moved to the left.
func ruleLines(wf *workflow.Workflow, rule *workflow.Rule) string {
	lines := strings.Split(wf.Source, "\n")
	from := rule.Line - wf.Line + firstKey(lines)
	if rule.Line < wf.Line || from >= len(lines) {
		return ""
	}
	margin := indent(lines[from])
	until := from + 1
	for until < len(lines) && (blank(lines[until]) || indent(lines[until]) > margin) {
		until++
	}
	for until > from+1 && blank(lines[until-1]) {
		until--
	}
	out := slices.Clone(lines[from:until])
	for i := range out {
		out[i] = out[i][min(margin, indent(out[i])):]
	}
	return strings.Join(out, "\n")
}

// firstKey is the number of the line on which a document's first key stands: comments may come before it.
func firstKey(lines []string) int {
	return max(0, slices.IndexFunc(lines, func(l string) bool { return !blank(l) }))
}

func blank(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || line[0] == '#'
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }
