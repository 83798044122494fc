package genesys

import (
	"fmt"
	"strings"
	"time"
)

// An org is what an administrator set up before the first call: guarded by Server.mu.
type org struct {
	id         string
	division   string
	users      []*user
	byID       map[string]*user
	queues     []*queue
	codes      []*wrapupCode
	presences  []presence
	campaigns  []*campaign
	lists      []*contactList
	limits     *attemptLimits
	mapping    *codeMapping
	flow       string // the secure flow that exists
	callerID   string
	callerName string
}

// A user is an agent. Every agent is a member of every queue.
type user struct {
	id, name, email, sip string
	version              int
	presence             presence
	presenceAt           time.Time
	message              string
	routing              string // OFF_QUEUE IDLE INTERACTING NOT_RESPONDING COMMUNICATING
	routingAt            time.Time
	busy                 int // calls that the user is offered or in
	acw                  int // calls whose wrap-up the user owes
	claims               int // scripts that are going to use the user
}

type queue struct{ id, name string }

type wrapupCode struct{ id, name string }

// A presence is one of the org's presence definitions. The two ids that all orgs share are the real ones.
type presence struct{ id, system string }

const (
	onQueue      = "On Queue"
	available    = "Available"
	idOnQueue    = "e08eaf1b-ee47-4fa9-a231-1200e284798f"
	idAvailable  = "6a3af858-942f-489d-9700-5f9bcdcdae9b"
	offQueue     = "OFF_QUEUE"
	idle         = "IDLE"
	interacting  = "INTERACTING"
	notResponded = "NOT_RESPONDING"
)

func newOrg(cfg Config, now time.Time) org {
	o := org{id: entityID("org", 1), division: entityID("division", 1), byID: map[string]*user{}, flow: entityID("secure flow", 1),
		callerID: "+15555550900", callerName: "Acme"}
	o.queues = []*queue{{entityID("queue", 1), "Outbound"}, {entityID("queue", 2), "Support"}}
	for i, name := range []string{"Sale", "No interest", "Call back later", "Do not call"} {
		o.codes = append(o.codes, &wrapupCode{entityID("wrapup code", i+1), name})
	}
	o.presences = []presence{{idAvailable, available}, {idOnQueue, onQueue}}
	for i, name := range []string{"Busy", "Away", "Break", "Meal", "Meeting", "Training", "Offline"} {
		o.presences = append(o.presences, presence{entityID("presence", i+1), name})
	}
	for i := range cfg.Users {
		u := newUser(i+1, now)
		u.presence = o.presences[1]
		o.users = append(o.users, u)
		o.byID[u.id] = u
	}
	o.newOutbound(cfg, now)
	return o
}

var firstNames = strings.Fields("Ada Ben Cleo Dan Eva Finn Gita Hugo Ida Jan Kim Lea Max Nia Otto Pia Quin Rosa Sven Tess")

func newUser(n int, now time.Time) *user {
	name := fmt.Sprintf("%s Agent %d", firstNames[(n-1)%len(firstNames)], n)
	return &user{id: entityID("user", n), name: name, email: fmt.Sprintf("agent%d@org.example", n), version: 3,
		sip: fmt.Sprintf("sip:agent%d@org.example", n), presenceAt: now, routing: idle, routingAt: now}
}

func (o *org) presence(id string) (presence, bool) {
	for _, p := range o.presences {
		if p.id == id {
			return p, true
		}
	}
	return presence{}, false
}

func (o *org) queue(id string) *queue {
	for _, q := range o.queues {
		if q.id == id {
			return q
		}
	}
	return nil
}

func (o *org) queueNamed(who string) *queue {
	for _, q := range o.queues {
		if q.id == who || strings.EqualFold(q.name, who) {
			return q
		}
	}
	return o.queues[0]
}

func (o *org) code(id string) *wrapupCode {
	for _, c := range o.codes {
		if c.id == id {
			return c
		}
	}
	return nil
}

// free is an agent who waits for a call and whom no script has in mind; nil when there is none.
func (o *org) free(not ...*user) *user {
next:
	for _, u := range o.users {
		if u.routing != idle || u.busy > 0 || u.claims > 0 {
			continue
		}
		for _, n := range not {
			if n == u {
				continue next
			}
		}
		return u
	}
	return nil
}

// find looks an agent up by id, by e-mail address or by place in the list ("1" is the first).
func (o *org) find(who string) *user {
	if u := o.byID[who]; u != nil {
		return u
	}
	for i, u := range o.users {
		if strings.EqualFold(u.email, who) || fmt.Sprint(i+1) == who {
			return u
		}
	}
	return nil
}
