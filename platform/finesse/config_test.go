package finesse_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cordboard/config"
	"cordboard/platform/finesse"
)

func TestConfigNamesItsMistakes(t *testing.T) {
	good := func() finesse.Config {
		return finesse.Config{Name: "n", URL: "https://fin-a.test:8445", Agents: []finesse.Agent{{ID: "1", Password: config.NewSecret("hush")}}}
	}
	for _, c := range []struct {
		want string
		make func(c *finesse.Config)
	}{
		{"", func(*finesse.Config) {}},
		{"", func(c *finesse.Config) { c.Transport, c.Security, c.XMPP = "tcp", "starttls", "fin-a.test:5222" }},
		{"url", func(c *finesse.Config) { c.URL = "fin-a.test" }},
		{"url", func(c *finesse.Config) { c.URL = "https://me:hush@fin-a.test" }},
		{"secondary", func(c *finesse.Config) { c.Secondary = "ftp://x" }},
		{"transport", func(c *finesse.Config) { c.Transport = "bosh" }},
		{"security", func(c *finesse.Config) { c.Security = "tls" }},
		{"security", func(c *finesse.Config) { c.Transport, c.Security = "tcp", "ssl" }},
		{"xmpp", func(c *finesse.Config) { c.XMPP = "https://x" }},
		{"secondary_xmpp", func(c *finesse.Config) { c.Transport, c.SecondaryXMPP = "tcp", "host" }},
		{"agents", func(c *finesse.Config) { c.Agents = nil }},
		{"agents", func(c *finesse.Config) { c.Agents[0].ID = "a@b" }},
		{"agents", func(c *finesse.Config) { c.Agents[0].Password = config.Secret{} }},
		{"agents", func(c *finesse.Config) { c.Agents = append(c.Agents, c.Agents[0]) }},
		{"agents_file", func(c *finesse.Config) { c.AgentsFile = "/nowhere/agents.csv" }},
		{"ca_file", func(c *finesse.Config) { c.CAFile = "/nowhere/ca.pem" }},
	} {
		cfg := good()
		c.make(&cfg)
		_, err := finesse.Open(cfg, slog.New(slog.DiscardHandler))
		switch {
		case c.want == "" && err != nil:
			t.Errorf("a good configuration gives %v", err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("want an error about %s, got %v", c.want, err)
		case err != nil && strings.Contains(err.Error(), "hush"):
			t.Errorf("the error holds a password: %v", err)
		}
		if text := fmt.Sprintf("%+v %#v", cfg, cfg.Agents); strings.Contains(strings.ReplaceAll(text, cfg.URL, ""), "hush") {
			t.Error("a printed configuration holds a password")
		}
	}
}

func TestAgentsFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "agents.csv")
	for text, want := range map[string]string{
		"# agents\n1001,hush,2001\n\n1002, hush\n": "",
		"1001\n":                 "agents.csv:1",
		"1001,hush\n1001,hush\n": "twice",
		"1001,${file:missing}\n": "missing",
		"1001,${env:HOME}\n":     "HOME",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := finesse.Open(finesse.Config{URL: "http://x:1", AgentsFile: path}, slog.New(slog.DiscardHandler))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q gives %v, want %q", text, err, want)
		}
	}
}
