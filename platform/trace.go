package platform

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Message is one raw platform message: one line of a trace. What a source has no use for is left out.
type Message struct {
	At         time.Time `json:"at,omitzero"`
	Connection string    `json:"connection,omitempty"`
	// Source says by which way it came: finesse-xmpp, finesse-rest, connect-streams, webex-ws, …
	Source    string `json:"source"`
	Agent     string `json:"agent,omitempty"`
	Extension string `json:"extension,omitempty"`
	// Node is the pubsub node or topic it came from.
	Node string `json:"node,omitempty"`
	// Message is the message as the vendor sends it: XML as a JSON string, JSON as it is.
	Message json.RawMessage `json:"message"`
}

// Text returns the message's text when it is a JSON string (XML), or the JSON itself.
func (m *Message) Text() []byte {
	if len(m.Message) > 0 && m.Message[0] == '"' {
		var s string
		if json.Unmarshal(m.Message, &s) == nil {
			return []byte(s)
		}
	}
	return m.Message
}

// SetText stores s (XML) as a JSON string.
func (m *Message) SetText(s []byte) {
	b, err := json.Marshal(string(s))
	if err != nil { // a Go string always marshals
		panic(err)
	}
	m.Message = b
}

// SetRaw stores what came, whatever it is: JSON as it is, anything else as text.
func (m *Message) SetRaw(raw []byte) {
	if json.Valid(raw) {
		m.Message = raw
		return
	}
	m.SetText(raw)
}

// maxTraceLine bounds one line of a trace: a message larger than this was not a call event.
const maxTraceLine = 8 << 20

// ReadTrace calls each with every message of a trace, in order. A line that is not a message ends it with an error that
// names the line; empty lines are skipped.
func ReadTrace(r io.Reader, each func(line int, m Message) error) error {
	return ReadTraceOn(r, each, func(line int, err error) error { return fmt.Errorf("trace line %d: %w", line, err) })
}

// ReadTraceOn is ReadTrace that asks bad about a line that is not a message: it goes on unless bad returns an error.
func ReadTraceOn(r io.Reader, each func(line int, m Message) error, bad func(line int, err error) error) error {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 0, 64<<10), maxTraceLine)
	line := 0
	for sc.Scan() {
		line++
		if len(sc.Bytes()) == 0 {
			continue
		}
		var m Message
		if err := json.Unmarshal(sc.Bytes(), &m); err != nil {
			if err := bad(line, err); err != nil {
				return err
			}
			continue
		}
		if err := each(line, m); err != nil {
			return fmt.Errorf("trace line %d: %w", line, err)
		}
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("trace line %d: %w", line+1, err)
	}
	return nil
}

// WriteTrace writes m as one line.
func WriteTrace(w io.Writer, m Message) error {
	b, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("trace: %w", err)
	}
	_, err = w.Write(append(b, '\n'))
	return err
}
