package workflow

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// The types of the names that expressions may use.
var (
	callType   = cel.ObjectType("Call")
	legType    = cel.ObjectType("Leg")
	eventType  = cel.ObjectType("Event")
	popType    = cel.ObjectType("Pop")
	recordType = cel.ObjectType("Record")
	replyType  = cel.ObjectType("Reply")
)

// field is one field of an object that expressions may read.
type field struct {
	name string
	typ  *cel.Type
	get  func(obj any) any // a CEL value or a Go value that the adapter knows
}

func on[T any](get func(*T) any) func(any) any {
	return func(obj any) any { return get(obj.(*T)) }
}

func legFields[T any](leg func(*T) *legView) []field {
	of := func(get func(*legView) any) func(any) any { return func(obj any) any { return get(leg(obj.(*T))) } }
	return []field{
		{"leg", cel.StringType, of(func(l *legView) any { return l.Leg })},
		{"agent", cel.StringType, of(func(l *legView) any { return l.Agent })},
		{"extension", cel.StringType, of(func(l *legView) any { return l.Extension })},
		{"role", cel.StringType, of(func(l *legView) any { return l.Role })},
		{"phase", cel.StringType, of(func(l *legView) any { return l.Phase })},
		{"wrapup", cel.StringType, of(func(l *legView) any { return l.Wrapup })},
		{"talkSeconds", cel.IntType, of(func(l *legView) any { return l.Talk })},
		{"holdSeconds", cel.IntType, of(func(l *legView) any { return l.Hold })},
		{"wrapSeconds", cel.IntType, of(func(l *legView) any { return l.Wrap })},
		{"startedAt", cel.TimestampType, of(func(l *legView) any { return l.Started })},
		{"answeredAt", cel.TimestampType, of(func(l *legView) any { return l.Answered })},
		{"endedAt", cel.TimestampType, of(func(l *legView) any { return l.Ended })},
	}
}

// objectFields are the fields of every object type, in the order of the reference page.
var objectFields = map[string][]field{
	"Call": slices.Concat([]field{
		{"id", cel.StringType, on(func(c *callView) any { return c.ID })},
		{"platform", cel.StringType, on(func(c *callView) any { return c.Platform })},
		{"connection", cel.StringType, on(func(c *callView) any { return c.Connection })},
		{"mode", cel.StringType, on(func(c *callView) any { return c.Mode })},
		{"direction", cel.StringType, on(func(c *callView) any { return c.Direction })},
		{"customer", cel.StringType, on(func(c *callView) any { return c.Customer })},
		{"campaign", cel.StringType, on(func(c *callView) any { return c.Campaign })},
		{"queue", cel.StringType, on(func(c *callView) any { return c.Queue })},
		{"vars", cel.MapType(cel.StringType, cel.StringType), on(func(c *callView) any { return varsOf(c.Vars) })},
		{"reconciled", cel.BoolType, on(func(c *callView) any { return c.Reconciled })},
		{"legs", cel.ListType(legType), on(func(c *callView) any { return legsOf(c.Legs) })},
	}, legFields(func(c *callView) *legView { return &c.legView })),
	"Leg": legFields(func(l *legView) *legView { return l }),
	"Event": {
		{"type", cel.StringType, on(func(e *eventView) any { return e.Type })},
		{"rawType", cel.StringType, on(func(e *eventView) any { return e.RawType })},
		{"name", cel.StringType, on(func(e *eventView) any { return e.Name })},
		{"phase", cel.StringType, on(func(e *eventView) any { return e.Phase })},
		{"at", cel.TimestampType, on(func(e *eventView) any { return e.At })},
		{"agent", cel.StringType, on(func(e *eventView) any { return e.Agent })},
	},
	"Pop": {
		{"id", cel.StringType, on(func(p *popView) any { return p.ID })},
		{"type", cel.StringType, on(func(p *popView) any { return p.Type })},
		{"name", cel.StringType, on(func(p *popView) any { return p.Name })},
		{"count", cel.IntType, on(func(p *popView) any { return p.Count })},
	},
	"Record": {
		{"id", cel.StringType, on(func(r *recordView) any { return r.ID })},
		{"created", cel.BoolType, on(func(r *recordView) any { return r.Created })},
	},
	"Reply": {
		{"status", cel.IntType, on(func(r *replyView) any { return r.Status })},
		{"headers", cel.MapType(cel.StringType, cel.StringType), on(func(r *replyView) any { return varsOf(r.Headers) })},
		{"body", cel.DynType, on(func(r *replyView) any { return partOf(r.Body) })},
		{"found", cel.BoolType, on(func(r *replyView) any { return r.Found })},
		{"row", cel.DynType, on(func(r *replyView) any { return partOf(r.Row) })},
		{"version", cel.IntType, on(func(r *replyView) any { return r.Version })},
		{"stored", cel.BoolType, on(func(r *replyView) any { return r.Stored })},
	},
}

