package http

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"cordboard/config"
	"cordboard/webhook"
)

// Config says where http steps may send requests.
type Config struct {
	// Origins are the servers that requests may go to, such as https://api.example.com: https only, and only while their
	// names resolve to public addresses.
	Origins []string `yaml:"origins"`
	// InternalOrigins are servers within the network, such as http://billing.corp:8080; they may have any address but a
	// link-local one.
	InternalOrigins []string `yaml:"internal_origins"`
	// Credentials are what requests may be sent with.
	Credentials []Credential `yaml:"credentials"`
	// Rates are how often requests may go to an origin that takes only so many.
	Rates []Rate `yaml:"rates"`
	// PerHost is how many requests to one host are under way at any moment; 256 by default.
	PerHost int `yaml:"per_host"`
}

// Rate is how often requests of this server may go to one origin. They go evenly; a step whose turn is more than a second away is
// parked until then.
type Rate struct {
	// Origin is the one that is meant.
	Origin string `yaml:"origin" config:"required"`
	// PerMinute is how many requests may go there within a minute.
	PerMinute int `yaml:"per_minute" config:"required"`
}

// Check reports what is wrong with the rate, with the name of the field.
func (r *Rate) Check() error {
	if r.PerMinute < 1 {
		return config.At("per_minute", errors.New("at least one request a minute"))
	}
	return nil
}

// Credential is one secret with the origin that it belongs to. A workflow names it, and it is sent nowhere else.
type Credential struct {
	// Name is what workflows call it.
	Name string `yaml:"name" config:"required"`
	// Origin is the only one that it is sent to.
	Origin string `yaml:"origin" config:"required"`
	// Token is sent as a bearer token, or as the value of Header where that is given.
	Token  config.Secret `yaml:"token"`
	Header string        `yaml:"header"`
	// User and Password are sent by HTTP Basic.
	User     string        `yaml:"user"`
	Password config.Secret `yaml:"password"`
	// TokenURL gives out access tokens for ClientID and ClientSecret (OAuth 2.0 client credentials), such as
	// https://login.mypurecloud.com/oauth/token. A token is fetched when it is needed and kept until it runs out. An address within
	// the network has to be of one of internal_origins.
	TokenURL string `yaml:"token_url"`
	// ClientID is the OAuth client's id.
	ClientID string `yaml:"client_id"`
	// ClientSecret is the OAuth client's secret.
	ClientSecret config.Secret `yaml:"client_secret"`
	// Scopes are asked for with the token; most servers need none.
	Scopes []string `yaml:"scopes"`
	// SigningKey signs the request (Standard Webhooks): base64 of 24 to 64 bytes.
	SigningKey config.Secret `yaml:"signing_key"`
}

// Check reports what is wrong with the configuration, with the name of the field.
func (c *Config) Check() error {
	_, err := c.doors()
	return err
}

// Check reports what is wrong with the credential, with the name of the field.
func (c *Credential) Check() error {
	given := 0
	for _, is := range []bool{!c.Token.IsZero(), !c.Password.IsZero(), !c.SigningKey.IsZero(), !c.ClientSecret.IsZero()} {
		if is {
			given++
		}
	}
	switch {
	case given != 1:
		return config.At("name", fmt.Errorf("%s needs exactly one of token, password, signing_key and client_secret", c.Name))
	case !c.ClientSecret.IsZero() && (c.TokenURL == "" || c.ClientID == ""):
		return config.At("client_secret", errors.New("client_secret needs token_url and client_id"))
	case c.ClientSecret.IsZero() && (c.TokenURL != "" || c.ClientID != "" || len(c.Scopes) > 0):
		return config.At("name", fmt.Errorf("%s has token_url, client_id or scopes without client_secret", c.Name))
	case c.Header != "" && c.Token.IsZero():
		return config.At("header", errors.New("header is for a token"))
	case reserved(c.Header) && !strings.EqualFold(c.Header, "Authorization"):
		return config.At("header", fmt.Errorf("the header %s is not free", c.Header))
	}
	if !c.SigningKey.IsZero() {
		if _, err := webhook.ParseKey(c.SigningKey); err != nil {
			return config.At("signing_key", err)
		}
	}
	return nil
}

