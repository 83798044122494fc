package finesse

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// notice is one notification or REST answer, still in Finesse's words.
type notice struct {
	to        string // addressee of the stanza, a JID
	node      string
	event     string // POST, PUT or DELETE in upper case; empty for a REST answer
	requestID string
	source    string
	dialogs   []dialog
	// complete means that dialogs are all the dialogs that the agent has now.
	complete bool
	user     user
	system   string // SystemInfo's status, such as IN_SERVICE
	errors   []apiError
}

// dialog is a Dialog as a notification shows it to one agent (Finesse Web Services Developer Guide, "Dialog").
type dialog struct {
	id, secondary, associated string
	from, to, state           string
	callType, dnis, dialed    string
	queue, wrapup             string
	vars                      []variable
	parts                     []participant
}

type variable struct{ name, value string }

type participant struct {
	address, kind, state string
	changed              time.Time
}

type user struct{ id, extension, state string }

type apiError struct{ Type, Message, Data string }

// errNoNotice says that the document holds nothing that Finesse sends to its clients.
var errNoNotice = errors.New("not a Finesse document")

// readNotices takes one message apart: a whole XMPP stanza (which may hold several items), the bare Update document that
// an item holds, or a REST answer. Stanzas that are not notifications give none.
func (t *tree) readNotices(text string) ([]notice, error) {
	if err := t.parse(text); err != nil {
		return nil, err
	}
	root := t.root()
	name := t.nodes[root].name
	switch {
	case strings.EqualFold(name, "message"):
		return t.stanzaNotices(root)
	case strings.EqualFold(name, "presence"), strings.EqualFold(name, "iq"):
		return nil, nil
	}
	n, err := t.document(root)
	if err != nil {
		return nil, err
	}
	return []notice{n}, nil
}

func (t *tree) stanzaNotices(root int32) ([]notice, error) {
	to := t.attr(root, "to")
	var found []string
	var node string
	var out []notice
	items := t.child(t.child(root, "event"), "items")
	if items == 0 {
		return nil, nil
	}
	node = t.attr(items, "node")
	for c := t.nodes[items].first; c != 0; c = t.nodes[c].next {
		n := t.child(c, "notification")
		if n == 0 {
			continue // a retracted item has no payload
		}
		if inner := t.nodes[n].first; inner != 0 { // not escaped: tolerated
			d, err := t.document(inner)
			if err != nil {
				return nil, err
			}
			d.to, d.node = to, node
			out = append(out, d)
			continue
		}
		found = append(found, t.nodes[n].text)
	}
	for _, payload := range found { // parsing reuses the tree, so it comes last
		if err := t.parse(payload); err != nil {
			return nil, fmt.Errorf("notification: %w", err)
		}
		d, err := t.document(t.root())
		if err != nil {
			return nil, fmt.Errorf("notification: %w", err)
		}
		d.to, d.node = to, node
		out = append(out, d)
	}
	return out, nil
}

// document reads an Update or the body of a REST answer.
func (t *tree) document(root int32) (notice, error) {
	var n notice
	if strings.EqualFold(t.nodes[root].name, "Update") {
		n.event = strings.ToUpper(t.text(root, "event"))
		n.requestID = t.text(root, "requestId")
		n.source = t.text(root, "source")
		data := t.child(root, "data")
		if data == 0 {
			return n, fmt.Errorf("%w: Update without data", errNoNotice)
		}
		for c := t.nodes[data].first; c != 0; c = t.nodes[c].next {
			if err := t.content(c, &n); err != nil {
				return n, err
			}
		}
		return n, nil
	}
	n.complete = strings.EqualFold(t.nodes[root].name, "Dialogs")
	return n, t.content(root, &n)
}

// content reads one resource. Resources that hold nothing for us (media, queues, teams) are passed over.
func (t *tree) content(e int32, n *notice) error {
	switch strings.ToLower(t.nodes[e].name) {
	case "dialogs":
		for c := t.nodes[e].first; c != 0; c = t.nodes[c].next {
			if strings.EqualFold(t.nodes[c].name, "dialog") {
				if err := t.content(c, n); err != nil {
					return err
				}
			}
		}
	case "dialog":
		d, err := t.dialog(e)
		if err != nil {
			return err
		}
		n.dialogs = append(n.dialogs, d)
	case "user":
		n.user = user{t.text(e, "loginId"), t.text(e, "extension"), strings.ToUpper(t.text(e, "state"))}
	case "systeminfo":
		n.system = strings.ToUpper(t.text(e, "status"))
	case "apierrors":
		for c := t.nodes[e].first; c != 0; c = t.nodes[c].next {
			n.errors = append(n.errors, apiError{t.text(c, "errorType"), t.text(c, "errorMessage"), t.text(c, "errorData")})
		}
	case "media", "queue", "queues", "team", "teams", "users", "teammessages", "teammessage":
	default:
		return fmt.Errorf("%w: unknown element", errNoNotice)
	}
	return nil
}
