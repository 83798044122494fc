package connect

import (
	"strconv"
	"time"

	"github.com/tidwall/gjson"
)

// firstYear is the year before which a time is a placeholder: contact events write 1970-01-01T00:00:00.001Z for what has
// not happened ("Amazon Connect contact events", samples).
const firstYear = 2000

// when reads a time: RFC 3339 as events and JSON-encoded dates have it, or seconds or milliseconds since 1970, a number
// or a text, as the REST API and pictures have it. Everything else, and placeholders, are the zero time.
func when(v gjson.Result) time.Time {
	var at time.Time
	switch v.Type {
	case gjson.String:
		var err error
		if at, err = time.Parse(time.RFC3339, v.Str); err != nil {
			n, err := strconv.ParseFloat(v.Str, 64)
			if err != nil || v.Str[0] < '0' || v.Str[0] > '9' {
				return time.Time{}
			}
			at = since1970(n)
		}
	case gjson.Number:
		at = since1970(v.Num)
	}
	if at = at.UTC(); at.Year() < firstYear {
		return time.Time{}
	}
	return at
}

// since1970 reads seconds, or milliseconds, since 1970.
func since1970(n float64) time.Time {
	switch {
	case !(n >= 0 && n <= 1e14):
		return time.Time{}
	case n > 1e11: // these are milliseconds already
		return time.UnixMilli(int64(n))
	}
	return time.UnixMilli(int64(n*1000 + 0.5))
}

// later is the later of two times.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