// doors are the origins that may be reached.
type doors struct {
	// internal says by origin whether it may have an address within the network.
	internal map[string]bool
	// hosts says the same by host and port, as connections are made.
	hosts map[string]bool
}

func (c *Config) doors() (doors, error) {
	d := doors{internal: map[string]bool{}, hosts: map[string]bool{}}
	for _, list := range []struct {
		key      string
		origins  []string
		internal bool
	}{{"origins", c.Origins, false}, {"internal_origins", c.InternalOrigins, true}} {
		for _, text := range list.origins {
			u, err := url.Parse(text)
			if err != nil || u.Host == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || strings.Contains(text, "*") {
				return d, config.At(list.key, fmt.Errorf("%q is not an origin such as https://api.example.com", text))
			}
			if u.Scheme != "https" && (u.Scheme != "http" || !list.internal) {
				return d, config.At(list.key, fmt.Errorf("%q: only https goes out of the network; http is for internal_origins", text))
			}
			origin, host := originOf(u)
			if other, twice := d.hosts[host]; twice && other != list.internal {
				return d, config.At(list.key, fmt.Errorf("%q is in both lists", text))
			}
			d.internal[origin], d.hosts[host] = list.internal, list.internal
		}
	}
	for _, cred := range c.Credentials {
		u, err := url.Parse(cred.Origin)
		if err != nil || u.Host == "" {
			return d, config.At("credentials", fmt.Errorf("%q is not an origin such as https://api.example.com", cred.Origin))
		}
		if origin, _ := originOf(u); !d.has(origin) {
			return d, config.At("credentials", fmt.Errorf("%s is for %s, which requests may not go to", cred.Name, origin))
		}
		if err := d.checkTokenURL(cred.TokenURL); err != nil {
			return d, config.At("credentials", fmt.Errorf("%s: %w", cred.Name, err))
		}
	}
	for _, r := range c.Rates {
		u, err := url.Parse(r.Origin)
		if err != nil || u.Host == "" {
			return d, config.At("rates", fmt.Errorf("%q is not an origin such as https://api.example.com", r.Origin))
		}
		origin, _ := originOf(u)
		if !d.has(origin) {
			return d, config.At("rates", fmt.Errorf("there is a rate for %s, which requests may not go to", origin))
		}
	}
	return d, nil
}

// checkTokenURL looks whether an address may be asked for tokens: that is the administrator's to say, and not a workflow's, so that
// it need not be among the origins, unless it is within the network.
func (d *doors) checkTokenURL(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil {
		return errors.New("token_url is not an address such as https://login.example.com/oauth/token")
	}
	if origin, _ := originOf(u); u.Scheme != "https" && !d.internal[origin] {
		return errors.New("token_url: only https goes out of the network; http is for internal_origins")
	}
	return nil
}

func (d *doors) has(origin string) bool {
	_, ok := d.internal[origin]
	return ok
}

// originOf is an address's origin, and its host and port.
func originOf(u *url.URL) (origin, host string) {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	host = net.JoinHostPort(strings.ToLower(u.Hostname()), port)
	return u.Scheme + "://" + host, host
}

// mayDial says whether a connection may be made to an address that a host's name has resolved to.
func mayDial(address netip.Addr, internal bool) error {
	a := address.Unmap()
	switch {
	case !a.IsValid(), a.IsUnspecified(), a.IsMulticast(), a.IsLinkLocalUnicast(), a.IsInterfaceLocalMulticast():
		return errInside
	case internal:
		return nil
	case a.IsLoopback(), a.IsPrivate():
		return errInside
	}
	for _, p := range inside {
		if p.Contains(a) {
			return errInside
		}
	}
	return nil
}

var errInside = errors.New("the name resolves to an address within the network")

// inside are networks that are not public beside those that net/netip knows: the special-purpose address registries of
// IANA, and the ways in which IPv6 carries IPv4 addresses.
var inside = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("fec0::/10"),
}
