package connect

import (
	"errors"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// contactEvent is what a contact event, or the REST API's description of a contact, says of a contact. Every event repeats
// what has happened so far, so that one that was lost is made up for by the next ("Amazon Connect contact events").
type contactEvent struct {
	at                                   time.Time // when it was sent
	id                                   string
	initial, previous, related           string
	kind                                 string // INITIATED, CONNECTED_TO_AGENT, … in upper case
	completed                            bool
	channel, method                      string
	initiated, answered, disconnected    time.Time
	discarded                            bool
	agent                                string
	accepted, connected, previewEnd, end time.Time
	campaign                             string
	customer                             string
	vars                                 map[string]string
}

// errOther means that the message is an event about something else.
var errOther = errors.New("about something else")

func readContactEvent(raw []byte) (*contactEvent, error) {
	root, err := parse(raw)
	if err != nil {
		return nil, err
	}
	e := &contactEvent{}
	var detail gjson.Result
	kind := ""
	each(root, func(key string, v gjson.Result) {
		switch strings.ToLower(key) {
		case "detail-type":
			kind = v.String()
		case "time":
			e.at = when(v)
		case "detail":
			detail = v
		}
	})
	if kind != "Amazon Connect Contact Event" {
		if kind == "" {
			return nil, errors.New("detail-type is missing")
		}
		return nil, errOther
	}
	each(detail, e.read)
	switch {
	case e.id == "":
		return nil, errors.New("detail.contactId is missing")
	case !voice(e.channel) || e.method == byMonitor:
		return nil, errOther
	}
	return e, nil
}

// read takes one member in. Events mix cases, and the REST API writes all names with a capital.
func (e *contactEvent) read(key string, v gjson.Result) {
	switch strings.ToLower(key) {
	case "contactid", "id":
		e.id = v.String()
	case "initialcontactid":
		e.initial = v.String()
	case "previouscontactid":
		e.previous = v.String()
	case "relatedcontactid":
		e.related = v.String()
	case "eventtype":
		e.kind = strings.ToUpper(v.String())
		e.completed = e.kind == "COMPLETED"
	case "channel":
		e.channel = v.String()
	case "initiationmethod":
		e.method = strings.ToLower(v.String())
	case "initiationtimestamp":
		e.initiated = when(v)
	case "connectedtosystemtimestamp":
		e.answered = when(v)
	case "disconnecttimestamp":
		e.disconnected = when(v)
	case "disconnectreason":
		e.discarded = discards(v.String())
	case "agentinfo":
		each(v, e.readAgent)
	case "campaign":
		each(v, func(key string, v gjson.Result) {
			if strings.EqualFold(key, "campaignId") {
				e.campaign = v.String()
			}
		})
	case "customerendpoint": // REST only
		e.customer = clean(v.Get("Address").String())
	case "attributes": // REST only
		each(v, func(name string, v gjson.Result) {
			if e.vars == nil {
				e.vars = map[string]string{}
			}
			e.vars[name] = v.String()
		})
	}
}

func (e *contactEvent) readAgent(key string, v gjson.Result) {
	switch strings.ToLower(key) {
	case "agentarn", "id":
		e.agent = lastPart(v.String())
	case "connectedtoagenttimestamp":
		e.connected = when(v)
	case "acceptedbyagenttimestamp":
		e.accepted = when(v)
	case "previewendtimestamp":
		e.previewEnd = when(v)
	case "aftercontactworkendtimestamp":
		e.end = when(v)
	}
}

// discards reports whether a contact was disconnected because the agent passed on its preview. The vendor's page spells the
// reason so; the right spelling is taken as well.
func discards(reason string) bool {
	return strings.EqualFold(reason, "OUTBUND_PREVIEW_DISCARDED") || strings.EqualFold(reason, "OUTBOUND_PREVIEW_DISCARDED")
}
