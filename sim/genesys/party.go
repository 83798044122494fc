package genesys

import (
	"slices"
	"time"
)

// A party is one participant. The same agent coming back is a new one: participants pile up and never go away.
type party struct {
	id         string
	purpose    string // customer external ivr acd agent user
	name       string
	user       *user
	queue      *queue
	address    string
	attributes map[string]string
	started    time.Time
	connected  time.Time
	ended      time.Time
	wrapupOwed bool   // wrap-up is required
	consult    string // whose customer a consult transfer is about
	source     string // transferSource
	sessions   []*session
	wrapup     *wrapupView
	acwFrom    time.Time
	acwTo      time.Time
}

// The media of a session.
const (
	voice    = "VOICE"
	callback = "CALLBACK"
)

// The states of a session.
const (
	alerting     = "alerting"
	dialing      = "dialing"
	offering     = "offering"
	connected    = "connected"
	disconnected = "disconnected"
	terminated   = "terminated"
)

// The purposes of participants.
const (
	isCustomer = "customer"
	isExternal = "external"
	isAgent    = "agent"
	isUser     = "user"
	isACD      = "acd"
	isIVR      = "ivr"
)

// A session is one communication of a party: a call or a callback.
type session struct {
	id, media      string
	state, initial string
	direction      string
	held, muted    bool
	confined       bool
	self, other    string // addresses: numbers with a leading +, or sip:
	peer           string
	disconnectType string
	alertAt        time.Time // when it began to alert
	dialAt         time.Time // when it began to dial
	talkAt         time.Time // when the two sides were joined
	connectedAt    time.Time
	endedAt        time.Time
	holdAt         time.Time
	heldFor        time.Duration
	acw            *afterWork
	acwOwed        bool
	wrapup         *wrapupView
	preview        *previewView
	timeout        int // seconds until a preview is dialed or ended by itself
	skippable      bool
}

// call adds a call to a party.
func (p *party) call(state, direction, self, other string) *session {
	return p.open(&session{media: voice, state: state, initial: state, direction: direction, self: self, other: other})
}

func (p *party) open(ss *session) *session {
	ss.id = newID()
	p.sessions = append(p.sessions, ss)
	return ss
}

// session is the party's newest communication of a medium; nil when there is none.
func (p *party) session(media string) *session {
	for _, ss := range slices.Backward(p.sessions) {
		if ss.media == media {
			return ss
		}
	}
	return nil
}

// talk is the call of a party, or what it has instead.
func (p *party) talk() *session {
	if ss := p.session(voice); ss != nil && (ss.live() || p.session(callback) == nil) {
		return ss
	}
	return p.session(callback)
}

func (ss *session) live() bool { return ss.state != disconnected && ss.state != terminated }

func (ss *session) is(state string) bool { return ss != nil && ss.state == state }

// live says whether any communication of the party goes on.
func (p *party) live() bool {
	return slices.ContainsFunc(p.sessions, func(ss *session) bool { return ss.live() })
}

// member says whether the party is somebody of the org.
func (p *party) member() bool { return p.user != nil }

// wrapping says whether the party owes a wrap-up.
func (p *party) wrapping() bool {
	return slices.ContainsFunc(p.sessions, func(ss *session) bool { return ss.acw.pending() })
}
