package desk

// Elsewhere counts, by agent, the other nodes on which desks of theirs hang, and says whether one of those leads. An agent
// without any is not in it.
func (h *Hub) Elsewhere() map[string]Others {
	all := map[string]Others{}
	h.each(func(d *agentDesk) {
		d.mu.Lock()
		defer d.mu.Unlock()
		if n := len(d.places.others); n > 0 {
			all[d.agent] = Others{Nodes: n, Lead: d.leaderLocked(nowhere) > here}
		}
	})
	return all
}

// Others are an agent's desks on other nodes.
type Others struct {
	Nodes int  // how many nodes have some
	Lead  bool // the desk to which pops go is one of them
}
