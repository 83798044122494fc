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
}

func (c *Console) connectionsPage(w http.ResponseWriter, r *http.Request) {
	counts, err := c.cfg.Journal.Counts(r.Context())
	if err != nil {
		c.fail(w, r, err)
		return
	}
	d := connectionsData{Counts: counts, Desks: c.desks()}
	for _, s := range c.connections() {
		d.Connections = append(d.Connections, connection{s, connectionWord(s.State)})
	}
	c.render(w, r, "connections", page{Title: "Connections", Place: "connections", Data: d})
}

func (c *Console) connectionsJSON(w http.ResponseWriter, r *http.Request) {
	answer(w, map[string]any{"connections": c.connections(), "desks": c.desks()})
}

func (c *Console) connections() []platform.Status {
	if c.cfg.Connections == nil {
		return []platform.Status{}
	}
	all := c.cfg.Connections()
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
	case platform.Connecting, platform.Resyncing:
		return outcome{"running", "◐", string(s)}
	case platform.Degraded:
		return outcome{"waiting", "◌", "some sessions are down"}
	case platform.Waiting:
		return outcome{"waiting", "◌", "lost, will try again"}
	case platform.Refused:
		return outcome{"dead", "▲", "refused"}
	}
	return outcome{"skipped", "–", "not running"}
}
