package connect

import (
	"cmp"
	"errors"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// record is one record of the agent event stream: what an agent has now and had before ("Agent event streams data model").
type record struct {
	agent, username string
	at              time.Time
	beat            bool // a heart beat: nothing has changed
	contacts, had   []listed
}

// listed is one contact in a record, or in the REST API's answer about what agents have now.
type listed struct {
	id, initial     string
	channel, method string
	state           string    // upper case
	since           time.Time // of the state
	connected       time.Time // to the agent
	queue           string
}

func readRecord(raw []byte) (*record, error) {
	root, err := parse(raw)
	if err != nil {
		return nil, err
	}
	r := &record{}
	kind := ""
	each(root, func(key string, v gjson.Result) {
		switch strings.ToLower(key) {
		case "agentarn":
			r.agent = lastPart(v.String())
		case "eventtype":
			kind = strings.ToUpper(v.String())
		case "eventtimestamp":
			r.at = when(v)
		case "currentagentsnapshot":
			each(v, func(key string, v gjson.Result) {
				switch strings.ToLower(key) {
				case "configuration":
					r.username = member(v, "username")
				case "contacts":
					r.contacts = readListed(v)
				}
			})
		case "previousagentsnapshot":
			each(v, func(key string, v gjson.Result) {
				if strings.EqualFold(key, "contacts") {
					r.had = readListed(v)
				}
			})
		}
	})
	r.beat = kind == "HEART_BEAT"
	switch {
	case kind == "":
		return nil, errors.New("EventType is missing")
	case r.agent == "":
		return nil, errors.New("AgentARN is missing")
	}
	return r, nil
}

// date gives the record, and the contacts in it that have no time of their own, the time of hearing or that of the record.
func (r *record) date(heard time.Time) error {
	if r.at = cmp.Or(r.at, heard.UTC()); r.at.IsZero() {
		return errors.New("EventTimestamp is no time")
	}
	for i := range r.contacts {
		r.contacts[i].since = cmp.Or(r.contacts[i].since, r.at)
	}
	for i := range r.had {
		r.had[i].since = cmp.Or(r.had[i].since, r.at)
	}
	return nil
}

func readListed(v gjson.Result) []listed {
	var all []listed
	v.ForEach(func(_, v gjson.Result) bool {
		var c listed
		each(v, c.read)
		if c.id != "" && voice(c.channel) && c.method != byMonitor {
			all = append(all, c)
		}
		return true
	})
	return all
}

func (c *listed) read(key string, v gjson.Result) {
	switch strings.ToLower(key) {
	case "contactid":
		c.id = v.String()
	case "initialcontactid":
		c.initial = v.String()
	case "channel":
		c.channel = v.String()
	case "initiationmethod":
		c.method = strings.ToLower(v.String())
	case "state", "agentcontactstate":
		c.state = strings.ToUpper(v.String())
	case "statestarttimestamp":
		c.since = when(v)
	case "connectedtoagenttimestamp":
		c.connected = when(v)
	case "queue":
		c.queue = member(v, "name")
	}
}
