package server

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	httpstep "cordboard/action/http"
	"cordboard/config"
	"cordboard/crm/salesforce"
	"cordboard/desk/signin"
)

// Config is the configuration file, cordboard.yaml. Paths in it are relative to the file's folder.
type Config struct {
	// Listen is the address of pages, desks and metrics; "127.0.0.1:8484" by default.
	Listen string `yaml:"listen"`
	// Data is the folder of the journal; "data" by default.
	Data      string          `yaml:"data"`
	Store     StoreConfig     `yaml:"store"`
	Retention RetentionConfig `yaml:"retention"`
	// Workflows are files or patterns of files, and "recommended" for the ones that ship with Cordboard. Default:
	// recommended.
	Workflows []string `yaml:"workflows"`
	// Tables are files of data tables or patterns of files, and "recommended" for the ones that ship with Cordboard. Default:
	// recommended.
	Tables []string `yaml:"tables"`
	// Connections are the links to contact-centre platforms.
	Connections []ConnectionConfig `yaml:"connections"`
	// Salesforce is the org that records are found and written in.
	Salesforce *salesforce.Config `yaml:"salesforce"`
	// HTTP says where the http steps of workflows may send requests; nowhere by default.
	HTTP    httpstep.Config `yaml:"http"`
	Calling CallingConfig   `yaml:"calling"`
	Desk    DeskConfig      `yaml:"desk"`
	Console ConsoleConfig   `yaml:"console"`

	dir string // of the file
}

// ConnectionConfig is one link to one platform. What stands under settings is the platform's own.
type ConnectionConfig struct {
	Name     string     `yaml:"name" config:"required"`
	Platform string     `yaml:"platform" config:"required"`
	Settings config.Raw `yaml:"settings" config:"required"`
}

// DeskConfig says who may open an agent's desk.
type DeskConfig struct {
	// Origins are the pages that may hold the agent panel, such as https://acme.lightning.force.com: exactly these.
	Origins []string `yaml:"origins"`
	// HostURL is the address of the pages around the panel, which Open CTI's script is loaded from; salesforce.url by
	// default.
	HostURL string `yaml:"host_url"`
	// TicketKey is shared with the page that embeds the panel: whoever presents it may get tickets for agents.
	TicketKey config.Secret `yaml:"ticket_key"`
	// ClientEvents lets pages around the panel hear of calls and act on them; nobody does by default.
	ClientEvents *ClientEventsConfig `yaml:"client_events"`
	// OpenTickets lets anybody who reaches the server have a ticket for any agent. It is for trying out, and is only
	// taken together with a loopback address in listen.
	OpenTickets bool `yaml:"open_tickets"`
	// SignIn lets agents sign in with OpenID Connect, at Salesforce or another provider.
	SignIn *signin.Config `yaml:"sign_in"`
}

// ConsoleConfig says who may see the console.
type ConsoleConfig struct {
	// Password protects the console (HTTP Basic, any user name). Without it the console answers only requests that
	// come from this machine and name it.
	Password config.Secret `yaml:"password"`
}

// LoadConfig reads a configuration file. Problems name file, line and column.
func LoadConfig(file string) (Config, config.Problems) {
	const day = config.Duration(24 * time.Hour)
	c := Config{Listen: "127.0.0.1:8484", Data: "data", Workflows: []string{recommended}, Tables: []string{recommended}, dir: filepath.Dir(file)}
	c.Retention = RetentionConfig{Messages: 7 * day, Calls: 90 * day}
	c.Calling.Decisions = 5 * 365 * day
	if problems := config.DecodeFile(file, &c); len(problems) > 0 {
		return c, problems
	}
	return c, nil
}

// Check implements config's checking of what was read.
func (c *Config) Check() error {
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return config.At("listen", fmt.Errorf("%q is not an address such as 127.0.0.1:8484", c.Listen))
	}
	names := map[string]bool{}
	for _, conn := range c.Connections {
		if names[conn.Name] {
			return config.At("connections", fmt.Errorf("two connections are called %q", conn.Name))
		}
		if strings.Contains(conn.Name, ":") { // an id of a call is a name, a colon, and what the platform calls it
			return config.At("connections", fmt.Errorf("the connection %q has a colon in its name: calls of two connections could have the same id", conn.Name))
		}
		names[conn.Name] = true
	}
	if c.Desk.OpenTickets && !c.loopback() {
		return config.At("desk", errors.New("open_tickets is for loopback addresses only: on "+c.Listen+" everybody could open every agent's desk"))
	}
	if in := c.Desk.SignIn; in != nil && in.URL == "" && !c.loopback() {
		return config.At("desk", errors.New("sign_in needs url, this server's address as browsers see it: "+c.Listen+" says where it listens only"))
	}
	return nil
}

// Check implements config's checking of what was read.
func (d *DeskConfig) Check() error {
	if d.HostURL != "" {
		if u, err := url.Parse(d.HostURL); err != nil || u.Host == "" {
			return config.At("host_url", fmt.Errorf("%q is not an address such as https://acme.my.salesforce.com", d.HostURL))
		}
	}
	for _, o := range d.Origins {
		u, err := url.Parse(o)
		if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || strings.Trim(u.Path, "/") != "" || strings.Contains(o, "*") {
			return config.At("origins", fmt.Errorf("%q is not an origin such as https://acme.lightning.force.com", o))
		}
	}
	return nil
}

// Check implements config's checking of what was read.
func (c *ConnectionConfig) Check() error {
	if _, ok := connectors[c.Platform]; !ok {
		return config.At("platform", unknownPlatform(c.Platform))
	}
	return nil
}

func unknownPlatform(name string) error {
	var known []string
	for p := range connectors {
		known = append(known, p)
	}
	slices.Sort(known)
	hint := ""
	if near := config.Nearest(name, known); near != "" {
		hint = fmt.Sprintf(" (did you mean %s?)", near)
	}
	return fmt.Errorf("%q is no platform that this release connects to; there are: %s%s", name, strings.Join(known, ", "), hint)
}

// loopback reports whether only this machine can reach the server.
func (c *Config) loopback() bool {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// path resolves a path of the file.
func (c *Config) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.dir, p)
}
