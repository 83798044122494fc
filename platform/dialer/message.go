package dialer

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// message is what the decoder reads of one message; field names are compared without case.
type message struct {
	ID       text     `json:"id"`
	At       instant  `json:"at"`
	Topic    text     `json:"topic"`
	Subtopic text     `json:"subtopic"`
	Message  *content `json:"message"`
}

type content struct {
	Call *body `json:"call"`
}

// body is the part of a message that is about one call.
type body struct {
	ID        text   `json:"id"`
	Event     text   `json:"event"`
	CallType  text   `json:"CallType"`
	Variables fields `json:"CallVariables"`
	User      user   `json:"User"`
	// Response is decoded when it is asked for: what it holds usually stands among the variables, too.
	Response json.RawMessage `json:"ResponseFields"`
	response fields
}

var (
	errNotJSON   = errors.New("the message is not a JSON object")
	errNoMessage = errors.New("there is no message in it: message.call tells of a call")
	errNoID      = errors.New("message.call.id is missing")
	errNoEvent   = errors.New("message.call.event is missing")
	errWord      = errors.New("message.call.event is none of the words that a dialer or Amazon Connect has for a call")
	errNoAgent   = errors.New("message.call.User names nobody, and the call has no agent yet")
)

// read parses a message. A message about something else than a call, such as the nailed-up leg, has no body and no error.
func read(raw []byte) (*message, error) {
	m, usual := quick(raw)
	if !usual {
		var err error
		if m, err = slow(raw); err != nil {
			return nil, err
		}
	}
	if m.Message == nil {
		return nil, errNoMessage
	}
	if m.Message.Call == nil {
		if m.Topic == "" && m.Subtopic == "" {
			return nil, errNoMessage
		}
		return m, nil
	}
	switch c := m.Message.Call; {
	case c.ID == "":
		return nil, errNoID
	case c.Event == "":
		return nil, errNoEvent
	}
	return m, nil
}

// slow reads a message of any shape.
func slow(raw []byte) (*message, error) {
	var m message
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, place(err)
	}
	return &m, nil
}

// place says where a message is wrong without repeating what it holds.
func place(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		return fmt.Errorf("%s is %s", wrong.Field, kind(wrong.Value))
	}
	if broken, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("the message is no JSON at byte %d", broken.Offset)
	}
	if errors.Is(err, errTime) {
		return errTime
	}
	return errNotJSON
}

// kind is the JSON kind out of the decoder's words for a value, which may go on with the value itself.
func kind(value string) string {
	name, _, _ := strings.Cut(value, " ")
	return "of the wrong kind (" + name + ")"
}

// text is a value that may come as a string, a number or a truth value.
type text string

// UnmarshalJSON takes any value; an object or array stays as its JSON.
func (t *text) UnmarshalJSON(raw []byte) error {
	*t = text(plain(raw))
	return nil
}

func plain(raw []byte) string {
	if len(raw) > 1 && raw[0] == '"' {
		inner := raw[1 : len(raw)-1]
		for _, b := range inner {
			if b == '\\' || b >= 0x80 {
				var s string
				_ = json.Unmarshal(raw, &s) // it was parsed already
				return s
			}
		}
		return string(inner)
	}
	if string(raw) == "null" {
		return ""
	}
	return string(raw)
}

// find returns the first of the named values among the variables, or else among the fields of the dialer's answer.
func (b *body) find(names []string) string {
	if v := b.Variables.first(names); v != "" {
		return v
	}
	return b.answer(names)
}

// answer returns the first of the named fields of the dialer's answer.
func (b *body) answer(names []string) string {
	if b.response == nil {
		_ = b.response.UnmarshalJSON(b.Response) // it was parsed already
	}
	return b.response.first(names)
}

// user is whose part in the call a message tells of: an object, or just the id.
type user struct{ ID, Extension string }

// UnmarshalJSON takes {"UserId", "Extension"} or a string.
func (u *user) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '{' {
		var o struct {
			ID        text `json:"UserId"`
			Extension text `json:"Extension"`
		}
		if err := json.Unmarshal(raw, &o); err != nil {
			return err
		}
		u.ID, u.Extension = string(o.ID), string(o.Extension)
		return nil
	}
	u.ID = plain(raw)
	return nil
}

// instant is a time that the sender may give.
type instant struct{ time.Time }

var errTime = errors.New("at is neither a time such as 2026-03-04T15:00:00Z nor seconds or milliseconds since 1970")

// UnmarshalJSON takes an RFC 3339 time, or seconds or milliseconds since 1970. What is before firstYear stands for no time.
func (i *instant) UnmarshalJSON(raw []byte) error {
	s := plain(raw)
	if s == "" {
		return nil
	}
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 0 || n > maxTime {
			return errTime
		}
		if n < minMillis {
			n *= 1000
		}
		at = time.UnixMilli(n)
	}
	if at = at.UTC(); at.Year() >= firstYear {
		i.Time = at
	}
	return nil
}

// firstYear is the year before which a time is a placeholder for none. What is less than minMillis are seconds.
const (
	firstYear = 2000
	minMillis = 1e11 // 1973
	maxTime   = 1e14 // 5138
)
