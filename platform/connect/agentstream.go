package connect

import (
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
		switch key {
		case "AgentARN":
			r.agent = lastPart(v.String())
		case "EventType":
			kind = v.String()
		case "EventTimestamp":
			r.at = when(v)
		case "CurrentAgentSnapshot":
			each(v, func(key string, v gjson.Result) {
				switch key {
				case "Configuration":
					r.username = v.Get("Username").String()
				case "Contacts":
					r.contacts = readListed(v)
				}
			})
		case "PreviousAgentSnapshot":
			each(v, func(key string, v gjson.Result) {
				if key == "Contacts" {
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
	case r.at.IsZero():
		return nil, errors.New("EventTimestamp is no time")
	}
	return r, nil
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
	switch key {
	case "ContactId":
		c.id = v.String()
	case "InitialContactId":
		c.initial = v.String()
	case "Channel":
		c.channel = v.String()
	case "InitiationMethod":
		c.method = strings.ToLower(v.String())
	case "State", "AgentContactState":
		c.state = strings.ToUpper(v.String())
	case "StateStartTimestamp":
		c.since = when(v)
	case "ConnectedToAgentTimestamp":
		c.connected = when(v)
	case "Queue":
		c.queue = v.Get("Name").String()
	}
}
