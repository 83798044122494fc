package genesys

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// A campaign works on a contact list in one dialing mode. Guarded by Server.mu, as all of this file.
type campaign struct {
	id, name, mode string
	version        int
	list           *contactList
	queue          *queue // nil for agentless campaigns
	script         string
	columns        []columnView
	status         string
	skipDisabled   bool
	autoEnd        bool
	timeout        int // previewTimeOutSeconds
}

// A contactList is a list of contacts and the order in which they are dialed.
type contactList struct {
	id, name string
	version  int
	made     time.Time
	columns  []string
	phones   []columnView
	contacts map[string]*contact
	queue    []string // ids of the contacts that are still to be dialed, the next one first
	limits   *attemptLimits
	count    int // contacts ever made by the org itself
}

type contact struct {
	id       string
	list     *contactList
	data     map[string]string
	callable bool
	phones   map[string]bool // whether each phone column is callable
	records  map[string]callRecord
	attempts map[string]int // by phone column
	made     time.Time      // dateCreated: moves when the contact is added again
}

type callRecord struct {
	Attempt string `json:"lastAttempt"`
	Result  string `json:"lastResult"`
}

type attemptLimits struct {
	id, name              string
	perContact, perNumber int
}

// codeMapping says what wrap-up codes do to contacts.
type codeMapping struct {
	id       string
	version  int
	defaults []string
	mapping  map[string][]string
}

var modes = []string{"preview", "progressive", "power", "predictive", "agentless", "external"}

func (o *org) newOutbound(cfg Config, now time.Time) {
	list := &contactList{id: entityID("contact list", 1), name: "Leads", version: 1, made: now, contacts: map[string]*contact{},
		columns: []string{"FirstName", "Phone", "Mobile", "OpportunityId"}, phones: []columnView{{"Phone", "Cell"}, {"Mobile", "Home"}}}
	o.limits = &attemptLimits{id: entityID("attempt limits", 1), name: "Ten a contact", perContact: 10}
	list.limits = o.limits
	o.lists = []*contactList{list}
	for range cfg.Contacts {
		list.queue = append(list.queue, list.invent(now, "").id)
	}
	for i, mode := range modes {
		k := &campaign{id: entityID("campaign", i+1), name: "Spring " + mode, mode: mode, version: 3, list: list, queue: o.queues[0],
			script: entityID("script", 1), columns: []columnView{{"Phone", "Cell"}}, status: "on"}
		if mode == "agentless" {
			k.queue = nil
		}
		o.campaigns = append(o.campaigns, k)
	}
	o.mapping = &codeMapping{id: entityID("mapping", 1), version: 5, defaults: []string{"RIGHT_PARTY_CONTACT"},
		mapping: map[string][]string{o.codes[0].id: {"CONTACT_UNCALLABLE", "BUSINESS_SUCCESS"},
			o.codes[3].id: {"CONTACT_UNCALLABLE", "BUSINESS_FAILURE"}}}
}

// invent makes a contact up; with a number of its own unless one is given.
func (l *contactList) invent(now time.Time, number string) *contact {
	l.count++
	if number == "" {
		number = fmt.Sprintf("+1555%07d", 5560000+l.count)
	}
	k := &contact{id: contactID(l.id, l.count), list: l, callable: true, made: now, records: map[string]callRecord{},
		attempts: map[string]int{}, phones: map[string]bool{"Phone": true},
		data: map[string]string{"FirstName": firstNames[l.count%len(firstNames)], "Phone": number,
			"Mobile": "", "OpportunityId": fmt.Sprintf("006%012dAAA", l.count)}}
	l.contacts[k.id] = k
	return k
}

func (o *org) campaign(id string) *campaign {
	for _, c := range o.campaigns {
		if c.id == id || c.mode == id {
			return c
		}
	}
	return nil
}

func (o *org) list(id string) *contactList {
	for _, l := range o.lists {
		if l.id == id {
			return l
		}
	}
	return nil
}

// next takes the next contact that may be dialed off the queue; those that may not are passed over and leave it too.
func (l *contactList) next(column string) *contact {
	for len(l.queue) > 0 {
		k := l.contacts[l.queue[0]]
		l.queue = l.queue[1:]
		if k != nil && k.dialable(column) {
			return k
		}
	}
	return nil
}

// dialable says whether the dialer would take the contact: callable, with a number, and under its attempt limits.
func (k *contact) dialable(column string) bool {
	if !k.callable || k.data[column] == "" {
		return false
	}
	if ok, said := k.phones[column]; said && !ok {
		return false
	}
	limits := k.list.limits
	if limits == nil {
		return true
	}
	total := 0
	for _, n := range k.attempts {
		total += n
	}
	return (limits.perContact == 0 || total < limits.perContact) && (limits.perNumber == 0 || k.attempts[column] < limits.perNumber)
}

func (l *contactList) unqueue(id string) {
	l.queue = slices.DeleteFunc(l.queue, func(q string) bool { return q == id })
}

// requeue puts a contact to the front or the end of the queue.
func (l *contactList) requeue(id string, front bool) {
	l.unqueue(id)
	if front {
		l.queue = slices.Insert(l.queue, 0, id)
		return
	}
	l.queue = append(l.queue, id)
}

func (c *conversation) contactName() string {
	if c.contact == nil {
		return "Customer"
	}
	return or(c.contact.data["FirstName"], "Customer")
}

// numbers are the contact's, the dialed column first.
func (c *conversation) numbers() []string {
	list := []string{c.customer}
	if c.contact == nil {
		return list
	}
	for _, column := range slices.Sorted(maps.Keys(c.contact.data)) {
		n := c.contact.data[column]
		if n != "" && c.contact.list.phone(column) && !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	return list
}

func (l *contactList) phone(column string) bool {
	return slices.ContainsFunc(l.phones, func(p columnView) bool { return p.Name == column })
}
