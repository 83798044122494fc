package desk

// Present reports whether the agent has a tab open on this node right now.
func (h *Hub) Present(agent string) bool {
	h.mu.Lock()
	d := h.desks[agent]
	h.mu.Unlock()
	if d == nil {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.tabs) > 0
}
