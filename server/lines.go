package server

import (
	"context"
	"strings"

	"cordboard/desk"
)

// lines lets two parts of the server use the one relay between nodes: the desks, and the news of calls. Each has a line to
// its like on the other nodes.
type lines struct {
	relay       desk.Relay
	desks, news *line
}

// newsMark begins the names that are told on the line of news: no platform gives an agent such a name.
const newsMark = "\x00"

func newLines(r desk.Relay) *lines {
	return &lines{relay: r, desks: &line{Relay: r, inbox: make(chan desk.Message, 64)}, news: &line{Relay: r, mark: newsMark, inbox: make(chan desk.Message, 64)}}
}

// run hands what the relay tells to whom it is for, until ctx ends.
func (l *lines) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case m := <-l.relay.Messages():
			if m.Kind == desk.Anew || m.Kind == desk.Gone {
				l.desks.put(ctx, m)
				l.news.put(ctx, m)
			} else if name, ok := strings.CutPrefix(m.Agent, newsMark); ok {
				m.Agent = name
				l.news.put(ctx, m)
			} else {
				l.desks.put(ctx, m)
			}
		}
	}
}

// line is a relay whose names all begin with a mark that its user does not see.
type line struct {
	desk.Relay
	mark  string
	inbox chan desk.Message
}

func (l *line) put(ctx context.Context, m desk.Message) {
	select {
	case l.inbox <- m:
	case <-ctx.Done():
	}
}

// Messages implements [desk.Relay].
func (l *line) Messages() <-chan desk.Message { return l.inbox }

// Attach implements [desk.Relay].
func (l *line) Attach(ctx context.Context, names []string) error {
	return l.Relay.Attach(ctx, l.marked(names))
}

// Detach implements [desk.Relay].
func (l *line) Detach(ctx context.Context, names []string) error {
	return l.Relay.Detach(ctx, l.marked(names))
}

// Send implements [desk.Relay].
func (l *line) Send(ctx context.Context, messages []desk.Message) (gone []int64, err error) {
	out := make([]desk.Message, len(messages))
	for i, m := range messages {
		m.Agent = l.mark + m.Agent
		out[i] = m
	}
	return l.Relay.Send(ctx, out)
}

func (l *line) marked(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = l.mark + name
	}
	return out
}
