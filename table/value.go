package table

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"cordboard/config"
)

// Type is the type of a column's values.
type Type string

// The types of columns, each with the one form in which its values are kept.
const (
	Text     Type = "text"     // any text
	Number   Type = "number"   // a whole number of up to 64 bits, or a decimal one: json.Number
	Bool     Type = "bool"     // true or false
	Time     Type = "time"     // a moment: RFC 3339, in UTC
	Duration Type = "duration" // a span of time as Go writes it: 90s, 240m, 72h; days (3d) become hours
	Hours    Type = "hours"    // a part of each day: 09:00-20:30
)

// Types lists every Type.
func Types() []Type { return []Type{Text, Number, Bool, Time, Duration, Hours} }

// Example is a value of the type as people write it.
func (t Type) Example() string {
	return map[Type]string{Text: "word", Number: "3", Bool: "true", Time: "2026-11-26T09:00:00Z", Duration: "240m", Hours: "09:00-20:30"}[t]
}

// Values are what a row holds, by column: string, bool or json.Number. What is empty is not there.
type Values map[string]any

// maxText is the longest text that a value may be, in bytes.
const maxText = 4 << 10

// Value is x in the one form of the type. x may be a text, as it comes from CSV or a page, or a JSON or YAML value; nil and
// the empty text are nil.
func (t Type) Value(x any) (any, error) {
	switch v := x.(type) {
	case nil:
		return nil, nil
	case string:
		if v == "" {
			return nil, nil
		}
		return t.read(v)
	case bool:
		if t == Bool {
			return v, nil
		}
	case json.Number:
		return t.read(v.String())
	case float64:
		return t.read(strconv.FormatFloat(v, 'f', -1, 64))
	case int, int64, uint64:
		return t.read(fmt.Sprint(v))
	}
	return nil, t.unfit()
}

// unfit names what is wanted, and not what came: that may be a customer's.
func (t Type) unfit() error {
	return fmt.Errorf("it is not of the type %s, such as %s", t, t.Example())
}

// read reads a text that is not empty.
func (t Type) read(text string) (any, error) {
	switch t {
	case Text:
		if len(text) > maxText || !utf8.ValidString(text) {
			return nil, fmt.Errorf("a text may have %d bytes of UTF-8", maxText)
		}
		return text, nil
	case Number:
		return readNumber(text)
	case Bool:
		if strings.EqualFold(text, "true") || strings.EqualFold(text, "false") {
			return strings.EqualFold(text, "true"), nil
		}
	case Time:
		if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
			return at.UTC().Format(time.RFC3339Nano), nil
		}
	case Duration:
		return readDuration(text)
	case Hours:
		return readHours(text)
	}
	return nil, t.unfit()
}

// readNumber refuses what a number could not hold exactly: an id of twenty digits is a text.
func readNumber(text string) (any, error) {
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return json.Number(strconv.FormatInt(i, 10)), nil
	}
	f, err := strconv.ParseFloat(text, 64)
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && strings.Trim(text, "+-0123456789") == "":
		return nil, errors.New("the number is too large to be exact: a text can hold it")
	case err != nil, math.IsInf(f, 0), math.IsNaN(f), strings.ContainsAny(text, "xX_pP"):
		return nil, Number.unfit()
	}
	return json.Number(strconv.FormatFloat(f, 'g', -1, 64)), nil
}

// readDuration keeps the unit that was written, so that 240m stays 240m.
func readDuration(text string) (any, error) {
	d, err := config.ParseDuration(text)
	if err != nil {
		return nil, Duration.unfit()
	}
	if strings.HasSuffix(text, "d") {
		return fmt.Sprintf("%dh", int64(d.Std()/time.Hour)), nil
	}
	return text, nil
}

// readHours reads a part of a day. It may end at 24:00 and does not span midnight.
func readHours(text string) (any, error) {
	from, to, ok := strings.Cut(text, "-")
	a, okA := minutes(strings.TrimSpace(from))
	b, okB := minutes(strings.TrimSpace(to))
	if !ok || !okA || !okB || a >= b {
		return nil, Hours.unfit()
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", a/60, a%60, b/60, b%60), nil
}

func minutes(text string) (int, bool) {
	h, m, ok := strings.Cut(text, ":")
	hours, errH := strconv.ParseUint(h, 10, 8)
	mins, errM := strconv.ParseUint(m, 10, 8)
	at := int(hours*60 + mins)
	return at, ok && errH == nil && errM == nil && len(m) == 2 && mins < 60 && at <= 24*60
}
