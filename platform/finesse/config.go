package finesse

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"cordboard/config"
	"cordboard/platform"
)

// Config is one connection to one Finesse site: a pair of nodes, of which one is enough.
type Config struct {
	// Name is the connection's name; it is set by the server and not part of the file's section.
	Name string `yaml:"-"`
	// URL is the REST address of the primary node, such as https://fin-a.example.com:8445.
	URL string `yaml:"url" config:"required"`
	// Secondary is the REST address of the other node, if there is one.
	Secondary string `yaml:"secondary"`
	// Transport is ws (WebSocket, the default) or tcp.
	Transport string `yaml:"transport"`
	// XMPP and SecondaryXMPP are the addresses of the notification service: a ws:// or wss:// URL, or host:port for
	// tcp. Empty means the REST address with the path /ws/, or port 5223 (5222 without TLS or with STARTTLS).
	XMPP          string `yaml:"xmpp"`
	SecondaryXMPP string `yaml:"secondary_xmpp"`
	// Security of transport tcp is tls (the default), starttls or none; none sends passwords in the clear.
	Security string `yaml:"security"`
	// Domain and PubSub override the XMPP domains that SystemInfo names.
	Domain string `yaml:"domain"`
	PubSub string `yaml:"pubsub"`
	// CAFile is a PEM file of certificates to trust besides the system's.
	CAFile string `yaml:"ca_file"`
	// Region is the ISO country of the site's numbers, such as US: for reading numbers, not used by the connector.
	Region string `yaml:"region"`
	// Agents are listed here, or in AgentsFile with one "id,password,extension" a line.
	Agents     []Agent `yaml:"agents"`
	AgentsFile string  `yaml:"agents_file"`
	// SignIn signs agents in to Finesse who are signed out; it wants their extensions. Usually they do so by themselves.
	SignIn bool `yaml:"sign_in"`
	// Subscribe asks for every agent's nodes explicitly, where Finesse does not subscribe a user by itself.
	Subscribe bool `yaml:"subscribe"`

	// Tap sees every raw message before it is decoded; it must be quick and safe for concurrent use.
	Tap func(platform.Message) `yaml:"-"`
}

// Agent is one agent whose calls are listened to.
type Agent struct {
	ID       string        `yaml:"id" config:"required"`
	Password config.Secret `yaml:"password"`
	// Extension is the agent's device. Empty means that Finesse is asked for it.
	Extension string `yaml:"extension"`
}

// Validate reports everything that is wrong, each with the name of its field.
func (c *Config) Validate() error {
	var errs []error
	bad := func(field, format string, a ...any) {
		errs = append(errs, config.At(field, fmt.Errorf(field+": "+format, a...)))
	}
	checkURL := func(field, s string, schemes ...string) {
		u, err := url.Parse(s)
		if err != nil || u.Host == "" || !contains(schemes, u.Scheme) {
			bad(field, "wants an address that begins with %s://", strings.Join(schemes, ":// or "))
		} else if u.User != nil {
			bad(field, "holds a user name: passwords belong to agents")
		}
	}
	checkURL("url", c.URL, "https", "http")
	if c.Secondary != "" {
		checkURL("secondary", c.Secondary, "https", "http")
	}
	if c.Transport != "" && c.Transport != "ws" && c.Transport != "tcp" {
		bad("transport", "wants ws or tcp, not %q", c.Transport)
	}
	if c.Transport != "tcp" && c.Security != "" {
		bad("security", "is for transport tcp; a WebSocket is secure when its address begins with wss://")
	}
	if c.Security != "" && !contains([]string{"tls", "starttls", "none"}, c.Security) {
		bad("security", "wants tls, starttls or none, not %q", c.Security)
	}
	for _, x := range []struct{ field, s string }{{"xmpp", c.XMPP}, {"secondary_xmpp", c.SecondaryXMPP}} {
		if x.s != "" && c.Transport != "tcp" {
			checkURL(x.field, x.s, "wss", "ws")
		} else if x.s != "" && !strings.Contains(x.s, ":") {
			bad(x.field, "wants host:port")
		}
	}
	if len(c.Agents) == 0 && c.AgentsFile == "" {
		bad("agents", "no agent is listed and agents_file is empty")
	}
	seen := map[string]bool{}
	for i, a := range c.Agents {
		field := fmt.Sprintf("agents[%d]", i)
		switch {
		case a.ID == "":
			bad("agents", "%s has no id", field)
		case strings.ContainsAny(a.ID, "/@: <>&"):
			bad("agents", "%s: an id has no blanks and none of / @ : < > &", field)
		case seen[a.ID]:
			bad("agents", "%s: agent %s is listed twice", field, a.ID)
		case a.Password.IsZero():
			bad("agents", "agent %s has no password", a.ID)
		}
		seen[a.ID] = true
	}
	return errors.Join(errs...)
}

func contains(all []string, s string) bool {
	for _, a := range all {
		if a == s {
			return true
		}
	}
	return false
}

// readAgents returns the agents of the file: "id,password,extension" a line, # begins a comment. The password may be a
// reference as config.ReadSecret takes it.
func readAgents(path string) (agents []Agent, err error) {
	err = platform.ReadAgents(path, 3, func(cells []string) error {
		if len(cells) < 2 {
			return errors.New("want id,password,extension")
		}
		secret, err := config.ReadSecret(cells[1], filepath.Dir(path))
		if err != nil {
			return err
		}
		a := Agent{ID: cells[0], Password: secret}
		if len(cells) == 3 {
			a.Extension = cells[2]
		}
		agents = append(agents, a)
		return nil
	})
	return agents, err
}
