package workflow

import (
	"fmt"
	"regexp"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types/ref"
)

// expr is one CEL expression, ready to be evaluated unless it is faulty.
type expr struct {
	src   string
	ast   *cel.Ast
	prog  cel.Program
	names map[string]bool // of call, event, pop, record, reply: the ones it mentions
	// records and replies are the names X in record.X and reply.X, as far as they can be read off the text.
	records, replies []string
	// faults are what is wrong with it, places counted in characters of src.
	faults []fault
	syntax bool // the faults are in its syntax, not in its types
}

// fault is a problem within an expression.
type fault struct {
	line, col  int // line from 1, column from 0, as CEL counts
	message    string
	suggestion string
}

// compile makes an expression ready; what is wrong with it is in its faults.
func compile(src string) *expr {
	e := &expr{src: src, names: map[string]bool{}}
	env, err := environment()
	if err != nil {
		e.faults = []fault{{1, 0, err.Error(), ""}}
		return e
	}
	parsed, iss := env.Parse(src)
	if iss.Err() != nil {
		e.syntax, e.faults = true, faultsOf(iss.Errors(), nil, src)
		return e
	}
	e.mentions(parsed.NativeRep().Expr())
	checked, iss := env.Check(parsed)
	if iss.Err() != nil {
		e.faults = faultsOf(iss.Errors(), parsed.NativeRep().Expr(), src)
		return e
	}
	e.ast = checked
	e.prog, err = env.Program(checked, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(maxCost))
	if err != nil {
		e.faults = []fault{{1, 0, err.Error(), ""}}
	}
	return e
}

// eval evaluates the expression; a panic of a function is an error like any other.
func (e *expr) eval(s *scope) (v ref.Val, err error) {
	if e.prog == nil {
		return nil, fmt.Errorf("%s: %s", e.src, e.faults[0].message)
	}
	v, _, err = e.prog.Eval(s)
	return v, err
}

func (e *expr) mentions(root ast.Expr) {
	ast.PreOrderVisit(root, ast.NewExprVisitor(func(x ast.Expr) {
		switch x.Kind() {
		case ast.IdentKind:
			e.names[x.AsIdent()] = true
		case ast.SelectKind:
			head, name, _ := strings.Cut(dotted(x), ".")
			name, _, _ = strings.Cut(name, ".")
			switch head {
			case "record":
				e.records = union(e.records, []string{name})
			case "reply":
				e.replies = union(e.replies, []string{name})
			}
		}
	}))
}

func faultsOf(errs []*common.Error, root ast.Expr, src string) []fault {
	var faults []fault
	for _, err := range errs {
		f := fault{line: max(1, err.Location.Line()), col: max(0, err.Location.Column())}
		f.message, f.suggestion = friendly(err.Message, err.ExprID, root)
		f.col = nameAt(src, f, err.Message)
		faults = append(faults, f)
	}
	// One mistake often makes the parser stumble twice at the same place.
	unique := faults[:0]
	for i, f := range faults {
		if i == 0 || f.line != faults[i-1].line || f.col != faults[i-1].col {
			unique = append(unique, f)
		}
	}
	return unique
}

// nameAt moves a place that CEL gives at the dot of a field, or at the parenthesis of a function, to the name.
func nameAt(src string, f fault, message string) int {
	lines := strings.Split(src, "\n")
	if f.line > len(lines) {
		return f.col
	}
	line := []rune(lines[f.line-1])
	if f.col >= len(line) {
		return f.col
	}
	if m := undeclared.FindStringSubmatch(message); m != nil && line[f.col] == '(' {
		return max(0, f.col-runes(m[1]))
	}
	if undefinedField.MatchString(message) && line[f.col] == '.' {
		return f.col + 1
	}
	return f.col
}

var (
	undefinedField = regexp.MustCompile(`^undefined field '(.*)'$`)
	undeclared     = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	noOverload     = regexp.MustCompile(`^found no matching overload for '(.*)' applied to '(.*)'$`)
)

// friendly puts CEL's message into the words of somebody who writes workflows.
func friendly(message string, id int64, root ast.Expr) (text, suggestion string) {
	if m := undefinedField.FindStringSubmatch(message); m != nil {
		owner, fields := ownerOf(id, root)
		return fmt.Sprintf("%s has no field %q", owner, m[1]), nearest(m[1], fields)
	}
	if m := undeclared.FindStringSubmatch(message); m != nil {
		known := []string{"call", "event", "pop", "record", "reply", "digits", "phone", "last4", "urlpart", "has", "size", "string", "int", "double", "duration", "timestamp"}
		return fmt.Sprintf("unknown name %q", m[1]), nearest(m[1], known)
	}
	if m := noOverload.FindStringSubmatch(message); m != nil {
		return overloadMessage(m[1], m[2]), ""
	}
	if message == "invalid matches argument" {
		return "this is no regular expression of RE2, which has no look-around and no back-references", ""
	}
	if s, ok := strings.CutPrefix(message, "Syntax error: "); ok {
		s = strings.ReplaceAll(s, "<EOF>", "the end of the expression")
		s, _, _ = strings.Cut(s, " expecting {")
		return "the expression is not complete or not CEL: " + s, ""
	}
	return message, ""
}

// ownerOf finds the object whose field an error is about, and the fields it has.
func ownerOf(id int64, root ast.Expr) (string, []string) {
	owner, typ := "it", ""
	if root != nil {
		ast.PreOrderVisit(root, ast.NewExprVisitor(func(x ast.Expr) {
			if x.ID() == id && x.Kind() == ast.SelectKind {
				owner = dotted(x.AsSelect().Operand())
			}
		}))
	}
	switch {
	case owner == "call", owner == "event", owner == "pop":
		typ = strings.ToUpper(owner[:1]) + owner[1:]
	case strings.HasPrefix(owner, "record."):
		typ = "Record"
	case strings.HasPrefix(owner, "reply."):
		typ = "Reply"
	case owner == "":
		owner, typ = "this", "Leg"
	}
	var names []string
	for _, f := range objectFields[typ] {
		names = append(names, f.name)
	}
	return owner, names
}

var operatorWords = map[string]string{
	"_==_": "==", "_!=_": "!=", "_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">=", "_+_": "+", "_-_": "-",
	"_*_": "*", "_/_": "/", "_%_": "%", "_&&_": "&&", "_||_": "||", "!_": "!", "@in": "in", "_?_:_": "? :", "_[_]": "[ ]",
}

func overloadMessage(function, types string) string {
	if op, ok := operatorWords[function]; ok {
		args := strings.Split(strings.Trim(types, "()"), ", ")
		if len(args) == 2 {
			return fmt.Sprintf("%s does not go between %s and %s", op, args[0], args[1])
		}
		return fmt.Sprintf("%s does not take %s", op, strings.Join(args, ", "))
	}
	if target, args, ok := strings.Cut(types, ".("); ok {
		return fmt.Sprintf("%s.%s does not take (%s", target, function, args)
	}
	return fmt.Sprintf("%s does not take %s", function, types)
}
