package salesforce

import (
	"encoding/json"
	"fmt"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"
)

// checkValue brings one value of a request into stored form (nil, string, json.Number or bool) or says why it cannot
// be stored. Codes and their meaning are documented; most wordings are as seen in published traffic (inferred).
func checkValue(f *field, v any) (any, *apiError) {
	if v == nil {
		return nil, nil
	}
	switch f.typ {
	case typeBoolean:
		return checkBoolean(v)
	case typeInt, typeDouble, typeCurrency:
		return checkNumber(f, v)
	}
	s, ok := v.(string)
	if !ok {
		return nil, badJSON("Cannot deserialize instance of string from %s value %v or request may be missing a required field", tokenOf(v), v)
	}
	if s = strings.TrimSpace(s); s == "" {
		return nil, nil
	}
	switch f.typ {
	case typeDate, typeDateTime:
		return checkTime(f, s)
	case typeReference:
		return checkReference(f, s)
	case typeEmail:
		if a, err := mail.ParseAddress(s); err != nil || a.Address != s || !strings.Contains(s[strings.LastIndex(s, "@"):], ".") {
			return nil, fail("INVALID_EMAIL_ADDRESS", "%s: invalid email address: %s", f.label, s).on(f.name)
		}
	case typePicklist:
		if f.restricted && !slices.Contains(f.values, s) {
			return nil, fail("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "%s: bad value for restricted picklist field: %s", f.label, s).on(f.name)
		}
	}
	if len(s) > f.length && len([]rune(s)) > f.length {
		return nil, fail("STRING_TOO_LONG", "%s: data value too large: %s (max length=%d)", f.label, s, f.length).on(f.name)
	}
	return s, nil
}

func tokenOf(v any) string {
	switch v.(type) {
	case json.Number:
		return "VALUE_NUMBER"
	case bool:
		return "VALUE_BOOLEAN"
	case []any:
		return "START_ARRAY"
	}
	return "START_OBJECT"
}

func checkBoolean(v any) (any, *apiError) {
	switch b := v.(type) {
	case bool:
		return b, nil
	case string:
		if parsed, err := strconv.ParseBool(strings.ToLower(b)); err == nil {
			return parsed, nil
		}
	}
	return nil, badJSON("Cannot deserialize instance of boolean from VALUE_STRING value %v or request may be missing a required field", v)
}

func checkNumber(f *field, v any) (any, *apiError) {
	s := fmt.Sprint(v)
	n, err := strconv.ParseFloat(s, 64)
	if _, isBool := v.(bool); isBool || err != nil {
		return nil, badJSON("Cannot deserialize instance of %s from VALUE_STRING value %v or request may be missing a required field", f.typ, v)
	}
	if f.typ == typeInt {
		if n != float64(int64(n)) {
			return nil, badJSON("Cannot deserialize instance of int from VALUE_NUMBER_FLOAT value %v or request may be missing a required field", v)
		}
		s = strconv.FormatInt(int64(n), 10)
	}
	if digits := len(digitsOf(strings.SplitN(s, ".", 2)[0])); digits > f.length {
		return nil, fail("NUMBER_OUTSIDE_VALID_RANGE", "%s: value outside of valid range on numeric field: %s", f.label, s).on(f.name)
	}
	return json.Number(s), nil
}

var timeForms = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04Z07:00", "2006-01-02"}

func parseTime(s string) (time.Time, bool) {
	for _, form := range timeForms {
		if t, err := time.Parse(form, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func checkTime(f *field, s string) (any, *apiError) {
	t, ok := parseTime(s)
	switch {
	case ok && f.typ == typeDateTime:
		return stamp(t), nil
	case ok && f.typ == typeDate:
		return t.Format(time.DateOnly), nil
	}
	return nil, badJSON("Cannot deserialize instance of %s from VALUE_STRING value %s or request may be missing a required field", f.typ, s)
}

func checkReference(f *field, s string) (any, *apiError) {
	id, ok := longID(s)
	if !ok {
		return nil, fail("MALFORMED_ID", "%s: id value of incorrect type: %s", f.label, s).on(f.name)
	}
	return id, nil
}
