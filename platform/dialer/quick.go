package dialer

import (
	"strings"

	"github.com/tidwall/gjson"
)

// quick reads a message of the usual shape. It is false for every other one, right or wrong: [slow] reads that, and names what
// is wrong. Decoding with encoding/json takes twice the time.
func quick(all []byte) (*message, bool) {
	if !gjson.ValidBytes(all) {
		return nil, false
	}
	root := gjson.ParseBytes(all)
	m := &message{}
	usual := members(root, func(name string, v gjson.Result) bool {
		switch name {
		case "id":
			m.ID = text(textual(v))
		case "at":
			return m.At.UnmarshalJSON(raw(v)) == nil
		case "topic":
			m.Topic = text(textual(v))
		case "subtopic":
			m.Subtopic = text(textual(v))
		case "message":
			if m.Message != nil {
				return false // told twice
			}
			m.Message = &content{}
			return members(v, func(name string, v gjson.Result) bool {
				if name != "call" {
					return true
				}
				if m.Message.Call != nil {
					return false
				}
				m.Message.Call = &body{}
				return members(v, m.Message.Call.take)
			})
		}
		return true
	})
	return m, usual
}

// take reads a member of the part that is about a call.
func (b *body) take(name string, v gjson.Result) bool {
	switch name {
	case "id":
		b.ID = text(textual(v))
	case "event":
		b.Event = text(textual(v))
	case "calltype":
		b.CallType = text(textual(v))
	case "callvariables":
		return b.Variables.UnmarshalJSON(raw(v)) == nil
	case "user":
		if v.IsObject() {
			b.User = user{}
			return members(v, b.User.take)
		}
		b.User.ID = textual(v)
	case "responsefields":
		b.Response = raw(v)
	}
	return true
}

func (u *user) take(name string, v gjson.Result) bool {
	switch name {
	case "userid":
		u.ID = textual(v)
	case "extension":
		u.Extension = textual(v)
	}
	return true
}

// members calls f with every member of an object until f is false: then, and when it is none, members is false. Names come in
// small letters; what is escaped, or beyond ASCII, in a name is left to the slow reader.
func members(v gjson.Result, f func(name string, v gjson.Result) bool) bool {
	if !v.IsObject() {
		return false
	}
	ok := true
	v.ForEach(func(key, v gjson.Result) bool {
		ok = simple(key.Raw) && f(strings.ToLower(key.Str), v)
		return ok
	})
	return ok
}

// textual is a value as [plain] has it: a copy, so that the message can go.
func textual(v gjson.Result) string {
	if v.Type == gjson.String && simple(v.Raw) {
		return strings.Clone(v.Raw[1 : len(v.Raw)-1])
	}
	return plain(raw(v))
}

// simple reports whether a text stands for itself.
func simple(text string) bool {
	for i := range len(text) {
		if b := text[i]; b == '\\' || b >= 0x80 {
			return false
		}
	}
	return true
}

func raw(v gjson.Result) []byte { return []byte(v.Raw) }
