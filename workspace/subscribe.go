package workspace

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"cordboard/call"
	"cordboard/engine"
	"cordboard/platform"
)

// topic is what a page subscribes to; "" is all.
type topic struct{ channel, topic, subtopic string }

// covers reports whether a message under o is for who subscribed to t.
func (t topic) covers(o topic) bool {
	same := func(mine, its string) bool { return mine == "" || SameWord(mine, its) }
	return same(t.channel, o.channel) && same(t.topic, o.topic) && same(t.subtopic, o.subtopic)
}

func wanted(by []topic, t topic) bool {
	return slices.ContainsFunc(by, func(s topic) bool { return s.covers(t) })
}

// topicOf reads what a page subscribes to. A topic that nothing is told under would be silent for ever: it is refused.
func topicOf(b *body) (topic, *refusal) {
	t := topic{strings.TrimSpace(b.Channel), strings.TrimSpace(b.Topic), strings.TrimSpace(b.Subtopic)}
	for _, word := range []*string{&t.channel, &t.topic, &t.subtopic} {
		if *word == "*" {
			*word = ""
		}
	}
	if t.channel != "" {
		p, ok := platformOf(t.channel)
		if !ok {
			return t, refuse(unknownChannel, "the channels to subscribe to are "+strings.Join(channels(), ", "))
		}
		t.channel = channelOf(p)
	}
	for _, told := range []topic{{t.channel, outboundTopic, outboundChange}, {t.channel, inboundTopic, inboundChange}} {
		if !t.covers(told) {
			continue
		}
		if t.topic != "" { // in our spelling, so that it is the same topic however it is spelled
			t.topic = told.topic
		}
		if t.subtopic != "" {
			t.subtopic = told.subtopic
		}
		return t, nil
	}
	return t, refuse(unknownTopic, "the topics to subscribe to are outbound with OutBoundCallStateChange and inbound with InBoundCallStateChange")
}

// newsOf is the message that tells of an event; false when nothing is told of it.
func newsOf(ev *call.Event, c *call.State) (news, bool) {
	if c == nil {
		return news{}, false
	}
	e, ok := Tell(ev, c)
	if !ok {
		return news{}, false
	}
	return news{
		topic: topic{e.Channel, e.Topic, e.Subtopic}, id: ev.Ref, call: c.ID, key: ev.Key(), message: encode(e),
	}, true
}

// subscribe adds a topic and tells the present state of the calls under it. News wait meanwhile, so that they come after
// it.
func (p *client) subscribe(ctx context.Context, r request) {
	t, refused := topicOf(&r.body)
	if refused != nil {
		p.refuse(r, refused)
		return
	}
	p.mu.Lock()
	p.holding = true
	p.mu.Unlock()
	present, err := p.workspace.present(ctx, p.agent)
	if err != nil {
		p.workspace.cfg.Log.Warn("the open calls of an agent cannot be read", "error", err)
		p.refuse(r, refuse(unavailable, "the open calls cannot be read right now: try again"))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		p.tellPresentLocked(r, t, present)
	}
	p.holding = false
	for _, n := range p.held {
		p.tellLocked(n)
	}
	p.held = nil
}

// tellPresentLocked answers a subscription and tells the calls that it is the first to want. The events of
// their legs so far are no news.
func (p *client) tellPresentLocked(r request, t topic, present []news) {
	open, fresh := []string{}, []news{}
	for _, n := range present {
		if !t.covers(n.topic) {
			continue
		}
		if !slices.Contains(open, n.id) {
			open = append(open, n.id)
		}
		if !wanted(p.topics, n.topic) {
			fresh = append(fresh, n)
		}
	}
	if !slices.Contains(p.topics, t) {
		p.topics = append(p.topics, t)
	}
	p.socket.Send(answer(r.Envelope, response{ID: r.body.ID, Success: true, Open: &open}))
	was := p.seen
	p.seen = map[call.ID]keys{} // of calls that are over nothing more is told
	for _, n := range present {
		if earlier, ok := was[n.call]; ok {
			p.seen[n.call] = earlier
		}
	}
	for _, n := range fresh {
		p.socket.Send(n.message)
		p.workspace.tally.told()
		if p.seen[n.call] == nil {
			p.seen[n.call] = keys{}
		}
		maps.Copy(p.seen[n.call], n.until)
	}
}

// unsubscribe takes exactly one topic back.
func (p *client) unsubscribe(r request) *refusal {
	t, refused := topicOf(&r.body)
	if refused != nil {
		return refused
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.topics = slices.DeleteFunc(p.topics, func(s topic) bool { return s == t })
	return nil
}

// openStories returns the stories of the open calls in which the agent has a leg that is told of, the newest first. A call that
// is deleted meanwhile is left out.
func (w *Workspace) openStories(ctx context.Context, agent string) ([]engine.Story, error) {
	rows, err := w.cfg.Journal.Calls(ctx, engine.Filter{Agent: agent, State: "open", Limit: engine.MostOpen})
	if err != nil {
		return nil, err
	}
	var all []engine.Story
	for i := range rows {
		if len(legsOf(&rows[i].State, agent)) == 0 {
			continue
		}
		story, err := w.cfg.Journal.Story(ctx, rows[i].State.ID)
		if errors.Is(err, engine.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, story)
	}
	return all, nil
}

// present returns the newest message of each open leg of the agent, the oldest first.
func (w *Workspace) present(ctx context.Context, agent string) ([]news, error) {
	stories, err := w.openStories(ctx, agent)
	if err != nil {
		return nil, err
	}
	type dated struct {
		news
		at time.Time
	}
	var all []dated
	for i := range stories {
		story := &stories[i]
		for _, l := range legsOf(&story.Call.State, agent) {
			if ev := newest(story.Events, l.Leg); ev != nil {
				if n, ok := newsOf(ev, &story.Call.State); ok {
					n.until = keysOf(story.Events, l.Leg)
					all = append(all, dated{n, ev.At})
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b dated) int { return a.at.Compare(b.at) })
	out := make([]news, len(all))
	for i := range all {
		out[i] = all[i].news
	}
	return out, nil
}

// keysOf are the keys of a leg's events.
func keysOf(events []call.Event, leg string) keys {
	all := keys{}
	for i := range events {
		if events[i].Leg == leg {
			all[events[i].Key()] = struct{}{}
		}
	}
	return all
}

// legsOf are the open legs of an agent in a call, one for each leg.
func legsOf(c *call.State, agent string) (mine []platform.OpenLeg) {
	for _, l := range platform.OpenLegsOf(c) {
		if l.Agent == agent && !l.Lost {
			mine = append(mine, l)
		}
	}
	return mine
}

// newest is the last event of a leg that is told of; nil when there is none.
func newest(events []call.Event, leg string) (last *call.Event) {
	for i := range events {
		ev := &events[i]
		if ev.Leg != leg || ev.Merged || ev.Name == "" {
			continue
		}
		if last == nil || !ev.At.Before(last.At) {
			last = ev
		}
	}
	return last
}
