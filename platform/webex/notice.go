package webex

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// maxMessage bounds one message; the largest seen are some 20 KB.
const maxMessage = 1 << 20

// notice is one notification about a task, as far as we read it.
type notice struct {
	kind        string // data.type
	agent       string // whom it is about
	id          string // interactionId
	reservation string // reservationInteractionId: the preview that became this interaction
	child       string // childInteractionId: the consult that was merged into this interaction
	taker       string // destAgentId: the agent whom the call was handed to
	at          time.Time
	pending     []string // agents who still have to wrap up
	campaign    string
	consulted   bool // the agent is the one who is asked
	wrapup      string
	interaction
}

// interaction is the task itself; every notice carries a picture of it.
type interaction struct {
	state     string // new, connected, consult, consulting, conference, wrapUp
	owner     string // the agent who has the call, or had it first of those in a conference
	media     string // telephony, chat, …
	direction string // INBOUND, OUTBOUND
	outbound  string // OUTDIAL, CALLBACK, CAMPAIGN, …
	details   map[string]string
	data      map[string]string
	people    map[string]person
	held      bool
	heldAt    time.Time
}

// person is one participant.
type person struct {
	agent, joined, left, consulted, wrapUp, wrappedUp bool

	dn string
}

// errNoTask means that a message is not about a task: a keepalive, an agent's state. Its notice, if there is one, says what
// it is.
var errNoTask = errors.New("not about a task")

// readNotice reads one message of the WebSocket. The error names the place and never the data.
func readNotice(raw []byte) (*notice, error) {
	if len(raw) > maxMessage {
		return nil, fmt.Errorf("a message of %d bytes is too large", len(raw))
	}
	if !gjson.ValidBytes(raw) {
		return nil, errors.New("not JSON")
	}
	root := gjson.ParseBytes(raw)
	if !root.IsObject() {
		return nil, errors.New("not a JSON object")
	}
	n := &notice{}
	var where error
	typed, alive := false, false
	root.ForEach(func(key, value gjson.Result) bool {
		switch key.Str {
		case "type":
			typed = true
		case "keepalive":
			alive = true
		case "data":
			typed = true
			value.ForEach(func(key, value gjson.Result) bool {
				where = n.read(key.Str, value)
				return where == nil
			})
		}
		return where == nil
	})
	switch {
	case alive:
		return nil, errNoTask
	case !typed:
		return nil, errors.New("neither type nor data")
	case where != nil:
		return nil, fmt.Errorf("data.%w", where)
	case n.id == "":
		return n, errNoTask
	case n.kind == "":
		return nil, errors.New("data.type is missing")
	}
	if n.kind == contactMerged && n.child != "" {
		n.reservation = n.child // from now on the child is told of under this id
	}
	return n, nil
}

