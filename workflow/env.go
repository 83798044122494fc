package workflow

import (
	"net/url"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"
	"github.com/nyaruka/phonenumbers"

	"cordboard/call"
)

// defaultRegion is the country of numbers without a country code, unless phone's second argument names one.
const defaultRegion = "US"

// What an expression may cost: its text in characters, its nesting, and the work of one evaluation in CEL's units.
const (
	maxExpression = 4096
	maxNesting    = 64
	maxCost       = 100_000
)

// environment is what expressions may use: its making takes milliseconds and its result never changes.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	r, err := newRegistry()
	if err != nil {
		return nil, err
	}
	return cel.NewEnv(
		cel.CustomTypeProvider(r), cel.CustomTypeAdapter(r),
		cel.Variable("call", callType),
		cel.Variable("event", eventType),
		cel.Variable("pop", popType),
		cel.Variable("record", cel.MapType(cel.StringType, recordType)),
		cel.Variable("reply", cel.MapType(cel.StringType, replyType)),
		textFunction("digits", call.Digits),
		textFunction("last4", last4),
		textFunction("urlpart", urlpart),
		urltextFunction(),
		phoneFunction(),
		ext.Strings(),
		cel.ParserExpressionSizeLimit(maxExpression), cel.ParserRecursionLimit(maxNesting),
		cel.ASTValidators(cel.ValidateRegexLiterals(), cel.ValidateDurationLiterals(), cel.ValidateTimestampLiterals(),
			cel.ValidateComprehensionNestingLimit(2)),
		cel.Macros(cel.GlobalMacro(operators.Has, 1, expandHas)),
	)
})

func textFunction(name string, f func(string) string) cel.EnvOption {
	return cel.Function(name, cel.Overload(name+"_string", []*cel.Type{cel.StringType}, cel.StringType,
		cel.UnaryBinding(func(v ref.Val) ref.Val { return types.String(f(string(v.(types.String)))) })))
}

// urltextFunction is what the template of an address passes its values through: how the value reads in a text, escaped.
func urltextFunction() cel.EnvOption {
	return cel.Function("urltext", cel.Overload("urltext_dyn", []*cel.Type{cel.DynType}, cel.StringType,
		cel.UnaryBinding(func(v ref.Val) ref.Val {
			text, err := textOf(v)
			if err != nil {
				return types.WrapErr(err)
			}
			return types.String(urlpart(text))
		})))
}

func phoneFunction() cel.EnvOption {
	return cel.Function("phone",
		cel.Overload("phone_string", []*cel.Type{cel.StringType}, cel.StringType,
			cel.UnaryBinding(func(v ref.Val) ref.Val { return types.String(phone(string(v.(types.String)), defaultRegion)) })),
		cel.Overload("phone_string_string", []*cel.Type{cel.StringType, cel.StringType}, cel.StringType,
			cel.BinaryBinding(func(v, region ref.Val) ref.Val {
				return types.String(phone(string(v.(types.String)), string(region.(types.String))))
			})))
}

// last4 is the last four digits of a number: enough for people to recognise it by, too little to call it.
func last4(s string) string {
	d := call.Digits(s)
	return d[max(0, len(d)-4):]
}

// urlpart escapes a text for any place in an address.
func urlpart(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// phone is the number in E.164 form; what is no number, such as an extension or "anonymous", stays as it is.
func phone(s, region string) string {
	n, err := phonenumbers.Parse(s, strings.ToUpper(region))
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return s
	}
	return phonenumbers.Format(n, phonenumbers.E164)
}

// expandHas makes has(call.vars.X) ask for the key: reading a missing variable is no error, so that the plain
// presence test would always say yes.
func expandHas(eh cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
	if args[0].Kind() != ast.SelectKind {
		return nil, eh.NewError(args[0].ID(), "has() takes a field, such as has(call.vars.X)")
	}
	sel := args[0].AsSelect()
	if key := dotted(sel.Operand()); key == "call.vars" || key == "record" || key == "reply" || inBody(key) {
		return eh.NewCall(operators.In, eh.NewLiteral(types.String(sel.FieldName())), sel.Operand()), nil
	}
	return eh.NewPresenceTest(sel.Operand(), sel.FieldName()), nil
}

// inBody reports whether a dotted name is a place in the body, the headers or the row of a reply.
func inBody(key string) bool {
	parts := strings.Split(key, ".")
	return len(parts) > 2 && parts[0] == "reply" && (parts[2] == "body" || parts[2] == "headers" || parts[2] == "row")
}

// dotted is the dotted name that a chain of fields spells, such as "call.vars.X"; empty for anything else.
func dotted(e ast.Expr) string {
	switch e.Kind() {
	case ast.IdentKind:
		return e.AsIdent()
	case ast.SelectKind:
		sel := e.AsSelect()
		if head := dotted(sel.Operand()); head != "" && !sel.IsTestOnly() {
			return head + "." + sel.FieldName()
		}
	}
	return ""
}

// scope gives the names of an expression their values.
type scope struct {
	call    *callView
	event   *eventView
	pop     *popView
	records ref.Val
	replies ref.Val
	message *message // what told the event, for match conditions
}

// ResolveName implements cel.Activation.
func (s *scope) ResolveName(name string) (any, bool) {
	switch name {
	case "call":
		return s.call, s.call != nil
	case "event":
		return s.event, s.event != nil
	case "pop":
		return s.pop, s.pop != nil
	case "record":
		return s.records, s.records != nil
	case "reply":
		return s.replies, s.replies != nil
	}
	return nil, false
}

// Parent implements cel.Activation.
func (s *scope) Parent() cel.Activation { return nil }
