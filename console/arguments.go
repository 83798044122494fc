package console

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"

	"cordboard/engine"
)

// A person who repairs a step edits its arguments as a page shows them: with numbers masked. What stands there masked
// still means the number behind it.

// argumentsOf are a step's arguments as planned.
func argumentsOf(s *engine.Step) json.RawMessage {
	var plan struct {
		Args json.RawMessage `json:"args"`
	}
	decode(s.Plan, &plan)
	return plan.Args
}

// arguments are a step's arguments for a form, masked.
func (m masker) arguments(s *engine.Step) string {
	plain, err := decodeAny(argumentsOf(s))
	if err != nil {
		return "" // it was planned without any
	}
	return pretty(m.value(plain))
}

// edited turns what a person left in the form into new arguments; nil when nothing was changed.
func edited(form string, original json.RawMessage, m masker) (json.RawMessage, error) {
	form = strings.TrimSpace(form)
	if form == "" {
		return nil, nil
	}
	now, err := decodeAny([]byte(form))
	if err != nil {
		return nil, badRequest("The arguments are not JSON. Go back, correct them and try again: nothing was changed.")
	}
	if _, ok := now.(map[string]any); !ok {
		return nil, badRequest("The arguments must be a JSON object, as in {\"object\": \"Task\"}. Nothing was changed.")
	}
	var was any
	if len(original) > 0 {
		if was, err = decodeAny(original); err != nil {
			return nil, err
		}
	}
	full := unmask(now, was, m)
	if reflect.DeepEqual(full, was) {
		return nil, nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(full); err != nil {
		return nil, err
	}
	if strings.Contains(b.String(), "···") {
		return nil, badRequest("A masked number stands where there was none before. Write the number in full, or leave the field as it was. Nothing was changed.")
	}
	return b.Bytes(), nil
}

// unmask puts the numbers of was back where now still has their masks.
func unmask(now, was any, m masker) any {
	switch now := now.(type) {
	case string:
		return unmaskText(now, was, m)
	case map[string]any:
		old, _ := was.(map[string]any)
		for k, v := range now {
			now[k] = unmask(v, old[k], m)
		}
	case []any:
		old, _ := was.([]any)
		for i, v := range now {
			var o any
			if i < len(old) {
				o = old[i]
			}
			now[i] = unmask(v, o, m)
		}
	}
	return now
}

func unmaskText(now string, was any, m masker) any {
	switch was := was.(type) {
	case string:
		for _, number := range m.numbers.FindAllString(was, -1) {
			now = strings.Replace(now, mask(number), number, 1)
		}
	case json.Number:
		if now == m.value(was) {
			return was
		}
	}
	return now
}