// read takes one member of data in.
func (n *notice) read(key string, v gjson.Result) (err error) {
	switch key {
	case "type":
		n.kind = spelled(v.String())
	case "agentId":
		n.agent = v.String()
	case "interactionId":
		n.id = v.String()
	case "reservationInteractionId":
		n.reservation = v.String()
	case "childInteractionId":
		n.child = v.String()
	case "destAgentId":
		n.taker = v.String()
	case "eventTime":
		n.at, err = millis(v)
	case "campaignId":
		n.campaign = v.String()
	case "isConsulted":
		n.consulted = v.Bool()
	case "wrapUpReason":
		n.wrapup = v.String()
	case "wrapUpAuxCodeId":
		if n.wrapup == "" {
			n.wrapup = v.String()
		}
	case "agentsPendingWrapUp":
		for _, id := range v.Array() {
			n.pending = append(n.pending, id.String())
		}
	case "interaction":
		v.ForEach(func(k, x gjson.Result) bool { n.interaction.read(k.Str, x); return true })
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

// read takes one member of the interaction in. What has another shape than expected is left out: a picture with a hole
// is worth more than none.
func (in *interaction) read(key string, v gjson.Result) {
	switch key {
	case "state":
		in.state = strings.ToLower(v.String())
	case "owner":
		in.owner = v.String()
	case "mediaType":
		in.media = strings.ToLower(v.String())
	case "contactDirection":
		in.direction = v.Get("type").String()
	case "outboundType":
		in.outbound = v.String()
	case "callProcessingDetails":
		in.details = texts(v)
	case "callAssociatedDetails":
		in.data = overlay(in.data, texts(v))
	case "callAssociatedData":
		in.data = overlay(in.data, visible(v))
	case "media":
		v.ForEach(func(_, m gjson.Result) bool { in.readMedia(m); return true })
	case "participants":
		in.people = map[string]person{}
		v.ForEach(func(id, p gjson.Result) bool { in.people[id.String()] = readPerson(p); return true })
	}
}

// readMedia looks whether the customer's part of the call is on hold.
func (in *interaction) readMedia(v gjson.Result) {
	main, held, at := false, false, gjson.Result{}
	v.ForEach(func(key, x gjson.Result) bool {
		switch key.Str {
		case "mType":
			main = strings.EqualFold(x.Str, "mainCall")
		case "isHold":
			held = x.Bool()
		case "holdTimestamp":
			at = x
		}
		return true
	})
	if main && held {
		in.held = true
		in.heldAt, _ = millis(at) // often missing: the notice has a time, too
	}
}

func readPerson(v gjson.Result) (p person) {
	v.ForEach(func(key, x gjson.Result) bool {
		switch key.Str {
		case "pType":
			p.agent = strings.EqualFold(x.Str, "Agent")
		case "hasJoined":
			p.joined = x.Bool()
		case "hasLeft":
			p.left = x.Bool()
		case "isConsulted":
			p.consulted = x.Bool()
		case "isWrapUp":
			p.wrapUp = x.Bool()
		case "isWrappedUp":
			p.wrappedUp = x.Bool()
		case "dn":
			p.dn = x.Str
		}
		return true
	})
	return p
}

// texts are the members of an object that are texts, numbers or yes and no.
func texts(v gjson.Result) map[string]string {
	out := map[string]string{}
	v.ForEach(func(key, x gjson.Result) bool {
		if x.Type != gjson.Null && x.Type != gjson.JSON {
			out[key.String()] = x.String()
		}
		return true
	})
	return out
}

// visible are the values of call-associated data that are not marked as secure.
func visible(v gjson.Result) map[string]string {
	out := map[string]string{}
	v.ForEach(func(key, x gjson.Result) bool {
		if value := x.Get("value"); value.Exists() && value.Type != gjson.JSON && value.Type != gjson.Null && !x.Get("isSecure").Bool() {
			out[key.String()] = value.String()
		}
		return true
	})
	return out
}

func overlay(under, over map[string]string) map[string]string {
	if under == nil {
		return over
	}
	for k, v := range over {
		under[k] = v
	}
	return under
}

// firstTime is what a time is at least: what is less stands for none (2000).
const firstTime = 946_684_800_000

// millis reads a time in milliseconds since 1970, written as a number or as text; null, nothing, and what stands for no time
// are the zero time.
func millis(v gjson.Result) (time.Time, error) {
	switch ms := v.Int(); {
	case ms >= firstTime:
		return time.UnixMilli(ms).UTC(), nil
	case ms > 0, v.Type == gjson.Null, v.Type == gjson.Number && ms == 0, v.Str == "", v.Str == "0":
		return time.Time{}, nil
	}
	return time.Time{}, errors.New("not a time in milliseconds")
}

// parent is the interaction that this one is a consult of, where it has an id of its own.
func (in *interaction) parent() string {
	if in.details["relationshipType"] == "" {
		return ""
	}
	return in.details["parentInteractionId"]
}

// previews reports whether the interaction is of a preview campaign: a contact that is shown, or the call that came of it.
func (in *interaction) previews() bool {
	return strings.HasPrefix(strings.ToLower(in.details["campaignType"]), "preview")
}

// others counts the agents beside one who are, or were, in the call.
func (in *interaction) others(agent string) (joined, talking int) {
	for id, p := range in.people {
		if !p.agent || id == agent || !p.joined {
			continue
		}
		joined++
		if !p.left {
			talking++
		}
	}
	return joined, talking
}
