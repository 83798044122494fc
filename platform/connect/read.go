package connect

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tidwall/gjson"
)

// maxMessage bounds one message. A picture of an agent with many queues has some hundred kilobytes; records have at most a
// megabyte in Kinesis.
const maxMessage = 4 << 20

// parse checks that raw is one JSON object.
func parse(raw []byte) (gjson.Result, error) {
	if len(raw) > maxMessage {
		return gjson.Result{}, fmt.Errorf("a message of %d bytes is too large", len(raw))
	}
	if !gjson.ValidBytes(raw) {
		return gjson.Result{}, errors.New("not JSON")
	}
	root := gjson.ParseBytes(raw)
	if !root.IsObject() {
		return gjson.Result{}, errors.New("not a JSON object")
	}
	return root, nil
}

// each calls f for every member of an object.
func each(v gjson.Result, f func(key string, v gjson.Result)) {
	v.ForEach(func(k, v gjson.Result) bool {
		f(k.Str, v)
		return true
	})
}

// member is an object's member as a text; names are compared without case.
func member(v gjson.Result, name string) (text string) {
	each(v, func(key string, v gjson.Result) {
		if strings.EqualFold(key, name) {
			text = v.String()
		}
	})
	return text
}

// lastPart is what stands behind the last slash: the id at the end of an ARN.
func lastPart(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// voice reports whether a channel or kind of contact is a telephone call.
func voice(channel string) bool {
	return channel == "" || strings.EqualFold(channel, "voice") || strings.EqualFold(channel, "queue_callback")
}

// isNumber reports whether s could be a telephone number: withheld ones are words.
func isNumber(s string) bool {
	digits := 0
	for i := range len(s) {
		switch b := s[i]; {
		case b >= '0' && b <= '9':
			digits++
		case strings.IndexByte("+-.() *#", b) < 0:
			return false
		}
	}
	return digits > 0
}

// clean is a telephone number, or "" for what is none.
func clean(s string) string {
	s = strings.TrimPrefix(strings.TrimSpace(s), "tel:")
	if !isNumber(s) {
		return ""
	}
	return s
}
