package server

import (
	"cordboard/console"
	"cordboard/crm/salesforce"
	"cordboard/engine"
	"cordboard/platform"
)

func (s *Server) connections() []platform.Status {
	all, _ := s.links.Status()
	return all
}

func (s *Server) desks() []console.Desk {
	var all []console.Desk
	for _, t := range s.hub.Tabs() {
		all = append(all, console.Desk{Agent: t.Agent, Host: t.Host, Leader: t.Leader})
	}
	for agent, others := range s.hub.Elsewhere() {
		for i := range others.Nodes {
			all = append(all, console.Desk{Agent: agent, Elsewhere: true, Leader: others.Lead && i == 0})
		}
	}
	return all
}

// watch is where pages of this server learn what is committed, on whichever node.
func (s *Server) watch() func() (<-chan engine.Change, func()) {
	if s.news != nil {
		return s.news.Watch
	}
	return s.engine.Watch
}

func (s *Server) recordURL(object, id string) string {
	if s.cfg.Salesforce == nil || object == "" || !salesforce.ValidID(id) {
		return ""
	}
	return s.cfg.Salesforce.URL + salesforce.RecordURL(object, id)
}
