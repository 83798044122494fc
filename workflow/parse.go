package workflow

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"

	"cordboard/call"
)

// Parse reads a file of workflows: one or more YAML documents, each one workflow. specs are the kinds of steps that
// there are. Parse goes on after a mistake and returns every problem of the file's syntax; types, events and names
// are for [Workflow.Check]. A workflow with errors is among the returned ones, so that it can be checked for more,
// but Compile refuses it.
func Parse(file string, src []byte, specs []Spec) ([]*Workflow, Problems) {
	s := newSource(file, src)
	switch {
	case len(src) > maxFile:
		s.errorf(spot{1, 1}, "the file is larger than %d bytes", maxFile)
		return nil, s.problems
	case !utf8.Valid(src):
		s.errorf(spot{1, 1}, "the file is not UTF-8 text")
		return nil, s.problems
	}
	var workflows []*Workflow
	for _, d := range s.documents() {
		before := len(s.problems)
		p := &parsing{document: d, specs: specs}
		w := p.workflow()
		w.broken = slices.ContainsFunc(s.problems[before:], func(p Problem) bool { return p.Severity == Error })
		for _, other := range workflows {
			if w.Name != "" && other.Name == w.Name {
				s.errorf(place(d.body), "there is a workflow named %q above, at line %d", w.Name, other.Line)
				w.broken = true
			}
		}
		workflows = append(workflows, w)
	}
	if len(workflows) == 0 && len(s.problems) == 0 {
		s.errorf(spot{1, 1}, "there is no workflow in this file")
	}
	return workflows, s.sorted()
}

// parsing reads one document.
type parsing struct {
	*document
	specs []Spec
}

var workflowKeys = []string{"name", "platform", "mode", "state", "description", "rules"}

func (p *parsing) workflow() *Workflow {
	sum := sha256.Sum256([]byte(p.raw))
	w := &Workflow{
		State: Live, File: p.file, Line: place(p.body).line, Source: p.raw,
		Revision: hex.EncodeToString(sum[:6]), src: p.source,
	}
	given, before := map[string]bool{}, len(p.problems)
	entries := p.entries(p.body, "a workflow")
	for _, e := range entries {
		given[e.key] = true
		switch e.key {
		case "name":
			w.Name, _ = p.word(e.value, "name")
			w.Name = strings.TrimSpace(w.Name)
		case "platform":
			w.Platform = oneOf(p, e.value, "platform", call.Platforms())
		case "mode":
			w.Modes = someOf(p, e.value, "mode", call.Modes())
		case "state":
			w.State = oneOf(p, e.value, "state", States())
		case "description":
			w.Description, _ = p.word(e.value, "description")
		case "rules":
			p.rules(w, e.value)
		default:
			given[p.unknownKey(e, "a workflow", workflowKeys)] = true
		}
	}
	if len(entries) == 0 {
		if len(p.problems) == before {
			p.errorf(place(p.body), "the workflow is empty")
		}
		return w
	}
	if w.Name == "" {
		p.errorf(place(p.body), "a workflow needs a name")
	}
	if !given["rules"] {
		p.errorf(place(p.body), "a workflow needs rules")
	}
	return w
}

// unknownKey reports a key and returns the one that was probably meant.
func (p *parsing) unknownKey(e entry, what string, known []string) (suggestion string) {
	if e.key == "<<" {
		p.errorf(e.at, "merge keys (<<) are not part of the language")
		return ""
	}
	suggestion = nearest(e.key, known)
	if suggestion == "" {
		p.errorf(e.at, "%s has no key %q: it may have %s", what, e.key, list(known, "and"))
		return ""
	}
	p.problem(Error, e.at, suggestion, "%s has no key %q", what, e.key)
	return suggestion
}

// oneOf reads one word of a closed list.
func oneOf[T ~string](p *parsing, n ast.Node, what string, known []T) T {
	text, ok := p.word(n, what)
	if !ok {
		return ""
	}
	for _, k := range known {
		if strings.EqualFold(text, string(k)) {
			return k
		}
	}
	suggestion := nearest(text, plain(known))
	if suggestion == "" {
		p.errorf(place(p.deref(n)), "unknown %s %q: there are %s", what, text, list(plain(known), "and"))
	} else {
		p.problem(Error, place(p.deref(n)), suggestion, "unknown %s %q", what, text)
	}
	return ""
}

// someOf reads one word of a closed list, or a list of them.
func someOf[T ~string](p *parsing, n ast.Node, what string, known []T) []T {
	var some []T
	for _, item := range p.items(n) {
		if word := oneOf(p, item, what, known); word != "" && !slices.Contains(some, word) {
			some = append(some, word)
		}
	}
	return some
}

func (p *parsing) rules(w *Workflow, n ast.Node) {
	list, ok := p.deref(n).(*ast.SequenceNode)
	if !ok {
		p.errorf(place(n), "rules must be a list: every rule begins with “- ”")
		return
	}
	names := map[string]int{}
	for i, item := range list.Values {
		r := p.rule(item, fmt.Sprintf("rule %d", i+1))
		if line, twice := names[r.Name]; twice {
			p.errorf(r.at, "there is a rule named %q above, at line %d", r.Name, line)
		}
		names[r.Name] = r.Line
		w.Rules = append(w.Rules, r)
	}
}
