package connect

import (
	"time"

	"github.com/tidwall/gjson"
)

// firstYear is the year before which a time is a placeholder: contact events write 1970-01-01T00:00:00.001Z for what has
// not happened ("Amazon Connect contact events", samples).
const firstYear = 2000

// when reads a time: RFC 3339 as events and JSON-encoded dates have it, or seconds or milliseconds since 1970 as the REST API
// and pictures have it. Everything else, and placeholders, are the zero time.
func when(v gjson.Result) time.Time {
	var at time.Time
	switch v.Type {
	case gjson.String:
		var err error
		if at, err = time.Parse(time.RFC3339, v.Str); err != nil {
			return time.Time{}
		}
	case gjson.Number:
		if v.Num < 0 || v.Num > 1e14 {
			return time.Time{}
		}
		ms := int64(v.Num*1000 + 0.5)
		if v.Num > 1e11 { // these are milliseconds already
			ms = int64(v.Num)
		}
		at = time.UnixMilli(ms)
	}
	if at = at.UTC(); at.Year() < firstYear {
		return time.Time{}
	}
	return at
}

// later is the later of two times.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
