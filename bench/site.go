package bench

import (
	"context"
	"time"

	simsalesforce "cordboard/sim/salesforce"
)

// site is the contact centre of a measurement: what differs between platforms.
type site interface {
	// platform is the word of the configuration; settings are the connection's part of it, and files what it names.
	platform() string
	settings() string
	files() map[string]string
	// first is the id of the first agent, a number; the others follow.
	first() int
	// run serves the platform until ctx ends.
	run(ctx context.Context) error
	// connect returns when a server's connection hears what happens to the agents.
	connect(ctx context.Context, servers []*serverChild) error
	// call tells a call from its first event to its last, each at its time, and returns the platform's id of it.
	call(ctx context.Context, c plannedCall) (id string, err error)
	// finish returns when everything that was told is acknowledged, with every telling; none where only the beginnings
	// of calls are timed.
	finish(ctx context.Context) ([]telling, error)
}

// telling is one event with when it was to be told, was told, and was acknowledged.
type telling struct{ due, told, acknowledged time.Time }

// plannedCall is one call that is to be told.
type plannedCall struct {
	n      int
	story  *story
	agent  int
	person simsalesforce.Person
	vars   map[string]string
	begins time.Time
	pause  time.Duration // between two of its events
}

// playedCall is one call as it was told.
type playedCall struct {
	plannedCall
	id string
}

// behind is how late a call may begin before the rate is no longer the one that was asked for.
const behind = 100 * time.Millisecond

// longest is the longest pause between two moments of a call.
const longest = 5 * time.Second
