package desk_test

import (
	"context"
	"strings"
	"testing"

	"cordboard/desk"
)

func (c *client) bridge(verbs ...string) {
	c.t.Helper()
	write(c.t, c.conn, map[string]any{"type": "bridge", "client": "arn/anna", "verbs": verbs})
}

func (c *client) commanded(key, outcome, detail string) {
	c.t.Helper()
	write(c.t, c.conn, map[string]any{"type": "commanded", "key": key, "outcome": outcome, "detail": detail})
}

// bridged waits until the desk knows what the agent's browser can do.
func (s *site) bridged(verbs ...string) {
	s.t.Helper()
	await(s.t, "what the browser can do", func() bool {
		client, can := s.hub.Bridge(anna)
		return strings.Join(can, " ") == strings.Join(verbs, " ") && (client == "arn/anna") == (len(verbs) > 0)
	})
}

// command gives one in the background.
func (s *site) command(ctx context.Context, verb string) <-chan error {
	done := make(chan error, 1)
	go func() { done <- s.hub.Command(ctx, anna, desk.Command{Verb: verb, Ref: "7"}) }()
	return done
}

func wantWhy(t *testing.T, done <-chan error, why string) {
	t.Helper()
	if err := <-done; err == nil && why != "" || err != nil && (why == "" || !strings.Contains(err.Error(), why)) {
		t.Errorf("%v, want %q", err, why)
	}
}

// A command goes to one tab that can do it, once, and what the tab answers is what became of it.
func TestCommands(t *testing.T) {
	arrived := make(chan string, 16)
	s := newSite(t, func(c *desk.Config) { c.Arrived = func(agent string) { arrived <- agent } })
	ctx := t.Context()
	wantWhy(t, s.command(ctx, "hold"), "beside no panel")
	first, _ := s.tab(anna, "a")
	second, _ := s.tab(anna, "b")
	<-arrived
	wantWhy(t, s.command(ctx, "hold"), "beside no panel")
	second.bridge("hold", "drop")
	s.bridged("hold", "drop")
	if agent := <-arrived; agent != anna {
		t.Errorf("what %q can do is looked at again", agent)
	}
	wantWhy(t, s.command(ctx, "consult"), "cannot do consult")

	done := s.command(ctx, "hold")
	m := second.next("command")
	if m.Command.Verb != "hold" || m.Command.Ref != "7" || m.Key == "" {
		t.Errorf("heard %+v", m)
	}
	first.commanded(m.Key, "refused", "not mine")
	second.commanded("another", "refused", "unknown")
	second.commanded(m.Key, "done", "")
	wantWhy(t, done, "")
	second.commanded(m.Key, "refused", "a second answer")

	done = s.command(ctx, "drop")
	second.commanded(second.next("command").Key, "refused", "there is nobody on the line")
	wantWhy(t, done, "nobody on the line")

	done = s.command(ctx, "drop")
	second.next("command")
	second.leave(s)
	wantWhy(t, done, "nobody knows")
	s.bridged()
}

// A browser that does not answer holds nobody up, and its answer comes too late.
func TestCommandWithoutAnswer(t *testing.T) {
	s := newSite(t, nil)
	c, _ := s.tab(anna, "a")
	c.bridge("hold")
	s.bridged("hold")
	ctx, cancel := context.WithCancel(t.Context())
	done := s.command(ctx, "hold")
	m := c.next("command")
	cancel()
	wantWhy(t, done, "did not answer")
	c.commanded(m.Key, "done", "")
	done = s.command(t.Context(), "hold")
	c.commanded(c.next("command").Key, "done", "")
	wantWhy(t, done, "")
}
