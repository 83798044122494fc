package server

import (
	"cmp"
	"fmt"
	"slices"

	"cordboard/config"
	"cordboard/desk"
)

// ClientEventsConfig lets pages around the panel hear of calls and act on them, as Genesys Cloud for Salesforce does ("Events in
// Salesforce").
type ClientEventsConfig struct {
	// Prefix is what the names of actions begin with; "PureCloud." by default.
	Prefix string `yaml:"prefix"`
	// ConsolePrefix is what the names of console events begin with in Salesforce Classic; what the panel fires has "pc." behind
	// it. "inin.salesforce.constants.consoleevent." by default.
	ConsolePrefix string `yaml:"console_prefix"`
	// Types are the events that pages are told without asking: Interaction, Notification, UserAction.
	Types []string `yaml:"types"`
	// Numbers tells pages customers' numbers in full. Without it they are told what the agent sees.
	Numbers bool `yaml:"numbers"`
}

// Check implements config's checking of what was read.
func (c *ClientEventsConfig) Check() error {
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
	return &desk.Pages{
		Prefix:        cmp.Or(c.Prefix, "PureCloud."),
		ConsolePrefix: cmp.Or(c.ConsolePrefix, "inin.salesforce.constants.consoleevent."),
		Types:         c.Types,
	}
}
