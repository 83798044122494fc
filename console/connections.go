package console

import (
	"net/http"
	"slices"
	"strings"

	"cordboard/engine"
	"cordboard/platform"
)

type connectionsData struct {
	Connections []connection
	Desks       []Desk
	Counts      engine.Counts
}

type connection struct {
	platform.Status
	Word outcome
	// Todo says in one sentence what a person should do.
	Todo string
}

func (c *Console) connectionsPage(w http.ResponseWriter, r *http.Request) {
	counts, err := c.cfg.Journal.Counts(r.Context())
	if err != nil {
		c.fail(w, r, err)
		return
	}
	d := connectionsData{Counts: counts, Desks: c.desks()}
	for _, s := range c.connections() {
		d.Connections = append(d.Connections, connection{s, connectionWord(s.State), todo(s.State)})
	}
	c.render(w, r, "connections", page{Title: "Connections", Place: "connections", Data: d})
}

func (c *Console) connectionsJSON(w http.ResponseWriter, r *http.Request) {
	answer(w, map[string]any{"connections": c.connections(), "desks": c.desks()})
}

func (c *Console) connections() []platform.Status {
	all := []platform.Status{}
	if c.cfg.Connections != nil {
		all = append(all, c.cfg.Connections()...)
	}
	slices.SortFunc(all, func(a, b platform.Status) int { return strings.Compare(a.Connection, b.Connection) })
	return all
}

func (c *Console) desks() []Desk {
	all := []Desk{}
	if c.cfg.Desks != nil {
		all = append(all, c.cfg.Desks()...)
	}
	slices.SortFunc(all, func(a, b Desk) int { return strings.Compare(a.Agent, b.Agent) })
	return all
}

// connectionWord is how people call a connection's state.
func connectionWord(s platform.State) outcome {
	switch s {
	case platform.Up:
		return outcome{"done", "●", "connected"}
	case platform.Standby:
		return outcome{"skipped", "–", "stands by"}
	case platform.Connecting:
		return outcome{"running", "◐", "connecting"}
	case platform.Resyncing:
		return outcome{"running", "◐", "catching up"}
	case platform.Degraded:
		return outcome{"waiting", "◌", "some sessions are down"}
	case platform.Waiting:
		return outcome{"waiting", "◌", "lost, will try again"}
	case platform.Refused:
		return outcome{"dead", "▲", "refused"}
	}
	return outcome{"skipped", "–", "not running"}
}

// todo says what to do about a connection in a state.
func todo(s platform.State) string {
	switch s {
	case platform.Up:
		return "Nothing to do: events flow."
	case platform.Standby:
		return "Nothing to do: another node owns it, and this one takes over when that one is gone."
	case platform.Connecting:
		return "Wait a moment: it dials and logs in."
	case platform.Resyncing:
		return "Wait a moment: it reads what happened meanwhile."
	case platform.Degraded:
		return "Calls of the agents whose sessions are down are not seen: look whether they can sign in with what the configuration says."
	case platform.Waiting:
		return "It tries again by itself. If that lasts, look whether this machine reaches the platform's address."
	case platform.Refused:
		return "Correct the user, the password or the rights on the platform or in the configuration: trying again alone will not help."
	}
	return "It does not run: the server is starting or stopping."
}
