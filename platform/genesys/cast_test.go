package genesys_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"cordboard/platform"
)

// opening is when every story begins.
var opening = time.Date(2026, 5, 6, 9, 0, 0, 0, time.UTC)

// cast is the people of one conversation, and the messages that Genesys sends of it so far.
type cast struct {
	id      string
	now     time.Duration
	people  []*person
	details bool // detail events are sent as well
	pruned  bool // notifications leave out calls that are over, as they do once a preview is closed
	bus     bool // everything goes over EventBridge, which has no snapshots
	sent    []platform.Message
	shown   []shown
}

// shown is the conversation as the REST interface shows it from a moment on.
type shown struct {
	at   time.Time
	body json.RawMessage
}

// person is one participant.
type person struct {
	fields           map[string]any
	calls, callbacks []map[string]any
	c                *cast
}

func newCast(id string) *cast { return &cast{id: id, details: true} }

func (c *cast) after(d time.Duration) *cast { c.now += d; return c }

func (c *cast) clock() string { return opening.Add(c.now).Format("2006-01-02T15:04:05.000Z") }

// add brings a participant in; user is empty for whoever is no agent.
func (c *cast) add(id, purpose, user string) *person {
	p := &person{c: c, fields: map[string]any{
		"id": c.id + "-" + id, "purpose": purpose, "attributes": map[string]string{},
		"wrapupRequired": user != "", "wrapupExpected": false, "wrapupPrompt": "optional", "wrapupTimeoutMs": 300000,
	}}
	if user != "" {
		p.fields["userId"] = user
		p.fields["queueId"] = "q-sales"
	}
	c.people = append(c.people, p)
	return p
}

// caller is a customer who is connected since now.
func (c *cast) caller(direction string) *person {
	p := c.add("cust", "customer", "")
	p.fields["address"] = "tel:+12025550143"
	p.call("cust-call", "connected", direction)
	return p
}

// dialer marks the customer as a campaign's contact.
func (p *person) dialer(campaign string) *person {
	p.fields["attributes"] = map[string]string{
		"dialerContactId": "contact-7", "dialerContactListId": "list-3", "dialerCampaignId": campaign, "SalesforceId": "003000000000001",
	}
	return p
}

func (p *person) session(id, state, direction string) map[string]any {
	s := map[string]any{
		"id": p.c.id + "-" + id, "state": state, "initialState": state, "direction": direction, "held": false, "confined": false,
		"muted": false, "recording": false, "recordingState": "none", "securePause": false, "provider": "Edge", "afterCallWorkRequired": true,
		"self": map[string]any{"name": "+12025550100", "nameRaw": "", "addressNormalized": "+12025550100", "addressRaw": "tel:+12025550100"},
	}
	if state == "connected" {
		s["connectedTime"] = p.c.clock()
	}
	return s
}

func (p *person) call(id, state, direction string) map[string]any {
	s := p.session(id, state, direction)
	s["other"] = map[string]any{
		"name": "+12025550143", "nameRaw": "", "addressRaw": "tel:+12025550143", "addressNormalized": "+12025550143", "addressDisplayable": "+12025550143",
	}
	p.calls = append(p.calls, s)
	return s
}

// callback is a callback session, of a preview when campaign is not empty.
func (p *person) callback(id, state, campaign string) map[string]any {
	s := p.session(id, state, "outbound")
	s["callbackNumbers"] = []string{"+12025550143"}
	if campaign != "" {
		s["dialerPreview"] = map[string]any{"contactId": "contact-7", "contactListId": "list-3", "campaignId": campaign,
			"phoneNumberColumns": []any{map[string]any{"columnName": "Mobile", "type": "Cell"}}}
	}
	p.callbacks = append(p.callbacks, s)
	return s
}

// connect, hold, resume and end change the newest session.
func (c *cast) connect(s map[string]any) { s["state"], s["connectedTime"] = "connected", c.clock() }

