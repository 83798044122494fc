package server

import (
	"fmt"
	"slices"

	"cordboard/config"
	"cordboard/desk"
)

// ClientEventsConfig lets pages around the panel hear of calls and act on them, as Genesys Cloud for Salesforce does ("Events in
// Salesforce").
type ClientEventsConfig struct {
	// Transport is how messages travel: post-message, to and from the page that holds the panel; its default.
	Transport string `yaml:"transport"`
	// Prefix is what the names of actions begin with; "PureCloud." by default.
	Prefix string `yaml:"prefix"`
	// Types are the events that pages are told without asking: Interaction, Notification, UserAction.
	Types []string `yaml:"types"`
	// Numbers tells pages customers' numbers in full. Without it they are told what the agent sees.
	Numbers bool `yaml:"numbers"`
}

// Check implements config's checking of what was read.
func (c *ClientEventsConfig) Check() error {
	if c.Transport != "" && c.Transport != desk.PostMessage {
		return config.At("transport", fmt.Errorf("%q is no transport of client events: there is %s", c.Transport, desk.PostMessage))
	}
	types := []string{"Interaction", "Notification", "UserAction"}
	for _, t := range c.Types {
		if !slices.Contains(types, t) {
			return config.At("types", fmt.Errorf("%q is no type of client events: there are %v", t, types))
		}
	}
	return nil
}

// pages are the desk's part of it; nil when there is none.
func (c *ClientEventsConfig) pages() *desk.Pages {
	if c == nil {
		return nil
	}
	p := &desk.Pages{Transport: desk.PostMessage, Prefix: c.Prefix, Types: c.Types}
	if p.Prefix == "" {
		p.Prefix = "PureCloud."
	}
	return p
}
