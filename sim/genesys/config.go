package genesys

import (
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Config says what kind of org is simulated. Its zero value is an org of 50 agents on a free port of 127.0.0.1.
type Config struct {
	Addr     string       // to listen on; "" means 127.0.0.1:0
	Listener net.Listener // used instead of Addr; the server closes it
	URL      string       // as clients see it, if not the address listened on

	Seed uint64 // of the random choices of faults

	ClientID      string        // of the one OAuth client; "" means a made-up one
	ClientSecret  string        // "" means a made-up one
	TokenLifetime time.Duration // of an access token; 0 means a day less a second, as real answers say
	RateLimit     int           // requests a minute and token before 429; 0 means 300, negative: none
	Denied        []string      // topic templates, such as v2.users.{id}.presence, that the client has no permission for

	Users            int  // how many agents exist; 0 means 50
	Contacts         int  // how many contacts the contact list has; 0 means 200
	NoOutboundTopics bool // the org has no v2.outbound.….contact topics

	Heartbeat   time.Duration // between the heartbeats of a socket; 0 means 30 s, negative: none
	Grace       time.Duration // from the notice that a socket closes until it does; 0 means 1 min
	ChannelLife time.Duration // of a channel after its last subscription; 0 means 24 h
	MaxQueue    int           // bytes waiting for one slow socket before it is cut; 0 means 4 MiB

	RecordDelay time.Duration // until a contact's record of an attempt can be read; 0 means 2 s, negative: none
	FarEnd      time.Duration // how long far ends ring until they answer; 0 means 300 ms, negative: for ever
	AutoAnswer  bool          // agents who are called through REST pick up by themselves after FarEnd
	WrapUpTimer time.Duration // ends every wrap-up with ININ-WRAP-UP-TIMEOUT; 0 means it lasts until somebody ends it

	Redeliver time.Duration // before an event that a target did not take is tried again, doubled each time; 0 means 1 s

	Client *http.Client // delivers to event targets; nil means one of the server's own
	Log    *slog.Logger // nil means no log
}

func (c Config) withDefaults() Config {
	c.Addr = or(c.Addr, "127.0.0.1:0")
	c.ClientID = or(c.ClientID, entityID("oauth client", 1))
	c.ClientSecret = or(c.ClientSecret, "simulated-genesys-secret")
	c.TokenLifetime = or(c.TokenLifetime, 24*time.Hour-time.Second)
	c.RateLimit = or(c.RateLimit, 300)
	c.Users = or(c.Users, 50)
	c.Contacts = or(c.Contacts, 200)
	c.Heartbeat = or(c.Heartbeat, 30*time.Second)
	c.Grace = or(c.Grace, time.Minute)
	c.ChannelLife = or(c.ChannelLife, 24*time.Hour)
	c.MaxQueue = or(c.MaxQueue, 4<<20)
	c.RecordDelay = or(c.RecordDelay, 2*time.Second)
	c.FarEnd = or(c.FarEnd, 300*time.Millisecond)
	c.Redeliver = or(c.Redeliver, time.Second)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

func or[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}
