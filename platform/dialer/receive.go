package dialer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"cordboard/platform"
)

const (
	maxBody     = 1 << 20 // of one request or frame
	maxMessages = 1000    // in one of them
	readTime    = 10 * time.Second
	longestWait = 30 * time.Second // of a sender for the end of what a message started
)

// Receive implements [platform.Receiver]: POST takes messages, GET with an upgrade opens a WebSocket.
func (c *Connector) Receive(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path != "/":
		platform.Problem(w, http.StatusNotFound, "Nothing here", "Messages are posted to the connection's own address, which ends with its name and a slash.")
	case r.Method == http.MethodPost:
		c.post(w, r)
	case r.Method == http.MethodGet:
		c.socket(w, r)
	default:
		w.Header().Set("Allow", "GET, POST")
		platform.Problem(w, http.StatusMethodNotAllowed, "Post it", "Messages are posted, or sent over a WebSocket.")
	}
}

// post answers 200 when everything that the request brought is durable; with the query wait=done, when the steps that it
// started are over, or 202 when that takes too long.
func (c *Connector) post(w http.ResponseWriter, r *http.Request) {
	known := c.doors.bearer(r)
	if !known && !c.doors.signs(r) {
		unknown(w)
		return
	}
	body, ok := readBody(w, r)
	if !ok {
		return
	}
	if !known && !c.doors.signed(r, body) {
		unknown(w)
		return
	}
	run := c.enter()
	if run == nil {
		closed(w)
		return
	}
	defer run.users.Done()
	d, err := c.delivery(body)
	if err != nil {
		platform.Problem(w, http.StatusRequestEntityTooLarge, "Too many messages", err.Error())
		return
	}
	switch d.waits = r.URL.RawQuery == "wait=done"; {
	case !d.waits && r.URL.RawQuery != "":
		platform.Problem(w, http.StatusBadRequest, "Unknown parameter", "The only parameter is wait=done.")
		return
	case d.waits && run.follow == nil:
		platform.Problem(w, http.StatusNotImplemented, "Nobody can tell", "What becomes of messages cannot be waited for here.")
		return
	}
	if err = run.submit(d); err == nil {
		err = run.settle(r.Context(), d)
	}
	if err != nil {
		closed(w)
		return
	}
	taken := taken{Taken: len(d.messages), Kept: d.kept(1)}
	status := http.StatusOK
	if d.waits {
		waiting, cancel := context.WithTimeout(r.Context(), longestWait)
		defer cancel()
		ends, over := run.outlast(waiting, d)
		if taken.Steps = &ends; !over {
			status = http.StatusAccepted
		}
	}
	answer(w, status, taken)
}

// readBody reads a request's body within its limits; it has answered when it is false.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	control := http.NewResponseController(w)
	control.SetReadDeadline(time.Now().Add(readTime)) // a server without deadlines has its own
	defer control.SetReadDeadline(time.Time{})
	var body bytes.Buffer
	body.Grow(bytes.MinRead + int(max(0, min(r.ContentLength, maxBody))))
	_, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, maxBody))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		platform.Problem(w, http.StatusRequestEntityTooLarge, "Too large", "A request may have "+strconv.Itoa(maxBody)+" bytes.")
	} else if err != nil {
		platform.Problem(w, http.StatusBadRequest, "Not complete", "The request's body could not be read to its end.")
	}
	return body.Bytes(), err == nil
}

var errMany = errors.New("one request may bring " + strconv.Itoa(maxMessages) + " messages")

// delivery takes a body apart: an array is many messages, anything else is one.
func (c *Connector) delivery(body []byte) (*delivery, error) {
	d := &delivery{settled: make(chan error, 1)}
	now := time.Now().UTC()
	raws := []json.RawMessage{body}
	if trimmed := bytes.TrimSpace(body); len(trimmed) > 0 && trimmed[0] == '[' {
		var many []json.RawMessage
		if json.Unmarshal(trimmed, &many) == nil { // else it is one that cannot be decoded
			raws = many
		}
	}
	if len(raws) > maxMessages {
		return nil, errMany
	}
	for _, raw := range raws {
		m := platform.Message{At: now, Connection: c.cfg.Name, Source: Source, Message: raw}
		if c.cfg.Tap != nil {
			m = whole(m)
			c.cfg.Tap(m)
		}
		d.messages = append(d.messages, m)
	}
	return d, nil
}

// whole makes a message that is no JSON one that can be written: a JSON string.
func whole(m platform.Message) platform.Message {
	if !json.Valid(m.Message) {
		m.SetText(m.Message)
	}
	return m
}

// kept is a message that was stored without being understood.
type kept struct {
	Message any    `json:"message"` // the sender's name for it, or its number
	Reason  string `json:"reason"`
}

// kept lists what could not be decoded; first is the number of the delivery's first message.
func (d *delivery) kept(first int) []kept {
	var all []kept
	for _, f := range d.faults {
		all = append(all, kept{d.name(f.n, first), f.err.Error()})
	}
	return all
}

// name is what the sender calls a message, or its number.
func (d *delivery) name(n, first int) any {
	if d.keys[n] != "" {
		return d.keys[n]
	}
	return first + n
}

// taken is the answer to a request all of which is durable.
type taken struct {
	Taken int            `json:"taken"`
	Kept  []kept         `json:"kept,omitempty"`
	Steps *platform.Ends `json:"steps,omitempty"` // how the steps ended that it started, when that was waited for
}

func answer(w http.ResponseWriter, status int, t taken) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(t)
}

func unknown(w http.ResponseWriter) {
	w.Header().Set("WWW-Authenticate", "Bearer")
	platform.Problem(w, http.StatusUnauthorized, "Unknown sender", "")
}

func closed(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "1")
	platform.Problem(w, http.StatusServiceUnavailable, "Not now", "This connection takes nothing here at the moment: send it again.")
}
