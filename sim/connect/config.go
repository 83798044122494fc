package connect

import (
	"crypto/tls"
	"log/slog"
	"net"
	"time"
)

// Config says what kind of instance is simulated. Its zero value is an instance with 50 signed-in agents, four campaigns
// and one queue on a free port of 127.0.0.1, whose events go nowhere yet.
type Config struct {
	Agents     int    // how many agents exist; 0 means 50
	FirstAgent int    // number of the first, in user names like agent1001; the others follow; 0 means 1001
	SignedOut  bool   // agents begin Offline instead of Available, without a LOGIN event
	Region     string // "" means us-west-2
	Account    string // the AWS account; "" means 111122223333
	Instance   string // the instance's id; "" makes one up that is always the same

	Addr     string       // everything that is served; "" means 127.0.0.1:0
	Listener net.Listener // used instead of Addr; the server closes it

	AccessKey string // the access key id that signed requests must name; "" means AKIASIMULATED0000000
	Secret    string // told by Ready for clients that sign; signatures are not computed here. "" makes one up

	Stream StreamTarget // where the agent event stream goes; the zero value is the simulator's own Kinesis stream
	Events Target       // where EventBridge sends contact events; the zero value is nowhere
	Dialer Target       // where the external dialer sends call events; the zero value is nowhere

	RequestsPerSecond float64       // quota of each operation of the REST API; 0 means 2, as the service has it, negative: none
	FarEnd            time.Duration // how long the far end of a call that an agent makes in the CCP rings until it answers; 0 means 300 ms, negative: never
	Keep              int           // how many finished contacts DescribeContact remembers; 0 means 20000
	Seed              uint64        // of ids and of the order in which contact events arrive; 0 takes a random one

	TLS *tls.Config  // for receivers whose certificate only its maker trusts; nil is the system's trust
	Log *slog.Logger // nil means no log
}

// Target is an HTTPS (or, for tests, HTTP) address that events are sent to, with the secret that the receiver knows the
// sender by. An EventBridge API destination sends the secret in the header that its connection names (Authorization
// methods for connections: API key); the external dialer does the same here (inferred).
type Target struct {
	URL    string `json:"url"`
	Header string `json:"header"` // "" means Authorization
	Secret string `json:"secret"`
}

func (c Config) withDefaults() Config {
	c.Agents = or(c.Agents, 50)
	c.FirstAgent = or(c.FirstAgent, 1001)
	c.Region = or(c.Region, "us-west-2")
	c.Account = or(c.Account, "111122223333")
	c.Instance = or(c.Instance, "5a1c0000-1111-4222-8333-444444444444")
	c.Addr = or(c.Addr, "127.0.0.1:0")
	c.AccessKey = or(c.AccessKey, "AKIASIMULATED0000000")
	c.Secret = or(c.Secret, "simulated/secret/access/key")
	c.RequestsPerSecond = or(c.RequestsPerSecond, 2)
	c.Stream.Name = or(c.Stream.Name, "agent-events")
	c.FarEnd = or(c.FarEnd, 300*time.Millisecond)
	c.Keep = or(c.Keep, 20000)
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
