package genesys

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Request is one request that the API answered, as a judge reads it.
type Request struct {
	Seq    int       `json:"seq"`
	At     time.Time `json:"at"`
	Method string    `json:"method"`
	Path   string    `json:"path"`
	Query  string    `json:"query,omitempty"`
	Body   string    `json:"body,omitempty"`
	Status int       `json:"status"` // 0 when the connection was broken instead
}

// keepRequests is how many requests are remembered.
const keepRequests = 20_000

type requestLog struct {
	mu   sync.Mutex
	seq  int
	list []Request
}

func (l *requestLog) note(r *http.Request, status int, body ...byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seq++
	l.list = append(l.list, Request{Seq: l.seq, At: time.Now(), Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery,
		Body: string(body), Status: status})
	if len(l.list) > keepRequests+keepRequests/4 { // cut seldom, so that an append stays cheap
		l.list = append([]Request(nil), l.list[len(l.list)-keepRequests:]...)
	}
}

// Requests returns the requests of the API that are remembered, oldest first: the last 20,000, logins not among them.
func (s *Server) Requests() []Request {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return append([]Request(nil), s.log.list...)
}

// Published is the number of notifications that were written to sockets so far.
func (s *Server) Published() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.published
}

// Sockets is the number of open sockets.
func (s *Server) Sockets() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sockets
}

// Contact is a contact as it stands in the list now.
type Contact struct {
	ID       string                `json:"id"`
	Data     map[string]string     `json:"data"`
	Callable bool                  `json:"callable"`
	Records  map[string]callRecord `json:"callRecords"`
	Attempts map[string]int        `json:"attempts"`
	Queued   bool                  `json:"queued"` // waits to be dialed
	Created  time.Time             `json:"dateCreated"`
}

// Contacts returns the contacts of all lists as they stand.
func (s *Server) Contacts() []Contact {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []Contact{}
	for _, l := range s.org.lists {
		queued := map[string]bool{}
		for _, id := range l.queue {
			queued[id] = true
		}
		for _, k := range l.contacts {
			out = append(out, Contact{ID: k.id, Data: maps.Clone(k.data), Callable: k.callable, Records: maps.Clone(k.records),
				Attempts: maps.Clone(k.attempts), Queued: queued[k.id], Created: k.made})
		}
	}
	slices.SortFunc(out, func(a, b Contact) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// Contact returns one contact; false when there is none.
func (s *Server) Contact(id string) (Contact, bool) {
	for _, k := range s.Contacts() {
		if k.ID == id {
			return k, true
		}
	}
	return Contact{}, false
}

// Conversation is what a judge needs of a conversation; the rest is in its REST resource.
type Conversation struct {
	ID           string        `json:"id"`
	Mode         string        `json:"mode"`
	Customer     string        `json:"customer"`
	Campaign     string        `json:"campaign,omitempty"`
	Contact      string        `json:"contact,omitempty"`
	Over         bool          `json:"over"`
	Participants []Participant `json:"participants"`
}

// Participant is one participant of a conversation.
type Participant struct {
	ID      string   `json:"id"`
	Purpose string   `json:"purpose"`
	User    string   `json:"user,omitempty"`
	States  []string `json:"states"` // of its communications: "VOICE connected"
	Wrapup  string   `json:"wrapup,omitempty"`
	Pending bool     `json:"pending"` // owes a wrap-up
}

// Conversations returns those that go on and the last few thousand that are over, in no order.
func (s *Server) Conversations() []Conversation {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []Conversation{}
	for _, c := range s.calls {
		v := Conversation{ID: c.id, Mode: c.mode, Customer: c.customer, Over: c.over()}
		if c.campaign != nil {
			v.Campaign, v.Contact = c.campaign.id, c.contact.id
		}
		for _, p := range c.parties {
			one := Participant{ID: p.id, Purpose: p.purpose, States: []string{}, Pending: p.wrapping()}
			if p.user != nil {
				one.User = p.user.id
			}
			if p.wrapup != nil {
				one.Wrapup = p.wrapup.Code
			}
			for _, ss := range p.sessions {
				one.States = append(one.States, ss.media+" "+ss.state)
			}
			v.Participants = append(v.Participants, one)
		}
		out = append(out, v)
	}
	return out
}

// User is a user and what the user does.
type User struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Presence string `json:"presence"`
	Routing  string `json:"routing"`
	Busy     int    `json:"busy"` // communications the user is in
	ACW      int    `json:"acw"`  // wrap-ups the user owes
}

// Users returns the org's users in their order.
func (s *Server) Users() []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]User, 0, len(s.org.users))
	for _, u := range s.org.users {
		out = append(out, User{u.id, u.name, u.presence.system, u.routing, u.busy, u.acw})
	}
	return out
}

// Channel is a notification channel.
type Channel struct {
	ID     string `json:"id"`
	Topics int    `json:"topics"`
	Open   bool   `json:"open"` // a socket listens
}

// Channels returns the channels that exist, the one used least recently first.
func (s *Server) Channels() []Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []Channel{}
	for _, c := range s.oldestFirst() {
		out = append(out, Channel{c.id, len(c.topics), c.socket != nil})
	}
	return out
}
