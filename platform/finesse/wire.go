package finesse

import (
	"errors"
	"strings"
	"time"
)

func (t *tree) dialog(e int32) (dialog, error) {
	var d dialog
	var props, parts int32
	for c := t.nodes[e].first; c != 0; c = t.nodes[c].next {
		text := strings.TrimSpace(t.nodes[c].text)
		switch lower(t.nodes[c].name) {
		case "id":
			d.id = text
		case "secondaryid":
			d.secondary = text
		case "associateddialoguri":
			d.associated = lastPart(text)
		case "fromaddress":
			d.from = text
		case "toaddress":
			d.to = text
		case "state":
			d.state = strings.ToUpper(text)
		case "mediaproperties":
			props = c
		case "participants":
			parts = c
		}
	}
	if d.id == "" {
		d.id = lastPart(t.text(e, "uri"))
	}
	if d.id == "" {
		return d, errors.New("dialog without an id")
	}
	t.properties(props, &d)
	t.participants(parts, &d)
	return d, nil
}

func (t *tree) properties(e int32, d *dialog) {
	if e == 0 {
		return
	}
	for c := t.nodes[e].first; c != 0; c = t.nodes[c].next {
		text := strings.TrimSpace(t.nodes[c].text)
		switch lower(t.nodes[c].name) {
		case "calltype":
			d.callType = strings.ToUpper(text)
		case "dnis":
			d.dnis = text
		case "dialednumber":
			d.dialed = text
		case "queuename":
			d.queue = text
		case "queuenumber":
			if d.queue == "" {
				d.queue = text
			}
		case "wrapupreason":
			d.wrapup = text
		case "wrapupitems":
			if d.wrapup == "" {
				d.wrapup = t.joined(c)
			}
		case "callvariables":
			t.variables(c, d)
		}
	}
}

// joined is the text of all children: UCCX lets an agent choose several wrap-up reasons.
func (t *tree) joined(e int32) string {
	var all []string
	for c := t.nodes[e].first; c != 0; c = t.nodes[c].next {
		if text := strings.TrimSpace(t.nodes[c].text); text != "" {
			all = append(all, text)
		}
	}
	return strings.Join(all, ", ")
}

func (t *tree) variables(e int32, d *dialog) {
	for c := t.nodes[e].first; c != 0; c = t.nodes[c].next {
		v := variable{name: t.text(c, "name")}
		if val := t.child(c, "value"); val != 0 {
			v.value = t.nodes[val].text
		}
		if v.name != "" {
			d.vars = append(d.vars, v)
		}
	}
}

func (t *tree) participants(e int32, d *dialog) {
	if e == 0 {
		return
	}
	for c := t.nodes[e].first; c != 0; c = t.nodes[c].next {
		var p participant
		for f := t.nodes[c].first; f != 0; f = t.nodes[f].next {
			text := strings.TrimSpace(t.nodes[f].text)
			switch lower(t.nodes[f].name) {
			case "mediaaddress":
				p.address = text
			case "mediaaddresstype":
				p.kind = strings.ToUpper(text)
			case "state":
				p.state = strings.ToUpper(text)
			case "statechangetime":
				p.changed = parseTime(text)
			}
		}
		d.parts = append(d.parts, p)
	}
}

// firstYear is the year before which a time is a placeholder for none.
const firstYear = 2000

// parseTime reads Finesse's UTC times with milliseconds; the zero time when there is none or it cannot be read.
func parseTime(s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || at.Year() < firstYear {
		return time.Time{}
	}
	return at.UTC()
}

// lastPart is what follows the last slash of a resource's address: /finesse/api/Dialog/16801001 is 16801001.
func lastPart(uri string) string {
	uri = strings.TrimRight(uri, "/")
	return uri[strings.LastIndexByte(uri, '/')+1:]
}

// agentOf reads the agent's id from a node or source such as /finesse/api/User/1001001/Dialogs.
func agentOf(path string) string {
	const mark = "/api/User/"
	i := strings.Index(path, mark)
	if i < 0 {
		return ""
	}
	id, _, _ := strings.Cut(path[i+len(mark):], "/")
	return id
}

// own returns the agent's participant: by extension, or, while the extension is unknown, the only agent's device there
// is that is not known to be another agent's. A call may list the same device twice after a transfer back; the one still in the call counts.
func (d *dialog) own(extension string, others map[string]*agent) *participant {
	if extension == "" {
		return d.onlyDevice(others)
	}
	var found *participant
	for i := range d.parts {
		if p := &d.parts[i]; p.address == extension && (found == nil || found.state == stateDropped) {
			found = p
		}
	}
	return found
}

// onlyDevice is the one device that may be the agent's: one still in the call before one that has left it.
func (d *dialog) onlyDevice(others map[string]*agent) *participant {
	var live, left []*participant
	for i := range d.parts {
		p := &d.parts[i]
		switch {
		case p.kind != "AGENT_DEVICE" || others[p.address] != nil:
		case p.state == stateDropped:
			left = append(left, p)
		default:
			live = append(live, p)
		}
	}
	if len(live) == 0 {
		live = left
	}
	if len(live) != 1 {
		return nil
	}
	return live[0]
}

func (d *dialog) value(name string) string {
	for i := range d.vars {
		if strings.EqualFold(d.vars[i].name, name) {
			return strings.TrimSpace(d.vars[i].value)
		}
	}
	return ""
}

// isAgent reports whether an address is an agent's device in this dialog.
func (d *dialog) isAgent(address string) bool {
	for i := range d.parts {
		if d.parts[i].address == address && d.parts[i].kind == "AGENT_DEVICE" {
			return true
		}
	}
	return false
}

// lower gives the names of this vocabulary in lower case without an allocation.
func lower(name string) string {
	if low, known := lowerNames[name]; known {
		return low
	}
	return strings.ToLower(name)
}

// lowerNames are the spellings that Finesse writes.
var lowerNames = map[string]string{
	"associatedDialogUri": "associateddialoguri", "fromAddress": "fromaddress", "toAddress": "toaddress",
	"mediaProperties": "mediaproperties", "callType": "calltype", "DNIS": "dnis", "dialedNumber": "dialednumber",
	"mediaAddress": "mediaaddress", "mediaAddressType": "mediaaddresstype", "stateChangeTime": "statechangetime",
	"startTime": "starttime", "stateCause": "statecause", "id": "id", "state": "state", "participants": "participants",
}
