package connect

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"cordboard/call"
)

// The operations of the REST API whose answers the decoder takes, as a message's node names them. What was asked about
// stands behind a slash: DescribeContact/ID, GetCurrentUserData/AGENT,AGENT. The answer is the vendor's; one without the
// expected member means that it was asked in vain.
const (
	describeContact  = "DescribeContact"
	describeCampaign = "DescribeCampaign"
	describeUser     = "DescribeUser"
	listUsers        = "ListUsers"
	currentUserData  = "GetCurrentUserData"
)

func (d *Decoder) decodeAnswer(raw []byte) error {
	root, err := parse(raw)
	if err != nil {
		return err
	}
	d.hear(d.m.At)
	operation, about, _ := strings.Cut(d.m.Node, "/")
	switch operation {
	case describeContact:
		d.learnContact(about, root.Get("Contact"))
	case describeCampaign:
		d.learnCampaign(about, root.Get("campaign"))
	case describeUser:
		d.nameAgent(about, root.Get("User.Username").String())
	case listUsers:
		root.Get("UserSummaryList").ForEach(func(_, v gjson.Result) bool {
			d.nameAgent(v.Get("Id").String(), v.Get("Username").String())
			return true
		})
	case currentUserData:
		d.learnUserData(strings.Split(about, ","), root.Get("UserDataList"))
	default:
		return errors.New("node names no operation whose answer is of use")
	}
	return nil
}

// learnContact takes in the description of a contact; about is asked for no more.
func (d *Decoder) learnContact(about string, v gjson.Result) {
	e := &contactEvent{at: d.at}
	each(v, e.read)
	if e.id == "" {
		e.id = about
	}
	if d.contacts[e.id] == nil {
		return
	}
	if v.IsObject() {
		d.learnEvent(e)
	}
	c := d.contacts[e.id]
	c.described = true
	d.touch(c)
}

// learnCampaign takes in the settings of a campaign (Outbound campaigns v2: channelSubtypeConfig.telephony.outboundMode, a
// union with one member).
func (d *Decoder) learnCampaign(id string, v gjson.Result) {
	known := campaign{name: strings.Clone(v.Get("name").String())}
	each(v.Get("channelSubtypeConfig.telephony.outboundMode"), func(mode string, _ gjson.Result) {
		if m := modeNamed(mode); m != call.Inbound && m != call.Manual {
			known.mode = m
		}
	})
	d.campaigns[strings.Clone(id)] = known
	for _, c := range d.contacts { // once for each campaign
		if c.campaign == id {
			c.unsaid.frame = c.unsaid.frame || known.name != ""
			d.touch(c)
		}
	}
}

// learnUserData takes in what agents have now; those who are not in the answer have nothing.
func (d *Decoder) learnUserData(asked []string, v gjson.Result) {
	if !v.IsArray() {
		return
	}
	has := map[string][]listed{}
	for _, agent := range asked {
		has[agent] = nil
	}
	v.ForEach(func(_, v gjson.Result) bool {
		if agent := v.Get("User.Id").String(); agent != "" {
			has[agent] = readListed(v.Get("Contacts"))
		}
		return true
	})
	for _, agent := range slices.Sorted(maps.Keys(has)) {
		d.learnAnswer(agent, has[agent])
	}
}

// wants are what the decoder would like to have asked, each once: contacts, campaigns and users by their ids.
type wants struct {
	known map[string]bool // what was asked for, by its operation and id
	all   []string
}

func newWants() wants { return wants{known: map[string]bool{}} }

func (w *wants) contact(id string)  { w.all = append(w.all, describeContact+"/"+id) } // its contact knows
func (w *wants) campaign(id string) { w.once(describeCampaign + "/" + id) }
func (w *wants) user(id string)     { w.once(describeUser + "/" + id) }

func (w *wants) once(what string) {
	if !w.known[what] {
		w.known[what] = true
		w.all = append(w.all, what)
	}
}

// wanted returns what is to be asked since it was called last, as nodes of the answers.
func (d *Decoder) wanted() []string {
	all := d.wants.all
	d.wants.all = nil
	return all
}
