package webex

import (
	"cmp"
	"log/slog"
	"net"
	"time"
)

// Config says what kind of organization is simulated. Its zero value has 50
// signed-in, available agents on a free port of 127.0.0.1.
type Config struct {
	Addr     string       // to listen on; "" means 127.0.0.1:0
	Listener net.Listener // used instead of Addr; the server closes it

	Agents         int  // how many agents exist; 0 means 50
	FirstExtension int  // extension of the first, the others follow; 0 means 2001
	SignedOut      bool // agents begin signed out instead of Available

	ClientID, ClientSecret string        // of the one integration; "" means made-up ones that Ready tells
	TokenLifetime          time.Duration // of an access token; 0 means 14 days, as documented
	RefreshLifetime        time.Duration // of a refresh token, from its last use; 0 means 90 days, as documented
	RotateRefresh          bool          // each refresh hands out a new refresh token and ends the old one

	Silence        time.Duration // a socket without a keepalive for this long is cut; 0 means 16 s, as documented
	KeepaliveEvery time.Duration // the server's own keepalives; 0 means 4 s, negative: none
	MaxQueue       int           // bytes waiting for one slow socket before it is cut; 0 means 4 MiB

	FarEnd      time.Duration // how long whom an agent calls through REST rings until he answers; 0 means 300 ms, negative: never
	AutoAnswer  bool          // agents who are called or transferred to through REST pick up by themselves after FarEnd
	Rona        time.Duration // an offer that REST caused and nobody answers ends after this; 0 means 18 s, negative: never
	NoWrapUp    bool          // calls have no wrap-up
	WrapUpTimer time.Duration // ends every wrap-up; 0 means it lasts until the script or the agent ends it
	MultiLogin  int           // sockets of one agent and client type; 0 means 10, as documented

	Whole         bool // every message carries all numbers and variables, instead of a part (see doc.go)
	CampaignTypes bool // campaignType also says progressive and predictive (inferred), not only the previews

	Log *slog.Logger // nil means no log
}

func (c Config) withDefaults() Config {
	c.Addr = cmp.Or(c.Addr, "127.0.0.1:0")
	c.Agents = cmp.Or(c.Agents, 50)
	c.FirstExtension = cmp.Or(c.FirstExtension, 2001)
	c.ClientID = cmp.Or(c.ClientID, "C5a7e1f0simulatedintegration")
	c.ClientSecret = cmp.Or(c.ClientSecret, "5e1f0simulatedclientsecret")
	c.TokenLifetime = cmp.Or(c.TokenLifetime, 14*24*time.Hour)
	c.RefreshLifetime = cmp.Or(c.RefreshLifetime, 90*24*time.Hour)
	c.Silence = cmp.Or(c.Silence, 16*time.Second)
	c.KeepaliveEvery = cmp.Or(c.KeepaliveEvery, 4*time.Second)
	c.MaxQueue = cmp.Or(c.MaxQueue, 4<<20)
	c.FarEnd = cmp.Or(c.FarEnd, 300*time.Millisecond)
	c.Rona = cmp.Or(c.Rona, 18*time.Second)
	c.MultiLogin = cmp.Or(c.MultiLogin, 10)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}
