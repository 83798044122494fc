package workflow

import (
	"bytes"
	"encoding/json"
	"reflect"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// decodeNumbers decodes JSON and keeps numbers as they are written.
func decodeNumbers(raw []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return d.Decode(v)
}

func repliesOf(replies map[string]*replyView) ref.Val {
	values := make(map[ref.Val]ref.Val, len(replies))
	for name, r := range replies {
		values[types.String(name)] = object{replyType, r}
	}
	return lenient{types.NewRefValMap(types.DefaultTypeAdapter, values), object{replyType, &replyView{}}}
}

// partOf is a part of a reply, which may have none.
func partOf(x any) ref.Val {
	if x == nil {
		return nothing{}
	}
	return valueOf(x)
}

// valueOf is a JSON value as expressions see it. What is not there is nothing, and so is everything in it: a path that an
// answer happens not to have is no error.
func valueOf(x any) ref.Val {
	switch x := x.(type) {
	case string:
		return types.String(x)
	case bool:
		return types.Bool(x)
	case json.Number:
		if i, err := x.Int64(); err == nil {
			return types.Int(i)
		}
		f, _ := x.Float64()
		return types.Double(f)
	case []any:
		values := make([]ref.Val, len(x))
		for i, v := range x {
			values[i] = valueOf(v)
		}
		return types.NewRefValList(types.DefaultTypeAdapter, values)
	case map[string]any:
		values := make(map[ref.Val]ref.Val, len(x))
		for name, v := range x {
			values[types.String(name)] = valueOf(v)
		}
		return lenient{types.NewRefValMap(types.DefaultTypeAdapter, values), nothing{}}
	}
	return types.NullValue
}

// nothing is what a path leads to that is not there: it reads as an empty text and has nothing in it.
type nothing struct{}

var (
	_ traits.Mapper = nothing{}

	nothingType = types.NewObjectType("nothing", traits.ContainerType, traits.IndexerType, traits.IterableType, traits.SizerType)
)

func (nothing) ConvertToNative(t reflect.Type) (any, error) {
	return types.NullValue.ConvertToNative(t)
}
func (nothing) ConvertToType(t ref.Type) ref.Val { return types.NullValue.ConvertToType(t) }
func (nothing) Equal(other ref.Val) ref.Val      { return types.Bool(other.Type() == nothingType) }
func (nothing) Type() ref.Type                   { return nothingType }
func (nothing) Value() any                       { return nil }
func (nothing) Contains(ref.Val) ref.Val         { return types.False }
func (nothing) Get(ref.Val) ref.Val              { return nothing{} }
func (nothing) Find(ref.Val) (ref.Val, bool)     { return nothing{}, true }
func (nothing) Size() ref.Val                    { return types.IntZero }
func (nothing) Iterator() traits.Iterator        { return noItems{} }

// noItems is the iterator over nothing.
type noItems struct{ nothing }

func (noItems) HasNext() ref.Val { return types.False }
func (noItems) Next() ref.Val    { return nil }
