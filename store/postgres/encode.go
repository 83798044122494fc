package postgres

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"time"
)

func bodies[T any](items []T, name func(*T) string) ([]string, error) {
	out := make([]string, len(items))
	for i := range items {
		var err error
		if out[i], err = body(&items[i]); err != nil {
			return nil, fmt.Errorf("%s cannot be written as JSON: %w", name(&items[i]), err)
		}
	}
	return out, nil
}

// body writes v as JSON, without the escapes that only HTML needs.
func body(v any) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// nanos is a time as it is stored: nanoseconds since 1970; the zero time is 0.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

// never stands for the zero time where the stored value is NULL for it.
const never = math.MinInt64

// optional is nanos with never for the zero time.
func optional(t time.Time) int64 {
	if t.IsZero() {
		return never
	}
	return t.UnixNano()
}

// latest is nanos for a bound: a time too far away to be stored is the end of time.
func latest(t time.Time) int64 {
	if t.Year() > 2261 {
		return math.MaxInt64
	}
	return nanos(t)
}

// moment is the inverse of nanos.
func moment(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}