func (c *cast) hold(s map[string]any) { s["held"], s["startHoldTime"] = true, c.clock() }

func (c *cast) resume(s map[string]any) {
	s["held"] = false
	delete(s, "startHoldTime")
}

func (c *cast) end(s map[string]any, state, why string) {
	if s["state"] == "disconnected" || s["state"] == "terminated" {
		s["state"] = state
		return
	}
	s["state"], s["disconnectedTime"], s["disconnectType"], s["held"] = state, c.clock(), why, false
}

// work sets the state of a session's after-call work.
func (c *cast) work(s map[string]any, state string) {
	acw, _ := s["afterCallWork"].(map[string]any)
	if acw == nil {
		acw = map[string]any{"startTime": c.clock()}
	}
	acw = maps.Clone(acw)
	if acw["state"] = state; state != "pending" {
		acw["endTime"] = c.clock()
	}
	s["afterCallWork"] = acw
}

// leave ends the participant itself.
func (p *person) leave() { p.fields["endTime"] = p.c.clock() }

func (p *person) wrap(code string) {
	p.fields["wrapup"] = map[string]any{"code": code, "notes": "", "endTime": p.c.clock()}
}

// show sends the conversation as it is to every agent's topic.
func (c *cast) show() {
	if c.bus {
		return
	}
	var people, all []any
	var users []string
	for _, p := range c.people {
		one := maps.Clone(p.fields)
		one["calls"], one["callbacks"] = p.calls, p.callbacks
		all = append(all, one)
		if c.pruned {
			one = maps.Clone(one)
			one["calls"] = []any{}
		}
		people = append(people, one)
		if user, ok := p.fields["userId"].(string); ok && !strings.Contains(strings.Join(users, " "), user) {
			users = append(users, user)
		}
	}
	body, err := json.Marshal(map[string]any{"id": c.id, "startTime": opening, "participants": all})
	if err != nil {
		panic(err) // maps of plain values always marshal
	}
	c.shown = append(c.shown, shown{opening.Add(c.now), body})
	for i, user := range users {
		c.after(time.Duration(i) * 20 * time.Millisecond)
		c.send("v2.users."+user+".conversations", map[string]any{
			"id": c.id, "participants": people, "recentTransfers": []any{}, "recordingState": "none", "securePause": false,
			"divisions": []any{map[string]any{"division": map[string]any{"id": "d-1"}, "entities": []any{}}},
		})
	}
}

// tell sends a detail event about a session of p.
func (p *person) tell(what, session, media string, more map[string]any) {
	c := p.c
	if !c.details && !c.bus {
		return
	}
	body := map[string]any{
		"eventTime": opening.Add(c.now).UnixMilli(), "conversationId": c.id, "participantId": p.fields["id"],
		"sessionId": c.id + "-" + session, "mediaType": media,
	}
	if user, ok := p.fields["userId"]; ok {
		body["userId"] = user
	}
	maps.Copy(body, more)
	c.send("v2.detail.events.conversation."+c.id+"."+what, body)
}

func (c *cast) send(topic string, body map[string]any) {
	note := map[string]any{"topicName": topic, "version": "2", "eventBody": body,
		"metadata": map[string]any{"CorrelationId": fmt.Sprintf("%s/%d", c.id, len(c.sent))}}
	source, hops := "genesys-ws", 60*time.Millisecond
	if c.bus {
		source, hops = "genesys-eventbridge", 300*time.Millisecond
		note["timestamp"] = c.clock()
		note = map[string]any{"detail-type": topic, "source": "aws.partner/genesys.com/cloud/o/x", "detail": note}
	}
	b, err := json.Marshal(note)
	if err != nil {
		panic(err) // maps of plain values always marshal
	}
	c.sent = append(c.sent, platform.Message{At: opening.Add(c.now + hops), Connection: "lab", Source: source, Message: b})
}
