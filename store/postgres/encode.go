package postgres

import (
	"math"
	"time"

	"cordboard/store/internal/column"
)

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
	return column.Nanos(t)
}
