package workspace

import (
	"bytes"
	"encoding/json"
	"strings"

	"cordboard/call"
)

// Envelope is every message of the workspace, in either direction.
type Envelope struct {
	Channel  string          `json:"channel"`
	Topic    string          `json:"topic"`
	Subtopic string          `json:"subtopic"`
	Message  json.RawMessage `json:"message,omitempty"`
}

// The channels that tell of calls: the page's for Webex, the platform's own word for all others.
const webexChannel = "Webexcc"

// The topics of calls with their subtopics. The page has the first; the second is inferred.
const (
	outboundTopic = "outbound"
	inboundTopic  = "inbound"

	outboundChange = "OutBoundCallStateChange"
	inboundChange  = "InBoundCallStateChange"
)

// happened is the message of an event of a call.
type happened struct {
	Source string `json:"source"` // always "event"
	Call   any    `json:"call"`
}

// Tell returns the message that tells of an event of a call: call is the call with the event folded in. It is false for an
// event of which nothing is told: one that brings data only, or the end of a dialog that a transfer or conference
// swallowed.
func Tell(ev *call.Event, c *call.State) (Envelope, bool) {
	if ev.Merged || ev.DataOnly() && (ev.Phase == "" || ev.Platform == call.Webex) {
		return Envelope{}, false
	}
	e := Envelope{Channel: channelOf(ev.Platform), Topic: outboundTopic, Subtopic: outboundChange}
	if fromCustomer(ev, c) {
		e.Topic, e.Subtopic = inboundTopic, inboundChange
	}
	told := happened{Source: "event"}
	if ev.Platform == call.Webex {
		told.Call = webexCallOf(ev, c)
	} else {
		told.Call = ownCallOf(ev, c)
	}
	e.Message = encode(told)
	return e, true
}

func channelOf(p call.Platform) string {
	if p == call.Webex {
		return webexChannel
	}
	return string(p)
}

// fromCustomer reports whether the customer called. A call of which that is not known counts as outbound: a campaign's.
func fromCustomer(ev *call.Event, c *call.State) bool {
	for _, direction := range []string{c.Direction, ev.Direction} {
		if direction != "" {
			return strings.EqualFold(direction, inboundTopic)
		}
	}
	return c.Mode == call.Inbound || ev.Mode == call.Inbound
}

// encode writes v as it is: without escaping what only a page of HTML would trip over.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil { // only our own types come here, and JSON that was looked at
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// SameWord reports whether two names of channels, topics, subtopics, call types or orders are the same: letter case,
// blanks, hyphens and underscores do not count.
func SameWord(a, b string) bool { return bare(a) == bare(b) }

var noise = strings.NewReplacer(" ", "", "-", "", "_", "", "\t", "", "\u00a0", "")

func bare(word string) string { return strings.ToLower(noise.Replace(word)) }
