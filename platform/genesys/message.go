package genesys

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"cordboard/platform"
)

// The sources of messages, as traces name them.
const (
	sourceSocket      = "genesys-ws"
	sourceEventBridge = "genesys-eventbridge"
	sourceREST        = "genesys-rest"
)

// note is one message, still in Genesys' words. What it is about says which of its parts is filled.
type note struct {
	about       about
	user        string // whose topic a snapshot came by
	correlation string // names the change that is told
	hash        uint64 // of the whole message
	at          time.Time
	snapshot    snapshot
	detail      detail
	names       []named
	gone        bool // the REST interface does not know the conversation (any more)
}

type about int

const (
	aboutNothing about = iota // heartbeats, and topics that bring nothing for calls
	aboutConversation
	aboutDetail
	aboutCampaigns
	aboutQueues
	aboutWrapups
)

// named is an entry of one of the lists that give ids their names.
type named struct{ id, name, dialing string }

// envelope finds what a message is about: a notification of the socket, an event of EventBridge, or the bare body of an
// event that a workflow sends on (an architect's data action), whose topic then stands in the message's node.
type envelope struct {
	topic       string
	body        int // where eventBody begins; -1 without one
	correlation string
	at          time.Time
}

// readNote takes one message apart.
func readNote(m *platform.Message, text string) (note, error) {
	if m.Source == sourceREST {
		return readAnswer(m.Node, text)
	}
	c := &cursor{s: text}
	e := envelope{body: -1}
	n := e.read(c, m.Node)
	if c.err == nil && c.peek() != 0 {
		c.fail()
	}
	if c.err != nil {
		return note{}, c.err
	}
	if e.topic == "" {
		if m.Node == "" || e.body >= 0 {
			return note{}, errors.New("a message without a topic")
		}
		e.topic, e.body = m.Node, 0
	}
	if n.about == aboutNothing && e.body >= 0 {
		n = readBody(&cursor{s: text, i: e.body}, e.topic)
	}
	n.correlation, n.at = e.correlation, e.at
	return n, n.check()
}

// read reads an envelope, and its body at once when the topic stands before it, as it usually does.
func (e *envelope) read(c *cursor, node string) (n note) {
	c.object(func(key string) {
		switch key {
		case "topicName":
			e.topic = c.text()
		case "eventBody":
			c.peek()
			if e.body = c.i; e.topic != "" {
				n = readBody(c, e.topic)
			}
		case "metadata":
			c.object(func(key string) {
				if strings.EqualFold(key, "CorrelationId") {
					e.correlation = c.text()
				}
			})
		case "timestamp":
			e.at = c.moment()
		case "detail-type":
			e.topic = cmp.Or(e.topic, c.text())
		case "detail":
			if inner := e.read(c, node); inner.about != aboutNothing {
				n = inner
			}
		}
	})
	return n
}

// check wants of a note what nothing can be made of without.
func (n *note) check() error {
	switch {
	case n.about == aboutConversation && n.snapshot.id == "":
		return errors.New("a conversation without an id")
	case n.about == aboutDetail && n.detail.conversation == "":
		return fmt.Errorf("%s without a conversation", n.detail.what)
	}
	return nil
}

// readBody reads an event's body by its topic ("Available topics").
func readBody(c *cursor, topic string) note {
	var n note
	if rest, ok := strings.CutPrefix(topic, "v2.users."); ok {
		user, what, _ := strings.Cut(rest, ".")
		return readConversations(c, what, user)
	}
	if rest, ok := strings.CutPrefix(topic, "v2.routing.queues."); ok {
		_, what, _ := strings.Cut(rest, ".")
		return readConversations(c, what, "")
	}
	if what := detailOf(topic); what != "" {
		n.about = aboutDetail
		n.detail = readDetail(c)
		n.detail.what = what
		if strings.HasPrefix(topic, "v2.outbound.preview.") {
			n.detail.dialing = cmp.Or(n.detail.dialing, "preview")
		}
	}
	return n
}

func readConversations(c *cursor, what, user string) (n note) {
	media, ok := strings.CutPrefix(what, "conversations")
	if !ok || media != "" && media != ".calls" && media != ".callbacks" {
		return n
	}
	return note{about: aboutConversation, user: user, snapshot: readSnapshot(c, strings.TrimPrefix(media, "."))}
}

// detailOf is the kind of a detail event: what stands behind the conversation's id in its topic, or the last word of a
// dialer's topic. A bare kind, such as user.end, is taken for itself.
func detailOf(topic string) string {
	if rest, ok := strings.CutPrefix(topic, "v2.detail.events.conversation."); ok {
		_, what, _ := strings.Cut(rest, ".")
		return what
	}
	if strings.HasPrefix(topic, "v2.outbound.") && strings.Contains(topic, ".campaigns.contact.") {
		return topic[strings.LastIndexByte(topic, '.')+1:]
	}
	if !strings.HasPrefix(topic, "v2.") && !strings.HasPrefix(topic, "channel.") {
		return topic
	}
	return ""
}

// The paths of the REST interface whose answers are read.
const (
	pathConversations = "/api/v2/conversations"
	pathCampaigns     = "/api/v2/outbound/campaigns"
	pathQueues        = "/api/v2/routing/queues"
	pathWrapups       = "/api/v2/routing/wrapupcodes"
)

// readAnswer reads an answer of the REST interface by the path that was asked.
func readAnswer(path, text string) (n note, err error) {
	path, _, _ = strings.Cut(path, "?")
	c := &cursor{s: text}
	switch {
	case strings.HasPrefix(path, pathConversations+"/"):
		n.about = aboutConversation
		id := path[len(pathConversations)+1:]
		if n.snapshot = readSnapshot(c, ""); n.snapshot.id == "" {
			n.gone = isMissing(text)
			n.snapshot.id = id
			if !n.gone {
				err = errors.New("a conversation without an id")
			}
		}
	case strings.HasPrefix(path, pathCampaigns):
		n.about, n.names = aboutCampaigns, readNames(c)
	case strings.HasPrefix(path, pathQueues):
		n.about, n.names = aboutQueues, readNames(c)
	case strings.HasPrefix(path, pathWrapups):
		n.about, n.names = aboutWrapups, readNames(c)
	default:
		err = errors.New("an answer to an unknown question")
	}
	if c.err != nil {
		err = c.err
	}
	return n, err
}

// isMissing reports whether an answer is the error that there is no such thing.
func isMissing(text string) (missing bool) {
	c := &cursor{s: text}
	c.object(func(key string) {
		switch key {
		case "status":
			missing = c.millis() == 404 || missing
		case "code":
			missing = strings.HasSuffix(c.text(), "not.found") || missing
		}
	})
	return missing
}

// readNames reads a list of entities, or one.
func readNames(c *cursor) []named {
	var all []named
	var one named
	read := func(n *named, key string) {
		switch key {
		case "id":
			n.id = c.text()
		case "name":
			n.name = c.text()
		case "dialingMode":
			n.dialing = c.text()
		}
	}
	c.object(func(key string) {
		if key != "entities" {
			read(&one, key)
			return
		}
		c.array(func() {
			var n named
			c.object(func(key string) { read(&n, key) })
			all = append(all, n)
		})
	})
	if one.id != "" {
		all = append(all, one)
	}
	return all
}
