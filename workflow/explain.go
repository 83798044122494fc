package workflow

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"

	"cordboard/call"
)

// Reason is a code of the closed list of reasons why a rule did nothing.
type Reason string

// The reasons that a rule can have.
const (
	WorkflowOff    Reason = "workflow-off"
	InShadow       Reason = "shadow" // it matched, but its workflow only watches
	OtherPlatform  Reason = "other-platform"
	OtherMode      Reason = "other-mode"
	OtherCallType  Reason = "other-call-type"
	OtherEvent     Reason = "other-event"
	OtherLeg       Reason = "other-leg"
	ConditionFalse Reason = "condition-false"
	ConditionError Reason = "condition-error"
)

// Hit says how one criterion of a rule fared.
type Hit string

// How a criterion fared.
const (
	Met       Hit = "hit"
	Miss      Hit = "miss"
	Unreached Hit = "unreached" // an earlier criterion missed, so it was not looked at
)

// Verdict is what became of one rule at one event.
type Verdict struct {
	Workflow string `json:"workflow"`
	Rule     string `json:"rule"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	// Matched is true when the rule fired; Reason is then empty, or InShadow.
	Matched bool   `json:"matched"`
	Reason  Reason `json:"reason,omitempty"`
	// Detail is one sentence for people. It may quote values of the call.
	Detail string `json:"detail"`
	// Leaf is the part of the condition that was false or failed, and Values what its names stood for.
	Leaf   string            `json:"leaf,omitempty"`
	Values map[string]string `json:"values,omitempty"`
	// Hits are the criteria, for the matrix of rules.
	Hits Hits `json:"hits"`
}

// Near reports whether the rule is about the event and missed only by its leg or its condition.
func (v *Verdict) Near() bool {
	return !v.Matched && (v.Reason == OtherLeg || v.Reason == ConditionFalse || v.Reason == ConditionError)
}

// Hits are the criteria of a rule in the order in which they are looked at. A criterion that the rule does not have
// is met.
type Hits struct {
	Platform Hit `json:"platform"`
	Mode     Hit `json:"mode"`
	Type     Hit `json:"type"`
	Event    Hit `json:"event"`
	Leg      Hit `json:"leg"`
	When     Hit `json:"when"`
}

// Explain says of every rule, in the order of the files, whether the event fired it and, if not, what it missed first.
// It agrees with Match and costs more.
func (s *Set) Explain(m Moment) []Verdict {
	sc := &scope{call: viewCall(m), event: viewEvent(m.Event), message: messageOf(m.Event)}
	verdicts := make([]Verdict, len(s.rules))
	for i, r := range s.rules {
		v := &verdicts[i]
		*v = Verdict{Workflow: r.w.Name, Rule: r.Name, File: r.w.File, Line: r.Line}
		v.Hits = Hits{Unreached, Unreached, Unreached, Unreached, Unreached, Unreached}
		r.explain(v, m, sc)
	}
	return verdicts
}

// criterion is one thing that a rule asks of a moment.
type criterion struct {
	hit    *Hit
	met    bool
	reason Reason
	detail string
}

func (r *indexed) explain(v *Verdict, m Moment, sc *scope) {
	if r.w.State == Off {
		v.Reason, v.Detail = WorkflowOff, "The workflow is switched off."
		return
	}
	for _, c := range r.criteria(v, m) {
		if !c.met {
			*c.hit, v.Reason, v.Detail = Miss, c.reason, c.detail
			return
		}
		*c.hit = Met
	}
	if !r.explainMatch(v, sc) || r.when != nil && !r.explainWhen(v, sc) {
		v.Hits.When = Miss
		return
	}
	v.Hits.When, v.Matched, v.Detail = Met, true, "The rule matched."
	if r.w.State == Shadow {
		v.Reason, v.Detail = InShadow, "The rule matched, but its workflow only watches: nothing was done."
	}
}

func (r *indexed) criteria(v *Verdict, m Moment) []criterion {
	ev, mode := m.Event, modeOf(m)
	ofType, ofEvent := r.triggered(ev)
	return []criterion{
		{&v.Hits.Platform, r.w.Platform == "" || r.w.Platform == ev.Platform, OtherPlatform,
			fmt.Sprintf("The workflow is for the platform %s; the event is from %s.", r.w.Platform, ev.Platform)},
		{&v.Hits.Mode, allows(r.w.Modes, mode) && allows(r.Modes, mode), OtherMode, r.modeDetail(mode)},
		{&v.Hits.Type, ofType, OtherCallType,
			fmt.Sprintf("The rule is for %s; the call type was %s.", list(r.On, "or"), typeWords(ev))},
		{&v.Hits.Event, ofEvent, OtherEvent,
			fmt.Sprintf("The rule is for %s; the event was %s.", list(r.On, "or"), eventWords(ev))},
		{&v.Hits.Leg, allows(r.Legs, ev.Role) && (r.Merged || !ev.Merged), OtherLeg, r.legDetail(ev)},
	}
}

func allows[T comparable](some []T, x T) bool { return len(some) == 0 || slices.Contains(some, x) }

// triggered reports whether one of the rule's triggers has the event's call type, and whether one has the event too.
func (r *indexed) triggered(ev *call.Event) (ofType, ofEvent bool) {
	for _, t := range r.triggers {
		typeHit := t.callType == "" || strings.EqualFold(t.callType, ev.CallType) || ev.RawType != "" && strings.EqualFold(t.callType, ev.RawType)
		eventHit := t.phase != "" && t.phase == ev.Phase || t.event != "" && strings.EqualFold(t.event, ev.Name)
		ofType = ofType || typeHit
		ofEvent = ofEvent || typeHit && eventHit
	}
	return ofType, ofEvent && ev.IsMoment()
}

func (r *indexed) modeDetail(mode call.Mode) string {
	modes := r.w.Modes
	if allows(modes, mode) || len(modes) == 0 {
		modes = r.Modes
	}
	if mode == "" {
		return fmt.Sprintf("The rule is for %s calls; the platform has not said the mode of this one yet.", list(plain(modes), "or"))
	}
	return fmt.Sprintf("The rule is for %s calls; this one is %s.", list(plain(modes), "or"), mode)
}

func (r *indexed) legDetail(ev *call.Event) string {
	if !allows(r.Legs, ev.Role) {
		return fmt.Sprintf("The rule is for the %s leg; the event is of the %s leg.", list(plain(r.Legs), "or"), ev.Role)
	}
	return "A transfer or conference swallowed this dialog: the agent talks on elsewhere, so this is not the leg's end."
}

func typeWords(ev *call.Event) string {
	switch {
	case ev.CallType == "":
		return "not told"
	case ev.RawType != "" && !call.SameWord(ev.RawType, ev.CallType):
		return ev.CallType + " (" + ev.RawType + ")"
	}
	return ev.CallType
}

func eventWords(ev *call.Event) string {
	if !ev.IsMoment() {
		return "only new data"
	}
	words := strings.TrimSpace(ev.CallType + " " + ev.Name)
	if ev.Phase != "" {
		words += ", phase " + string(ev.Phase)
	}
	return words
}

// explainWhen evaluates the condition and, when it does not hold, finds the part of it that is to blame.
func (r *indexed) explainWhen(v *Verdict, sc *scope) bool {
	whole := r.when.tmpl.pieces[0].expr
	yes, err := r.when.holds(sc)
	if err == nil && yes {
		return true
	}
	v.Leaf = strings.TrimSpace(whole.src)
	leaf := whole
	if whole.ast != nil {
		for _, part := range whole.conjuncts() {
			if ok, partErr := (&value{tmpl: bareExpression(part)}).holds(sc); partErr != nil || !ok {
				v.Leaf, leaf = part, compile(part)
				break
			}
		}
	}
	v.Values = leaf.values(sc)
	if err != nil {
		v.Reason, v.Detail = ConditionError, fmt.Sprintf("The condition %s could not be evaluated: %v%s.", v.Leaf, err, v.valueWords())
		return false
	}
	v.Reason, v.Detail = ConditionFalse, fmt.Sprintf("The condition %s was false%s.", v.Leaf, v.valueWords())
	return false
}

// conjuncts are the parts of the expression that must all be true, in order.
func (e *expr) conjuncts() []string {
	info := e.ast.NativeRep().SourceInfo()
	var parts []string
	var split func(x ast.Expr)
	split = func(x ast.Expr) {
		if x.Kind() == ast.CallKind && x.AsCall().FunctionName() == operators.LogicalAnd {
			for _, arg := range x.AsCall().Args() {
				split(arg)
			}
			return
		}
		if text, err := cel.ExprToString(x, info); err == nil {
			parts = append(parts, text)
		}
	}
	split(e.ast.NativeRep().Expr())
	return parts
}

// values are the names in an expression with what they stand for.
func (e *expr) values(sc *scope) map[string]string {
	if e.ast == nil {
		return nil
	}
	values := map[string]string{}
	inner := map[int64]bool{}
	ast.PreOrderVisit(e.ast.NativeRep().Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		name := dotted(x)
		if name == "" || inner[x.ID()] {
			if x.Kind() == ast.SelectKind && inner[x.ID()] {
				inner[x.AsSelect().Operand().ID()] = true
			}
			return
		}
		if x.Kind() == ast.SelectKind {
			inner[x.AsSelect().Operand().ID()] = true
		}
		if v, err := bareExpression(name).eval(sc); err == nil {
			if text, ok := v.(string); ok {
				values[name] = fmt.Sprintf("%q", text)
			} else {
				values[name] = fmt.Sprint(v)
			}
		}
	}))
	return values
}

func (v *Verdict) valueWords() string {
	var words []string
	for name, text := range v.Values {
		words = append(words, name+" was "+text)
	}
	if len(words) == 0 {
		return ""
	}
	slices.Sort(words)
	return ": " + list(words, "and")
}
