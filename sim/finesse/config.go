package finesse

import (
	"log/slog"
	"net"
	"time"
)

// Config says what kind of site is simulated. Its zero value is a site of 50
// signed-in agents on two free ports of 127.0.0.1.
type Config struct {
	Agents         int    // how many agents exist; 0 means 50
	FirstAgent     int    // id of the first, the others follow; 0 means 1001001
	FirstExtension int    // extension of the first, the others follow; 0 means 2001
	Password       string // every agent's password; "" means "finesse"
	SignedOut      bool   // agents begin in LOGOUT instead of READY

	Domain string // XMPP domain; "" means finesse.example, pubsub.<domain> is the notification service

	HTTPAddr     string       // REST and WebSocket; "" means 127.0.0.1:0
	XMPPAddr     string       // XMPP over TCP; "" means 127.0.0.1:0
	HTTPListener net.Listener // used instead of HTTPAddr; the server closes it
	XMPPListener net.Listener // used instead of XMPPAddr; the server closes it

	DialPrefix  string        // what agents dial before an outside number, kept in toAddress as on real sites
	FarEnd      time.Duration // how long the far end of a call that an agent makes rings until it answers; 0 means 300 ms, negative: never
	AutoAnswer  bool          // agents that are called by agents pick up by themselves after FarEnd
	NoWrapUp    bool          // calls that an agent ends have no wrap-up
	WrapUpTimer time.Duration // ends every wrap-up; 0 means it lasts until the script or the agent ends it

	PingEvery   time.Duration // the server's own XEP-0199 pings; a session silent for two of them is cut; 0 means 30 s, negative: none
	MaxStanza   int           // bytes of one incoming stanza; 0 means 64 KiB
	MaxQueue    int           // bytes waiting for one slow socket before it is cut; 0 means 4 MiB
	FirstDialog int           // number before the first dialog's id; 0 takes it from the clock so that a restart does not repeat ids

	Log *slog.Logger // nil means no log
}

func (c Config) withDefaults() Config {
	c.Agents = or(c.Agents, 50)
	c.FirstAgent = or(c.FirstAgent, 1001001)
	c.FirstExtension = or(c.FirstExtension, 2001)
	c.Password = or(c.Password, "finesse")
	c.Domain = or(c.Domain, "finesse.example")
	c.HTTPAddr = or(c.HTTPAddr, "127.0.0.1:0")
	c.XMPPAddr = or(c.XMPPAddr, "127.0.0.1:0")
	c.FarEnd = or(c.FarEnd, 300*time.Millisecond)
	c.PingEvery = or(c.PingEvery, 30*time.Second)
	c.MaxStanza = or(c.MaxStanza, 64<<10)
	c.MaxQueue = or(c.MaxQueue, 4<<20)
	c.FirstDialog = or(c.FirstDialog, 16777216+int(time.Now().UnixMilli()&0x3fffffff))
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
