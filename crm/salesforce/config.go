package salesforce

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"

	"cordboard/config"
)

// Config says which org to talk to, as whom and how carefully. With Key the JWT bearer flow is used, otherwise client
// credentials.
type Config struct {
	// URL is the org's My Domain address, such as https://acme.my.salesforce.com. All API calls go there and nowhere
	// else.
	URL string `yaml:"url" config:"required"`
	// LoginURL is where tokens come from; URL by default.
	LoginURL string `yaml:"login_url"`
	// ClientID is the consumer key of the External Client App.
	ClientID     string        `yaml:"client_id" config:"required"`
	ClientSecret config.Secret `yaml:"client_secret"`
	// Key is the RSA private key in PEM, Username whom to act as, Audience who checks the assertion:
	// https://login.salesforce.com by default, https://test.salesforce.com for a sandbox.
	Key      config.Secret `yaml:"key"`
	Username string        `yaml:"username"`
	Audience string        `yaml:"audience"`

	// Version is the API version, "v67.0" by default.
	Version string `yaml:"version"`
	// KeyField is the external-id field that holds record keys, "Cordboard_Key__c" by default.
	KeyField string `yaml:"key_field"`
	// Region is the country of numbers without a country code where a query names none; "US" by default.
	Region string `yaml:"region"`

	// Window is how long a record waits for company, 1.5 s by default; it stretches to MaxWindow, 30 s by default, as
	// the org's quota runs low.
	Window    config.Duration `yaml:"window"`
	MaxWindow config.Duration `yaml:"max_window"`
	// PauseAt is the used share of the org's daily quota at which writes that nobody waits for are parked, so that the
	// org's other integrations keep working; 0.95 by default.
	PauseAt float64 `yaml:"pause_at"`
	// Budget is the share of the org's daily quota that Cordboard itself may use, 0.20 by default. As it is used up,
	// first what can wait for tomorrow stops, then records wait longer for company, then writes are parked; lookups go
	// on until the org refuses them.
	Budget float64 `yaml:"budget"`
	// Economy makes every record wait MaxWindow for company, whatever the quota.
	Economy bool `yaml:"economy"`
	// CacheFor is how long an answer to a lookup by number is used again; 2 min by default.
	CacheFor config.Duration `yaml:"cache_for"`

	// PhoneIndex keeps the numbers of the org's contacts, leads and accounts here, so that finding one costs no API
	// request; it takes about 70 bytes of memory a number. When true, what it says is final. When left out, there is one
	// if at most PhoneIndexLimit records have a number, from the first lookup on, and numbers that it does not know are
	// looked for in the org as well while there is budget.
	PhoneIndex *bool `yaml:"phone_index"`
	// PhoneIndexLimit is 500,000 by default.
	PhoneIndexLimit int `yaml:"phone_index_limit"`
	// PhoneIndexEvery is how often it is brought up to date, 5 min by default: one request for each object.
	PhoneIndexEvery config.Duration `yaml:"phone_index_every"`
	// TrustIDs takes a record id in a call's data for what it says without asking the org, when its check characters
	// are right: a lookup less for each call, but a pop without a name, or of a deleted record, where the index does not
	// know it.
	TrustIDs bool `yaml:"trust_ids"`
	// Folder is where the index is kept over restarts; empty keeps it in memory only. It is set by the server.
	Folder string `yaml:"-"`
}

var versionForm = regexp.MustCompile(`^v\d{2,3}\.0$`)

// Check implements config's checking of what was read.
func (c *Config) Check() error {
	for key, address := range map[string]string{"url": c.URL, "login_url": c.LoginURL} {
		if err := checkAddress(address); address != "" && err != nil {
			return config.At(key, err)
		}
	}
	switch {
	case c.URL == "":
		return errors.New(`"url" is missing`)
	case c.Version != "" && !versionForm.MatchString(c.Version):
		return config.At("version", fmt.Errorf("%q is not a version such as v67.0", c.Version))
	case !c.Key.IsZero() && c.Username == "":
		return errors.New("username is missing: the JWT bearer flow signs in as somebody")
	case c.Key.IsZero() && c.ClientSecret.IsZero():
		return errors.New("neither key (JWT bearer flow) nor client_secret (client credentials flow) is given")
	case c.PauseAt < 0 || c.PauseAt > 1:
		return config.At("pause_at", errors.New("a share is between 0 and 1"))
	case c.Budget < 0 || c.Budget > 1:
		return config.At("budget", errors.New("a share is between 0 and 1"))
	case c.PhoneIndexEvery != 0 && c.PhoneIndexEvery.Std() < time.Second:
		return config.At("phone_index_every", errors.New("a second is the shortest"))
	case c.KeyField != "" && !nameForm.MatchString(c.KeyField):
		return config.At("key_field", fmt.Errorf("%q is not the API name of a field", c.KeyField))
	}
	return nil
}

// checkAddress takes https addresses without a path, and http on this machine only.
func checkAddress(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return errors.New("an address looks like https://acme.my.salesforce.com")
	}
	ip := net.ParseIP(u.Hostname())
	local := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	if u.Scheme != "https" && !(u.Scheme == "http" && local) {
		return errors.New("an org is reached by https only")
	}
	return nil
}

// noIndex and ownIndex report whether a phone index is not wanted, and whether it is asked for.
func (c *Config) noIndex() bool  { return c.PhoneIndex != nil && !*c.PhoneIndex }
func (c *Config) ownIndex() bool { return c.PhoneIndex != nil && *c.PhoneIndex }

// withDefaults fills what was left out.
func (c Config) withDefaults() Config {
	c.URL = strings.TrimRight(c.URL, "/")
	c.LoginURL = strings.TrimRight(or(c.LoginURL, c.URL), "/")
	c.Version = or(c.Version, "v67.0")
	c.KeyField = or(c.KeyField, "Cordboard_Key__c")
	c.Region = or(strings.ToUpper(c.Region), "US")
	c.Window = or(c.Window, config.Duration(1500*time.Millisecond))
	c.MaxWindow = max(or(c.MaxWindow, config.Duration(30*time.Second)), c.Window)
	c.PauseAt = or(c.PauseAt, 0.95)
	c.PhoneIndexLimit = or(c.PhoneIndexLimit, 500_000)
	c.PhoneIndexEvery = or(c.PhoneIndexEvery, config.Duration(5*time.Minute))
	c.Budget = or(c.Budget, 0.20)
	c.CacheFor = or(c.CacheFor, config.Duration(2*time.Minute))
	if c.Audience == "" {
		c.Audience = "https://login.salesforce.com"
		if strings.Contains(c.URL, ".sandbox.") || strings.Contains(c.URL, "//test.salesforce.") {
			c.Audience = "https://test.salesforce.com"
		}
	}
	return c
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}
