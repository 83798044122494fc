package desk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Command is what the platform's own client in an agent's browser is asked to do.
type Command struct {
	Verb string            `json:"verb"`
	Ref  string            `json:"ref,omitempty"` // the contact
	To   string            `json:"to,omitempty"`
	Args map[string]string `json:"args,omitempty"`
}

// tabBridge is the platform's own client in the page around a tab's panel.
type tabBridge struct {
	client string   // the agent as the platform knows him
	verbs  []string // what it can be asked to do
}

// maxVerbs bounds what a bridge may say that it can do.
const maxVerbs = 64

// commandMessage asks a tab for something; the tab answers once, by the key. What comes later than until is not done: who asked
// has been told that nobody knows.
type commandMessage struct {
	Type    string    `json:"type"`
	Key     string    `json:"key"`
	Until   time.Time `json:"until"`
	Command Command   `json:"command"`
}

// commanding is a command on its way to a tab.
type commanding struct {
	t    *tab
	over chan error // buffered
}

// commandTime is how long a command may take whose asker names no time.
const commandTime = 20 * time.Second

var (
	errNoBridge = errors.New("the platform's own client is open beside no panel of this agent")
	errGone     = errors.New("the browser went away: nobody knows whether it was done")
	errSilent   = errors.New("the browser did not answer in time: nobody knows whether it was done")
)

// Bridge is what the platform's own client beside an agent's panel can be asked to do, and which agent of the platform it
// belongs to. There are no verbs when no tab of this node has one.
func (h *Hub) Bridge(agent string) (client string, verbs []string) {
	d := h.desk(agent)
	d.mu.Lock()
	defer d.mu.Unlock()
	if t := d.bridgedLocked(); t != nil {
		return t.bridge.client, t.bridge.verbs
	}
	return "", nil
}

// Command has the platform's own client beside an agent's panel do something, once, and waits for its answer. It is given to
// one tab: the first one that has such a client, the leading one before the others. The error is the client's reason, or
// says that nobody knows.
func (h *Hub) Command(ctx context.Context, agent string, c Command) error {
	d, key := h.desk(agent), rand.Text()
	until, ok := ctx.Deadline()
	if !ok {
		until = h.cfg.Now().Add(commandTime)
	}
	w, err := d.command(key, commandMessage{Type: "command", Key: key, Until: until, Command: c})
	if err != nil {
		return err
	}
	defer d.forgetCommand(key)
	late := time.NewTimer(time.Until(until))
	defer late.Stop()
	select {
	case err := <-w.over:
		return err
	case <-late.C:
		return errSilent
	case <-ctx.Done():
		return errSilent
	}
}

func (d *agentDesk) command(key string, m commandMessage) (*commanding, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.bridgedLocked()
	switch {
	case t == nil:
		return nil, errNoBridge
	case !slices.Contains(t.bridge.verbs, m.Command.Verb):
		return nil, fmt.Errorf("the platform's own client in the browser cannot do %s", m.Command.Verb)
	}
	if d.commands == nil {
		d.commands = map[string]*commanding{}
	}
	w := &commanding{t, make(chan error, 1)}
	d.commands[key] = w
	t.send(m)
	return w, nil
}

// bridgedLocked is the first tab that has the platform's own client beside it.
func (d *agentDesk) bridgedLocked() *tab {
	for _, t := range d.tabs {
		if len(t.bridge.verbs) > 0 {
			return t
		}
	}
	return nil
}

func (d *agentDesk) forgetCommand(key string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.commands, key)
}

// commanded takes a tab's answer to a command. One from another tab, or a second one, changes nothing.
func (d *agentDesk) commanded(t *tab, m fromTab) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := d.commands[m.Key]
	if w == nil || w.t != t {
		return
	}
	delete(d.commands, m.Key)
	switch detail := []rune(m.Detail); {
	case m.Outcome == "done":
		w.over <- nil
	case len(detail) == 0:
		w.over <- errors.New("the platform's own client refused it")
	default:
		w.over <- errors.New(string(detail[:min(len(detail), maxText)]))
	}
}

// bridged takes in what the client beside a tab's panel can be asked to do. Whoever shows the agent's controls looks again.
func (d *agentDesk) bridged(t *tab, m fromTab) {
	verbs := m.Verbs[:min(len(m.Verbs), maxVerbs)]
	d.mu.Lock()
	same := t.bridge.client == m.Client && slices.Equal(t.bridge.verbs, verbs)
	t.bridge = tabBridge{m.Client, verbs}
	d.mu.Unlock()
	if !same && d.hub.cfg.Arrived != nil && d.admit() {
		d.hub.cfg.Arrived(d.agent)
		d.dismiss()
	}
}

// unbridgeLocked gives up on what a tab that is gone was asked for.
func (d *agentDesk) unbridgeLocked(t *tab) {
	for key, w := range d.commands {
		if w.t == t {
			delete(d.commands, key)
			w.over <- errGone
		}
	}
	t.bridge = tabBridge{}
}
