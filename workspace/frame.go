package workspace

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/coder/websocket"

	"cordboard/call"
	"cordboard/platform"
)

// order is one command that pages may give: its name in our spelling, what it asks a platform for, and the name that the
// page "Events in Salesforce" of Genesys Cloud for Salesforce has for it, if that is another one.
type order struct {
	name string
	verb platform.Verb
	also string
}

// orders are all of them. Accept and Clear depend on where the call is (order.go).
var orders = []order{
	{"MakeCall", platform.MakeCall, ""},
	{"Accept", accept, "pickup"},
	{"Answer", platform.Answer, ""},
	{"Skip", platform.Skip, ""},
	{"Reject", platform.Reject, ""},
	{"Dial", platform.Dial, ""},
	{"Hold", platform.Hold, ""},
	{"Retrieve", platform.Retrieve, ""},
	{"Mute", platform.Mute, ""},
	{"Unmute", platform.Unmute, ""},
	{"PauseRecording", platform.PauseRecording, "securePause"},
	{"ResumeRecording", platform.ResumeRecording, ""},
	{"Consult", platform.Consult, "consultTransfer"},
	{"EndConsult", platform.EndConsult, ""},
	{"Conference", platform.Conference, "createConference"},
	{"Transfer", platform.Transfer, "concludeTransfer"},
	{"BlindTransfer", platform.BlindTransfer, ""},
	{"SecureSession", platform.SecureSession, ""},
	{"SetData", platform.SetData, "addCustomAttributes"},
	{"Drop", platform.Drop, "disconnect"},
	{"WrapUp", platform.WrapUp, ""},
	{"Clear", clearCall, ""},
	{"Ready", platform.Ready, ""},
	{"NotReady", platform.NotReady, ""},
	{"SetStatus", platform.SetStatus, "updateStatus"},
	{"LogOut", platform.LogOut, ""},
}

// is reports whether the order goes by a name.
func (o *order) is(name string) bool {
	return SameWord(name, o.name) || o.also != "" && SameWord(name, o.also)
}

// parse reads a message of a page. When it is refused, the request has what could be read, so that the refusal can be
// addressed: the page's id, and its own channel, topic and subtopic where they are not known.
func parse(kind websocket.MessageType, frame []byte) (request, *refusal) {
	r := request{Envelope: unread()}
	if kind != websocket.MessageText {
		return r, refuse(malformed, "a message must be text")
	}
	var e Envelope
	if err := object(frame, &e); err != nil {
		return r, refuse(malformed, "a message must be one JSON object {channel, topic, subtopic, message}: "+err.Error())
	}
	if len(e.Channel) > maxText || len(e.Topic) > maxText || len(e.Subtopic) > maxText {
		return r, refuse(malformed, "channel, topic or subtopic is too long")
	}
	r.Envelope = Envelope{Channel: e.Channel, Topic: e.Topic, Subtopic: e.Subtopic}
	var err error
	if len(e.Message) > 0 {
		err = object(e.Message, &r.body)
	}
	if err == nil {
		err = r.body.check()
	}
	if err != nil {
		if len(r.body.ID) > maxText {
			r.body.ID = ""
		}
		return r, refuse(malformed, "message: "+err.Error())
	}
	return r, r.spell()
}

// object reads one JSON object and nothing after it. The error says what is wrong and repeats no value.
func object(b []byte, into any) error {
	if trimmed := bytes.TrimLeft(b, " \t\r\n"); len(trimmed) == 0 || trimmed[0] != '{' {
		return errors.New("it is no object")
	}
	err := json.Unmarshal(b, into)
	var typed *json.UnmarshalTypeError
	switch {
	case errors.As(err, &typed):
		return fmt.Errorf("%s must not be a JSON %s", typed.Field, strings.Fields(typed.Value)[0])
	case err != nil:
		return errors.New("it is no JSON")
	}
	return nil
}

// check names what is longer than it may be.
func (b *body) check() error {
	for name, text := range map[string]string{
		"id": b.ID, "ticket": b.Ticket, "channel": b.Channel, "topic": b.Topic, "subtopic": b.Subtopic, "call": b.Call, "to": b.To, "connection": b.Connection,
	} {
		if len(text) > maxText {
			return fmt.Errorf("%s is too long", name)
		}
	}
	if len(b.Args) > maxArgs {
		return fmt.Errorf("args are more than %d", maxArgs)
	}
	return nil
}

// spell brings the envelope into our spelling.
func (r *request) spell() *refusal {
	if SameWord(r.Channel, ownChannel) {
		return r.spellOwn()
	}
	p, ok := platformOf(r.Channel)
	if !ok {
		return refuse(unknownChannel, "the channels are "+strings.Join(append([]string{ownChannel}, channels()...), ", "))
	}
	r.Channel = channelOf(p)
	if !SameWord(r.Topic, commandTopic) {
		return refuse(unknownTopic, "a page sends to the topic command of this channel; to hear of its other topics, subscribe")
	}
	r.Topic = commandTopic
	var names []string
	for _, o := range orders {
		if o.is(r.Subtopic) {
			r.Subtopic = o.name
			return nil
		}
		names = append(names, o.name)
	}
	return refuse(unknownCommand, "the commands are "+strings.Join(names, ", "))
}

// spellOwn brings what is sent to our own channel into our spelling.
func (r *request) spellOwn() *refusal {
	r.Channel = ownChannel
	for topic, subtopics := range map[string][]string{sessionTopic: {signIn}, subscriptionTopic: {subscribe, unsubscribe}} {
		if !SameWord(r.Topic, topic) {
			continue
		}
		r.Topic = topic
		for _, s := range subtopics {
			if SameWord(r.Subtopic, s) {
				r.Subtopic = s
				return nil
			}
		}
		return refuse(unknownCommand, "here is only "+strings.Join(subtopics, ", "))
	}
	return refuse(unknownTopic, "the topics of this channel are session and subscription")
}

// platformOf is the platform whose calls a channel tells of. Webex has the page's name and its own.
func platformOf(channel string) (call.Platform, bool) {
	for _, p := range call.Platforms() {
		if SameWord(channel, channelOf(p)) || SameWord(channel, string(p)) {
			return p, true
		}
	}
	return "", false
}

func channels() (all []string) {
	for _, p := range call.Platforms() {
		all = append(all, channelOf(p))
	}
	return all
}

// verbOf is what a command asks for.
func verbOf(name string) platform.Verb {
	for _, o := range orders {
		if o.name == name {
			return o.verb
		}
	}
	return ""
}
