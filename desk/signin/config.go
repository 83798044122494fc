package signin

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"cordboard/config"
	"cordboard/platform"
)

// Config says who knows the agents.
type Config struct {
	// Issuer is the provider's name in its tokens, whose discovery document lies under it: for Salesforce the org's My
	// Domain, such as https://acme.my.salesforce.com.
	Issuer string `yaml:"issuer" config:"required"`
	// ClientID and ClientSecret are those of the app that the provider knows this server as.
	ClientID     string        `yaml:"client_id" config:"required"`
	ClientSecret config.Secret `yaml:"client_secret" config:"required"`
	// URL is this server's address as browsers see it, such as https://cordboard.acme.example. The app's callback is
	// URL/desk/signin/done. It may be left out on one's own machine only.
	URL string `yaml:"url"`
	// Claim names what is told of a person that says which agent it is: preferred_username by default; email, user_id,
	// federation_identifier or what else the provider tells.
	Claim string `yaml:"claim"`
	// AgentsFile maps what the claim says to agents, "person,agent" a line. Without it the claim is the agent's id.
	AgentsFile string `yaml:"agents_file"`
	// Scopes are asked for beside openid; profile and email by default.
	Scopes []string `yaml:"scopes"`
	// Session is how long an agent stays signed in; 12h by default.
	Session config.Duration `yaml:"session"`
	// CAFile holds the certificate authorities that vouch for the provider, in PEM; the system's by default.
	CAFile string `yaml:"ca_file"`
}

// Check implements config's checking of what was read.
func (c *Config) Check() error {
	if u, err := url.Parse(c.Issuer); err != nil || u.Host == "" || u.Scheme != "https" && !local(u) {
		return config.At("issuer", fmt.Errorf("%q is not an address such as https://acme.my.salesforce.com", c.Issuer))
	}
	if u, err := url.Parse(c.URL); c.URL != "" && (err != nil || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.Scheme != "https" && !local(u)) {
		return config.At("url", fmt.Errorf("%q is not an address such as https://cordboard.acme.example", c.URL))
	}
	if s := time.Duration(c.Session); s < 0 || s > 7*24*time.Hour {
		return config.At("session", errors.New("a session lasts a week at most"))
	}
	return nil
}

// local reports whether an address is this machine's, where a name in clear is good enough.
func local(u *url.URL) bool {
	return u.Scheme == "http" && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1")
}

// readPeople reads the file that maps people to agents. People are compared without case.
func readPeople(path string) (map[string]string, error) {
	people := map[string]string{}
	err := platform.ReadAgents(path, 2, func(cells []string) error {
		if len(cells) < 2 || cells[0] == "" || cells[1] == "" {
			return errors.New(`a line is "person,agent"`)
		}
		person, agent := fold(cells[0]), cells[1]
		if was, twice := people[person]; twice && was != agent {
			return errors.New("one person is two agents")
		}
		people[person] = agent
		return nil
	})
	return people, err
}

func fold(person string) string { return strings.ToLower(strings.TrimSpace(person)) }
