package platform

import (
	"errors"
	"time"
)

// ErrRefused means that the platform refused our credentials or our rights: trying again soon is of no use.
var ErrRefused = errors.New("refused by the platform")

// State is what a connection is doing. Pages and metrics show it under these names.
type State string

// The states of a connection.
const (
	Stopped    State = "stopped"    // not running
	Standby    State = "standby"    // another node owns the connection; takes over when that node is gone
	Connecting State = "connecting" // dialling, logging in
	Resyncing  State = "resyncing"  // connected, reading the snapshot of what happened meanwhile
	Up         State = "up"         // events flow
	Degraded   State = "degraded"   // some agents' sessions are up, some are not
	Waiting    State = "waiting"    // lost; waits before the next attempt
	Refused    State = "refused"    // credentials or rights were refused; waits long
)

// Status is a connection's state as data.
type Status struct {
	Connection string    `json:"connection"`
	Platform   string    `json:"platform"`
	State      State     `json:"state"`
	Since      time.Time `json:"since"`
	// Detail is one sentence for people; it never holds a secret.
	Detail string `json:"detail,omitempty"`
	// SessionsUp and SessionsAll count agents' sessions, where the platform has one session an agent.
	SessionsUp  int `json:"sessions_up,omitempty"`
	SessionsAll int `json:"sessions_all,omitempty"`
	// RetryAt is when the next attempt starts; zero unless State is Waiting or Refused.
	RetryAt time.Time `json:"retry_at,omitzero"`
}
