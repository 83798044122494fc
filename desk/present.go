package desk

// Present reports whether the agent has a tab open right now, on this node or another.
func (h *Hub) Present(agent string) bool {
	h.mu.Lock()
	d := h.desks[agent]
	h.mu.Unlock()
	if d == nil {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.leaderLocked(nowhere) != nowhere
}
