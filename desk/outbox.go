package desk

import (
	"encoding/json"
	"sync"
	"time"

	"cordboard/screen"
)

// maxOut bounds how many messages wait to be sent: more wait only while the relay does not answer, and whoever waits for
// an answer asks again.
const maxOut = 8192

// outbox is what the other nodes are to be told. The zero outbox is ready, and is safe for concurrent use.
type outbox struct {
	mu       sync.Mutex
	places   map[string]struct{} // agents of whom is to be told whether they are here
	messages []Message
	states   map[whose]Message // the newest only
	some     chan struct{}     // has room for one
}

type whose struct {
	node  int64
	agent string
}

// stampedState is what a panel shows, with the time at which it was so.
type stampedState struct {
	At    time.Time       `json:"at"`
	State json.RawMessage `json:"state"`
}

// stamped is a stampedState as JSON, put together by hand like [stateFrame]: state is JSON already.
func stamped(at time.Time, state json.RawMessage) []byte {
	b := append(make([]byte, 0, 64+len(state)), `{"at":"`...)
	b = at.AppendFormat(b, time.RFC3339Nano)
	b = append(append(b, `","state":`...), state...)
	return append(b, '}')
}

func newOutbox() *outbox {
	return &outbox{places: map[string]struct{}{}, states: map[whose]Message{}, some: make(chan struct{}, 1)}
}

func (o *outbox) wake() {
	select {
	case o.some <- struct{}{}:
	default:
	}
}

// place says that an agent's desk has come to this node or left it.
func (o *outbox) place(agent string) {
	o.mu.Lock()
	o.places[agent] = struct{}{}
	o.mu.Unlock()
	o.wake()
}

func (o *outbox) send(m Message) {
	o.mu.Lock()
	if len(o.messages) < maxOut {
		o.messages = append(o.messages, m)
	}
	o.mu.Unlock()
	o.wake()
}

// pop hands a pop to a node.
func (o *outbox) pop(kind Kind, node int64, agent string, p screen.Pop, until time.Time) {
	o.send(Message{Kind: kind, Node: node, Agent: agent, Key: p.Key, Body: encode(p), Until: until})
}

// receipt tells nodes what became of a pop.
func (o *outbox) receipt(agent string, w *popping, r screen.Receipt, nodes ...int64) {
	for _, node := range nodes {
		o.send(Message{Kind: gotReceipt, Node: node, Agent: agent, Key: w.pop.Key, Body: encode(r), Until: w.pop.Until.Add(patience)})
	}
}

// answer tells nodes something about a pop that they asked for.
func (o *outbox) answer(kind Kind, agent, key string, nodes ...int64) {
	for _, node := range nodes {
		o.send(Message{Kind: kind, Node: node, Agent: agent, Key: key, Until: time.Now().Add(patience)})
	}
}

// state tells a node what an agent's panel shows; only the newest counts.
func (o *outbox) state(node int64, agent string, state json.RawMessage, at time.Time) {
	o.mu.Lock()
	o.states[whose{node, agent}] = Message{Kind: tellState, Node: node, Agent: agent, Body: stamped(at, state), Until: time.Now().Add(time.Minute)}
	o.mu.Unlock()
	o.wake()
}

// take empties the outbox.
func (o *outbox) take() (places []string, messages []Message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for agent := range o.places {
		places = append(places, agent)
	}
	messages = o.messages
	for _, m := range o.states {
		messages = append(messages, m)
	}
	clear(o.places)
	clear(o.states)
	o.messages = nil
	return places, messages
}

// back puts what could not be told back, unless it is to be told anew by now: where desks hang, and states.
func (o *outbox) back(places []string, messages []Message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, agent := range places {
		o.places[agent] = struct{}{}
	}
	for _, m := range messages {
		if _, newer := o.states[whose{m.Node, m.Agent}]; m.Kind == tellState && !newer {
			o.states[whose{m.Node, m.Agent}] = m
		}
	}
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil { // only our own types come here
		panic(err)
	}
	return b
}