// registry teaches CEL the object types.
type registry struct {
	*types.Registry
	fields map[string]map[string]*types.FieldType
}

func newRegistry() (*registry, error) {
	base, err := types.NewRegistry()
	if err != nil {
		return nil, fmt.Errorf("workflow: %w", err)
	}
	r := &registry{base, map[string]map[string]*types.FieldType{}}
	for object, fields := range objectFields {
		r.fields[object] = map[string]*types.FieldType{}
		for _, f := range fields {
			r.fields[object][f.name] = &types.FieldType{
				Type:    f.typ,
				IsSet:   func(any) bool { return true },
				GetFrom: func(obj any) (any, error) { return f.get(obj), nil },
			}
		}
	}
	return r, nil
}

func (r *registry) FindStructType(name string) (*types.Type, bool) {
	if _, ok := r.fields[name]; ok {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return r.Registry.FindStructType(name)
}

func (r *registry) FindStructFieldNames(name string) ([]string, bool) {
	if fields, ok := objectFields[name]; ok {
		names := make([]string, len(fields))
		for i, f := range fields {
			names[i] = f.name
		}
		return names, true
	}
	return r.Registry.FindStructFieldNames(name)
}

func (r *registry) FindStructFieldType(object, name string) (*types.FieldType, bool) {
	if fields, ok := r.fields[object]; ok {
		f, ok := fields[name]
		return f, ok
	}
	return r.Registry.FindStructFieldType(object, name)
}

// NativeToValue wraps our views; everything else is CEL's own business.
func (r *registry) NativeToValue(v any) ref.Val {
	switch v := v.(type) {
	case *callView:
		return object{callType, v}
	case *legView:
		return object{legType, v}
	case *eventView:
		return object{eventType, v}
	case *popView:
		return object{popType, v}
	case *recordView:
		return object{recordType, v}
	case *replyView:
		return object{replyType, v}
	case time.Time:
		return types.Timestamp{Time: v}
	case nothing:
		return v
	}
	return r.Registry.NativeToValue(v)
}

// object is a view as a CEL value: its fields are read through the registry, and there is nothing else to it.
type object struct {
	typ  *cel.Type
	view any
}

func (o object) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("%s has no value of its own: name one of its fields", o.typ.TypeName())
}

func (o object) ConvertToType(t ref.Type) ref.Val {
	if t.TypeName() == o.typ.TypeName() {
		return o
	}
	return types.NewErr("%s has no value of its own: name one of its fields", o.typ.TypeName())
}

func (o object) Equal(other ref.Val) ref.Val {
	p, ok := other.(object)
	return types.Bool(ok && p.view == o.view)
}

func (o object) Type() ref.Type { return o.typ }
func (o object) Value() any     { return o.view }

// lenient is a map that has an answer for every key, so that a variable that this call happens not to carry is an
// empty text and not an error.
type lenient struct {
	traits.Mapper
	missing ref.Val
}

func (m lenient) Find(key ref.Val) (ref.Val, bool) {
	if v, ok := m.Mapper.Find(key); ok || types.IsError(v) {
		return v, ok
	}
	return m.missing, true
}

func (m lenient) Get(key ref.Val) ref.Val {
	v, _ := m.Find(key)
	return v
}

func varsOf(vars map[string]string) ref.Val {
	return lenient{types.NewStringStringMap(types.DefaultTypeAdapter, vars), types.String("")}
}

func recordsOf(records map[string]*recordView) ref.Val {
	values := make(map[ref.Val]ref.Val, len(records))
	for name, r := range records {
		values[types.String(name)] = object{recordType, r}
	}
	return lenient{types.NewRefValMap(types.DefaultTypeAdapter, values), object{recordType, &recordView{}}}
}

func legsOf(legs []legView) ref.Val {
	values := make([]ref.Val, len(legs))
	for i := range legs {
		values[i] = object{legType, &legs[i]}
	}
	return types.NewRefValList(types.DefaultTypeAdapter, values)
}
