package genesys_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cordboard/sim/genesys"
	"cordboard/sim/stage/stagetest"
)

// ended waits until the channel's socket is broken and returns what came before.
func (c *channel) ended() []note {
	c.o.t.Helper()
	var list []note
	for {
		n, ok := c.next()
		if !ok {
			return list
		}
		list = append(list, n)
	}
}

func TestTheTwentyFirstChannelRemovesOne(t *testing.T) {
	o := start(t, genesys.Config{})
	oldest := o.listen()
	var idle []string
	for range 19 {
		idle = append(idle, o.do("POST", "/api/v2/notifications/channels", nil).want(200).str("id"))
	}
	o.do("POST", "/api/v2/notifications/channels", nil).want(200)
	o.do("HEAD", "/api/v2/notifications/channels/"+oldest.id, nil).want(200) // it has a socket
	o.do("HEAD", "/api/v2/notifications/channels/"+idle[0], nil).want(404)
	o.do("HEAD", "/api/v2/notifications/channels/"+idle[1], nil).want(200)
	if n := len(o.Channels()); n != 20 {
		t.Errorf("%d channels", n)
	}
	if _, _, err := websocket.Dial(stagetest.Within(t), strings.Replace(oldest.uri, oldest.id, idle[0], 1), &websocket.DialOptions{HTTPClient: o.http}); err == nil {
		t.Error("the removed channel still takes a socket")
	}
}

func TestSubscriptions(t *testing.T) {
	o := start(t, genesys.Config{Denied: []string{"v2.users.{id}.presence"}})
	c := o.listen()
	u := o.users[0]
	c.subscribe("PUT", userTopic(u, "conversations"), "v2.nonsense.topic", "v2.detail.events.conversation.*.user.end").
		want(200, `"state":"Permitted"`, `"id":"v2.nonsense.topic","missingPermissions":[],"rejectionReason":"unknown topic","state":"Rejected"`)
	c.subscribe("POST", userTopic(u, "presence")).want(403, `"code":"missing.permissions"`)
	c.o.do("POST", "/api/v2/notifications/channels/"+c.id+"/subscriptions?ignoreErrors=true", []map[string]string{{"id": userTopic(u, "presence")}}).
		want(200, `"missingPermissions":["presence:user:view"]`, `"Rejected"`)
	var many []string
	for i := range 999 {
		many = append(many, fmt.Sprintf("v2.detail.events.conversation.c%d.user.end", i))
	}
	c.subscribe("POST", many...).want(200)
	c.subscribe("POST", "v2.detail.events.conversation.one-too-many.user.end").want(400)
	if n := o.Channels()[0].Topics; n != 1000 {
		t.Errorf("%d topics", n)
	}
	o.do("DELETE", "/api/v2/notifications/channels/"+c.id+"/subscriptions", nil).want(200)
	o.do("GET", "/api/v2/notifications/channels/"+c.id+"/subscriptions", nil).want(200, `{"entities":[]}`)
}

func TestAvailableTopics(t *testing.T) {
	o := start(t, genesys.Config{})
	o.do("GET", "/api/v2/notifications/availabletopics?expand=transports&expand=schema", nil).
		want(200, "v2.outbound.preview.campaigns.contact.postContact", `"transports":["All"]`, `"visibility":"Preview"`)
	if strings.Contains(o.do("GET", "/api/v2/notifications/availabletopics?includePreview=false", nil).text, "postContact") {
		t.Error("preview topics are listed though they are not wanted")
	}
	without := start(t, genesys.Config{NoOutboundTopics: true})
	c := without.listen()
	c.subscribe("PUT", "v2.outbound.preview.campaigns.contact.postContact").want(200, "Rejected")
}

func TestSocket(t *testing.T) {
	o := start(t, genesys.Config{Heartbeat: time.Millisecond, Grace: time.Millisecond})
	c := o.listen(userTopic(o.users[0], "conversations"))
	if n, _ := c.next(); n.Topic != "channel.metadata" || !strings.Contains(string(n.Body), "WebSocket Heartbeat") {
		t.Errorf("the first message is no heartbeat: %+v", n)
	}
	play(t, o, "inbound", genesys.Call{Agents: []string{"1"}})
	if len(c.drain()) == 0 {
		t.Error("nothing came")
	}
	first := c.notes
	c.open() // a second socket of the same channel
	for range first {
	}
	o.CloseSockets()
	var last note
	for _, n := range c.ended() {
		if n.Topic != "channel.metadata" {
			last = n
		}
	}
	if last.Topic != "v2.system.socket_closing" {
		t.Errorf("the socket ended after %+v", last)
	}
	play(t, o, "inbound", genesys.Call{Agents: []string{"1"}}) // nobody listens
	c.open()
	if notes := c.drain(); len(notes) != 0 {
		t.Errorf("%d messages were kept for a socket that came later", len(notes))
	}
}

func TestRevokedTokenEndsTheSocket(t *testing.T) {
	o := start(t, genesys.Config{})
	c := o.listen(userTopic(o.users[0], "conversations"))
	o.RevokeTokens()
	notes := c.ended()
	if len(notes) != 1 || notes[0].Topic != "v2.system.token_revoked" {
		t.Errorf("%+v", notes)
	}
	o.do("GET", "/api/v2/users", nil).want(401, "bad.credentials")
}

func TestChannelsEnd(t *testing.T) {
	o := start(t, genesys.Config{ChannelLife: time.Nanosecond})
	id := o.do("POST", "/api/v2/notifications/channels", nil).want(200).str("id")
	o.do("GET", "/api/v2/notifications/channels/"+id+"/subscriptions", nil).want(404)
}

func TestDetailEventsOfOneConversation(t *testing.T) {
	o := start(t, genesys.Config{})
	script, _ := genesys.Script("predictive")
	c := o.listen(userTopic(o.users[0], "conversations"))
	result, err := o.Start(script, genesys.Call{Agents: []string{"1"}, Manual: true})
	if err != nil {
		t.Fatal(err)
	}
	id, err := o.AwaitState(stagetest.Within(t), result.Conversation, "1", "alerting")
	if err != nil {
		t.Fatal(err)
	}
	c.subscribe("POST", "v2.detail.events.conversation."+result.Conversation+".user.end").want(200)
	o.do("PATCH", "/api/v2/conversations/calls/"+result.Conversation+"/participants/"+id, `{"state":"connected"}`).want(202)
	if err := o.AwaitOver(stagetest.Within(t), result.Conversation); err != nil {
		t.Fatal(err)
	}
	details := 0
	for _, n := range c.drain() {
		if strings.HasSuffix(n.Topic, ".user.end") {
			details++
			if dig(n.Body, "disconnectType") != "PEER" || n.Version != "2" || n.Meta.CorrelationID == "" {
				t.Errorf("%+v", n)
			}
		}
	}
	if details != 1 {
		t.Errorf("%d user.end events", details)
	}
}
