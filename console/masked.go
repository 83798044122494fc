package console

import (
	"encoding/json"
	"reflect"
)

// masked is v with the numbers hidden in all of its texts, also in those that are added to its type one day. It goes by
// v's types and leaves what is no text as it is: seven digits of a time or of a count may be those of a customer's number.
func masked[T any](m masker, v T) T {
	out := reflect.New(reflect.TypeFor[T]()).Elem()
	m.copy(out, reflect.ValueOf(&v).Elem())
	return out.Interface().(T)
}

// copy sets to to from with its numbers hidden; the two share nothing that was masked.
func (m masker) copy(to, from reflect.Value) {
	to.Set(from)
	switch from.Kind() {
	case reflect.String:
		to.SetString(m.text(from.String()))
	case reflect.Struct:
		for i := range from.NumField() {
			if to.Field(i).CanSet() { // the private fields of a time, say, stay
				m.copy(to.Field(i), from.Field(i))
			}
		}
	case reflect.Slice:
		m.copySlice(to, from)
	case reflect.Map:
		m.copyMap(to, from)
	case reflect.Pointer, reflect.Interface:
		if from.IsNil() {
			return
		}
		inner := reflect.New(from.Elem().Type())
		m.copy(inner.Elem(), from.Elem())
		if from.Kind() == reflect.Interface {
			inner = inner.Elem()
		}
		to.Set(inner)
	}
}

func (m masker) copySlice(to, from reflect.Value) {
	switch {
	case from.IsNil():
	case from.Type() == reflect.TypeFor[json.RawMessage]():
		to.SetBytes(m.json(from.Bytes()))
	case from.Type().Elem().Kind() == reflect.Uint8:
		to.SetBytes([]byte(m.text(string(from.Bytes()))))
	default:
		to.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
		for i := range from.Len() {
			m.copy(to.Index(i), from.Index(i))
		}
	}
}

func (m masker) copyMap(to, from reflect.Value) {
	if from.IsNil() {
		return
	}
	to.Set(reflect.MakeMapWithSize(from.Type(), from.Len()))
	for at := from.MapRange(); at.Next(); {
		key, value := reflect.New(from.Type().Key()).Elem(), reflect.New(from.Type().Elem()).Elem()
		m.copy(key, at.Key())
		m.copy(value, at.Value())
		to.SetMapIndex(key, value)
	}
}

// json hides the numbers in raw, also where one stands as a JSON number; what is no JSON is hidden as a text is.
func (m masker) json(raw json.RawMessage) json.RawMessage {
	plain, err := decodeAny(raw)
	if err != nil {
		return json.RawMessage(m.text(string(raw)))
	}
	if out, err := json.Marshal(m.value(plain)); err == nil {
		return out
	}
	return json.RawMessage(`null`)
}
