package genesys

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
)

// maxDepth bounds how deep a message may be nested.
const maxDepth = 64

var errNotJSON = errors.New("not JSON")

// cursor reads a JSON text once, from front to back, and builds nothing: a notification is ten times as long as what is
// wanted of it. After the first mistake it reads nothing more and err says so. What is skipped is only checked for the
// pairing of its brackets and quotes.
type cursor struct {
	s     string
	i     int
	depth int
	err   error
}

func (c *cursor) fail() {
	if c.err == nil {
		c.err = errNotJSON
	}
	c.i = len(c.s)
}

// peek skips white space and returns the next byte; 0 at the end.
func (c *cursor) peek() byte {
	for ; c.i < len(c.s); c.i++ {
		switch b := c.s[c.i]; b {
		case ' ', '\t', '\n', '\r':
		default:
			return b
		}
	}
	return 0
}

// take consumes the next byte if it is b.
func (c *cursor) take(b byte) bool {
	if c.peek() != b {
		return false
	}
	c.i++
	return true
}

// object calls each with every key of an object. Each reads the key's value, or leaves it to be skipped. What is not an
// object is skipped.
func (c *cursor) object(each func(key string)) {
	if !c.enter('{') {
		return
	}
	for first := true; !c.take('}'); first = false {
		if !first && !c.take(',') || c.peek() != '"' {
			c.fail()
			return
		}
		key := c.quoted()
		if !c.take(':') {
			c.fail()
			return
		}
		c.peek()
		at := c.i
		each(key)
		if c.i == at {
			c.skip()
		}
	}
	c.depth--
}

// array calls each for every element of an array, as object does.
func (c *cursor) array(each func()) {
	if !c.enter('[') {
		return
	}
	for first := true; !c.take(']'); first = false {
		if !first && !c.take(',') || c.peek() == 0 {
			c.fail()
			return
		}
		at := c.i
		each()
		if c.i == at {
			c.skip()
		}
	}
	c.depth--
}

func (c *cursor) enter(bracket byte) bool {
	if c.peek() != bracket {
		c.skip()
		return false
	}
	if c.depth++; c.depth > maxDepth {
		c.fail()
		return false
	}
	c.i++
	return true
}

// skip passes over one value.
func (c *cursor) skip() {
	switch c.peek() {
	case '"':
		c.quoted()
	case '{', '[':
		c.skipNested()
	default:
		c.literal()
	}
}

func (c *cursor) skipNested() {
	depth := 0
	for c.i < len(c.s) {
		switch c.s[c.i] {
		case '"':
			c.quoted()
			continue
		case '{', '[':
			if depth++; depth > maxDepth {
				c.fail()
				return
			}
		case '}', ']':
			if depth--; depth == 0 {
				c.i++
				return
			}
		}
		c.i++
	}
	c.fail()
}

// literal passes over a number, true, false or null and returns it.
func (c *cursor) literal() string {
	from := c.i
	for c.i < len(c.s) {
		b := c.s[c.i]
		if b != '-' && b != '+' && b != '.' && (b < '0' || b > '9') && (b < 'a' || b > 'z') && (b < 'A' || b > 'Z') {
			break
		}
		c.i++
	}
	if c.i == from {
		c.fail()
		return ""
	}
	return c.s[from:c.i]
}

// quoted reads a string; the cursor stands at its first quote.
func (c *cursor) quoted() string {
	c.i++
	from := c.i
	for c.i < len(c.s) {
		switch c.s[c.i] {
		case '"':
			text := c.s[from:c.i]
			c.i++
			return text
		case '\\':
			return c.escaped(from)
		}
		c.i++
	}
	c.fail()
	return ""
}

// escaped reads on a string with a backslash in it.
func (c *cursor) escaped(from int) string {
	for c.i < len(c.s) {
		switch c.s[c.i] {
		case '\\':
			c.i++
		case '"':
			c.i++
			var text string
			if json.Unmarshal([]byte(c.s[from-1:c.i]), &text) != nil {
				c.fail()
			}
			return text
		}
		c.i++
	}
	c.fail()
	return ""
}

// text reads a string. A number, true or false is its spelling; null and everything else is "".
func (c *cursor) text() string {
	switch c.peek() {
	case '"':
		return c.quoted()
	case '{', '[':
		c.skipNested()
		return ""
	}
	if word := c.literal(); word != "null" {
		return word
	}
	return ""
}

// flag reads true; everything else is false.
func (c *cursor) flag() bool { return c.text() == "true" }

// millis reads a whole number of milliseconds; 0 for everything else.
func (c *cursor) millis() int64 {
	n, _ := strconv.ParseInt(c.text(), 10, 64)
	return n
}

// word reads a text that is one of a list, in small letters.
func (c *cursor) word() string { return strings.ToLower(c.text()) }

// firstYear is the year before which a time stands for none.
const firstYear = 2000

// moment reads a time as RFC 3339 writes it; the zero time for everything else.
func (c *cursor) moment() time.Time {
	text := c.text()
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.Year() < firstYear {
		return time.Time{}
	}
	return at.UTC()
}

// clean is a number or address without its scheme, port and parameters: tel:+15555550100 and
// sip:+15555550100@10.0.0.7;user=phone are +15555550100. Withheld numbers are "".
func clean(address string) string {
	scheme, rest, found := strings.Cut(address, ":")
	if found && (strings.EqualFold(scheme, "tel") || strings.EqualFold(scheme, "sip") || strings.EqualFold(scheme, "sips")) {
		address = rest
	}
	address, _, _ = strings.Cut(address, ";")
	if user, _, at := strings.Cut(address, "@"); at && (isNumber(user) || withheld(user)) {
		address = user
	}
	if withheld(address) {
		return ""
	}
	return strings.TrimSpace(address)
}

func isNumber(s string) bool {
	for i := range len(s) {
		if b := s[i]; (b < '0' || b > '9') && !strings.ContainsRune("+-.() ", rune(b)) {
			return false
		}
	}
	return s != ""
}

func withheld(s string) bool {
	return strings.EqualFold(s, "anonymous") || strings.EqualFold(s, "unknown") || strings.EqualFold(s, "restricted")
}
