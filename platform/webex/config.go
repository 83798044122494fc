package webex

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"

	"cordboard/call"
	"cordboard/config"
	"cordboard/platform"
)

// Config is one connection to one Webex Contact Center organization.
type Config struct {
	// Name is the connection's name; it is set by the server and not part of the file's section.
	Name string `yaml:"-"`
	// URL is the address of the organization's API, such as https://api.wxcc-eu1.cisco.com.
	URL string `yaml:"url" config:"required"`
	// TokenURL is where tokens are got; https://webexapis.com/v1/access_token by default.
	TokenURL string `yaml:"token_url"`
	// ClientID and ClientSecret are those of the integration that the agents have allowed to act for them.
	ClientID     string        `yaml:"client_id" config:"required"`
	ClientSecret config.Secret `yaml:"client_secret" config:"required"`
	// Agents are listed here, or in AgentsFile with one "id,refresh token" a line.
	Agents     []Agent `yaml:"agents"`
	AgentsFile string  `yaml:"agents_file"`
	// EntryPoint is the id of the outdial entry point through which agents call from their desks. Without it desks offer no calls.
	EntryPoint string `yaml:"entry_point"`
	// Campaigns says in which mode a campaign dials, by the name that its calls carry: progressive, predictive, preview or
	// direct-preview. Calls do not tell progressive from predictive.
	Campaigns map[string]call.Mode `yaml:"campaigns"`
	// WebhookSecrets are the secrets of the webhook subscriptions that are sent to /in/NAME/; during a change the old and
	// the new one. Without any no webhook is taken.
	WebhookSecrets []config.Secret `yaml:"webhook_secrets"`
	// CAFile is a PEM file of certificates to trust besides the system's.
	CAFile string `yaml:"ca_file"`

	// Tap sees every raw message before it is decoded; it must be quick and safe for concurrent use.
	Tap func(platform.Message) `yaml:"-"`
}

// Agent is one agent whose calls are listened to.
type Agent struct {
	// ID is the agent's id in Webex, such as 97f9e4c2-1b32-42a6-b6aa-13ba08fe4ae0.
	ID string `yaml:"id" config:"required"`
	// RefreshToken is the agent's: the integration turns it into access tokens for the scope cjp:user.
	RefreshToken config.Secret `yaml:"refresh_token"`
}

const defaultTokenURL = "https://webexapis.com/v1/access_token"

// Check reports everything that is wrong, each with the name of its field.
func (c *Config) Check() error {
	var errs []error
	bad := func(field, format string, a ...any) {
		errs = append(errs, config.At(field, fmt.Errorf(field+": "+format, a...)))
	}
	for field, s := range map[string]string{"url": c.URL, "token_url": c.TokenURL} {
		u, err := url.Parse(s)
		if s != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil) {
			bad(field, "wants an address that begins with https://")
		}
	}
	if len(c.Agents) == 0 && c.AgentsFile == "" && len(c.WebhookSecrets) == 0 {
		bad("agents", "no agent is listed, agents_file is empty, and no webhook can come")
	}
	for name, mode := range c.Campaigns {
		if !slices.Contains([]call.Mode{call.Progressive, call.Predictive, call.Preview, call.DirectPreview}, mode) {
			bad("campaigns", "%s: wants progressive, predictive, preview or direct-preview, not %q", name, mode)
		}
	}
	seen := map[string]bool{}
	for i, a := range c.Agents {
		switch {
		case a.ID == "":
			bad("agents", "agents[%d] has no id", i)
		case seen[a.ID]:
			bad("agents", "agent %s is listed twice", a.ID)
		case a.RefreshToken.IsZero():
			bad("agents", "agent %s has no refresh_token", a.ID)
		}
		seen[a.ID] = true
	}
	return errors.Join(errs...)
}

// readAgents returns the agents of the file: "id,refresh token" a line, # begins a comment. The token may be a reference
// as config.ReadSecret takes it.
func readAgents(path string) (agents []Agent, err error) {
	err = platform.ReadAgents(path, 2, func(cells []string) error {
		if len(cells) < 2 {
			return errors.New("want id,refresh token")
		}
		secret, err := config.ReadSecret(cells[1], filepath.Dir(path))
		if err != nil {
			return err
		}
		agents = append(agents, Agent{ID: cells[0], RefreshToken: secret})
		return nil
	})
	return agents, err
}
