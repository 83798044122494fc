package genesys

import (
	"encoding/json"
	"fmt"
	"time"
)

// stamp is how the API writes a moment.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// moment is stamp for members that are left out while the moment has not come.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return stamp(t)
}

// A once is a body that is written when somebody first wants it.
type once struct {
	make func() any
	data []byte
}

func (o *once) bytes() []byte {
	if o.data == nil {
		data, err := json.Marshal(o.make())
		if err != nil {
			panic(fmt.Sprintf("genesys simulator: an event cannot be written: %v", err))
		}
		o.data = data
	}
	return o.data
}

// publish gives an event out: to the channels that are subscribed to the topic and, where topics go by other
// transports too, to event targets and triggers. It is called under Server.mu.
func (s *Server) publish(template, id string, body *once) {
	topic := expand(template, id)
	for _, c := range s.byTopic[topic] {
		s.send(c, topic, body.bytes())
	}
	if len(s.targets) > 0 || len(s.triggers) > 0 {
		s.forward(template, topic, body)
	}
}

func expand(template, id string) string {
	for i := range len(template) - 3 {
		if template[i:i+4] == "{id}" {
			return template[:i] + id + template[i+4:]
		}
	}
	return template
}

// send puts one notification into a channel's feed. Version 2 is what captured messages of every topic carry.
func (s *Server) send(c *channel, topic string, body []byte) {
	m := make([]byte, 0, len(body)+len(topic)+120)
	m = append(m, `{"topicName":"`...)
	m = append(m, topic...)
	m = append(m, `","version":"2","eventBody":`...)
	m = append(m, body...)
	m = append(m, `,"metadata":{"CorrelationId":"`...)
	m = append(m, newID()...)
	m = append(m, `"}}`...)
	s.deliver(c, topic, m)
}

// sendSystem tells a channel something about itself.
func (s *Server) sendSystem(c *channel, kind, member, text string) {
	body, _ := json.Marshal(map[string]string{"channelId": c.id, "systemTopicType": kind, member: text})
	s.write(c, fmt.Appendf(nil, `{"topicName":"v2.system.%s","version":"2","eventBody":%s}`, kind, body))
}

// write hands a message to the socket, if there is one; nothing is kept for later.
func (s *Server) write(c *channel, m []byte) {
	if c.socket == nil {
		return
	}
	s.published++
	if !c.socket.out.push(m) {
		s.cut(c)
	}
}
