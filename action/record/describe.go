package record

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"cordboard/crm"
)

// describe is a write for people: the object and its fields, with every text masked. Record ids, short numbers and
// truth values say nothing about a customer and stay.
func describe(w crm.Write) string {
	parts := make([]string, 0, len(w.Fields))
	for _, name := range slices.Sorted(maps.Keys(w.Fields)) {
		parts = append(parts, name+": "+mask(name, w.Fields[name]))
	}
	return w.Object + " {" + strings.Join(parts, ", ") + "}"
}

// longestNumber is how many digits a number may have before it could be somebody's telephone number.
const longestNumber = 6

func mask(field string, value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case bool:
		return fmt.Sprint(v)
	case json.Number:
		if len(v) <= longestNumber {
			return v.String()
		}
		return "…" + v.String()[len(v)-4:]
	case string:
		if strings.HasSuffix(field, "Id") && isID(v) || v == "" {
			return fmt.Sprintf("%q", v)
		}
		return fmt.Sprintf("‹%d characters›", utf8.RuneCountInString(v))
	}
	return "‹value›"
}

func isID(text string) bool {
	for _, r := range text {
		if !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') {
			return false
		}
	}
	return len(text) == 15 || len(text) == 18
}
