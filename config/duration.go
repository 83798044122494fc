package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Duration is a span of time as administrators write it: "1.5s", "10m", "24h", and "7d" for days of 24 hours.
type Duration time.Duration

// ParseDuration reads a Duration's text. Negative spans are refused.
func ParseDuration(text string) (Duration, error) {
	d, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, dayErr := strconv.ParseUint(days, 10, 16)
		d, err = time.Duration(n)*24*time.Hour, dayErr
	}
	if err != nil {
		return 0, fmt.Errorf("%q is not a span of time such as 500ms, 30s, 10m, 24h or 7d", text)
	}
	if d < 0 {
		return 0, fmt.Errorf("%q is negative", text)
	}
	return Duration(d), nil
}

// Std returns the span as the standard library's type.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// String returns the span as time.Duration prints it.
func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText returns String.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what ParseDuration takes.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := ParseDuration(string(text))
	if err == nil {
		*d = parsed
	}
	return err
}
