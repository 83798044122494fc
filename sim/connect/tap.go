package connect

// Sources of messages, in the words of a trace's field "source".
const (
	EventBridge = "connect-eventbridge"
	AgentStream = "connect-agent-stream"
	Streams     = "connect-streams"
	DialerFeed  = "connect-dialer"
)

// Message is one message that left the simulator, as the vendor's system would have sent it.
type Message struct {
	Source string
	Agent  string // the user name, for the sources that belong to an agent
	Body   []byte // JSON; of Streams the data of agent::update. It must not be changed
}

// Tap makes f hear every message of every source as it leaves, in the order in which each source sends: also those of
// Streams for which no browser is there. f must neither block nor call the server. A later Tap replaces it, nil ends it.
func (s *Server) Tap(f func(Message)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard = f
}

// tap runs under Server.mu.
func (s *Server) tap(source, agent string, body []byte) {
	if s.heard != nil {
		s.heard(Message{source, agent, body})
	}
}
