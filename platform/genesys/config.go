package genesys

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"cordboard/config"
	"cordboard/platform"
)

// Config is one connection to one Genesys Cloud org.
type Config struct {
	// Name is the connection's name; it is set by the server and not part of the file's section.
	Name string `yaml:"-"`
	// URL is the address of the org's platform API, such as https://api.mypurecloud.de: the region is in it.
	URL string `yaml:"url" config:"required"`
	// LoginURL is where tokens come from; URL with login in the place of api by default.
	LoginURL string `yaml:"login_url"`
	// ClientID is the id of an OAuth client with the grant type Client Credentials.
	ClientID     string        `yaml:"client_id" config:"required"`
	ClientSecret config.Secret `yaml:"client_secret"`
	// CAFile is a PEM file of certificates to trust besides the system's.
	CAFile string `yaml:"ca_file"`
	// Agents are the ids of the users whose calls are listened to, or they stand in AgentsFile, one a line. Without
	// either all active users of the org are, at most 19,000.
	Agents     []string `yaml:"agents"`
	AgentsFile string   `yaml:"agents_file"`
	// NoDetails leaves out the topics of single conversations, which tell some things a moment earlier: for more than
	// 3,000 agents, or when another application needs the requests.
	NoDetails bool `yaml:"no_details"`
	// ReceiveKey is what EventBridge, or a data action, sends along in the header ReceiveHeader, "X-Cordboard-Key" by
	// default, so that its messages are taken. Without a key none are.
	ReceiveKey    config.Secret `yaml:"receive_key"`
	ReceiveHeader string        `yaml:"receive_header"`

	// Tap sees every raw message before it is decoded; it must be quick and safe for concurrent use.
	Tap func(platform.Message) `yaml:"-"`
	// Transport carries the requests, in the place of one that trusts CAFile; sockets have their own.
	Transport http.RoundTripper `yaml:"-"`
}

// The limits of the Notification API ("Notification service"): channels for each OAuth client, and topics a channel. One
// channel is left free, so that a channel can be replaced before it ends without another one being dropped for it.
const (
	maxChannels = 19
	maxTopics   = 1000
)

// Validate reports everything that is wrong, each with the name of its field.
func (c *Config) Validate() error {
	var errs []error
	bad := func(field, format string, a ...any) {
		errs = append(errs, config.At(field, fmt.Errorf(field+": "+format, a...)))
	}
	for _, x := range []struct{ field, s string }{{"url", c.URL}, {"login_url", c.LoginURL}} {
		if x.s == "" && x.field == "login_url" {
			continue
		}
		u, err := url.Parse(x.s)
		switch {
		case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
			bad(x.field, "wants an address such as https://api.mypurecloud.com, or login in the place of api")
		case u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "":
			bad(x.field, "is an address without a path, a query or a user")
		}
	}
	if c.ClientID == "" {
		bad("client_id", "is missing")
	}
	if c.ClientSecret.IsZero() {
		bad("client_secret", "is missing")
	}
	seen := map[string]bool{}
	for _, a := range c.Agents {
		switch {
		case a == "" || strings.ContainsAny(a, "/ ,.?#"):
			bad("agents", "%q is no user id", a)
		case seen[a]:
			bad("agents", "%s is listed twice", a)
		}
		seen[a] = true
	}
	if len(c.Agents) > maxChannels*maxTopics {
		bad("agents", "%d are listed, %d at most can be listened to", len(c.Agents), maxChannels*maxTopics)
	}
	if key := c.ReceiveKey.Reveal(); key != "" && len(key) < 16 {
		bad("receive_key", "wants 16 characters or more")
	}
	if !platform.ValidHeader(c.header()) {
		bad("receive_header", "is no name of a header")
	}
	return errors.Join(errs...)
}

// header is the name of the header that carries the key of what is sent to us.
func (c *Config) header() string { return cmp.Or(c.ReceiveHeader, platform.DefaultHeader) }

// login is the address of the token endpoint's host.
func (c *Config) login() string {
	if c.LoginURL != "" {
		return strings.TrimRight(c.LoginURL, "/")
	}
	return strings.Replace(strings.TrimRight(c.URL, "/"), "://api.", "://login.", 1)
}

// readAgents returns the user ids of a file: the first column of each line, # begins a comment.
func readAgents(path string) (ids []string, err error) {
	err = platform.ReadAgents(path, 2, func(cells []string) error {
		if id := cells[0]; id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
		return nil
	})
	return ids, err
}

// newClient returns an HTTP client that trusts the system's certificates and those of the file.
func newClient(caFile string) (*http.Client, error) {
	trust, err := platform.TLSConfig(caFile)
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = trust
	return &http.Client{Transport: transport}, nil
}
