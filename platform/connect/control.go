package connect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cordboard/platform"
)

// Browser is an agent's own browser, in which the contact control panel runs: nobody else can act on the agent's calls (Streams,
// "Contact API" and "Connection API"; the REST API can neither answer nor hold a call).
type Browser interface {
	// Bridge is what the control panel in the agent's browser can be asked to do, and the ARN of the agent that it belongs
	// to; no verbs when none is open.
	Bridge(agent string) (arn string, verbs []platform.Verb)
	// Command has it done, once; the error is Streams' reason, or says that nobody knows.
	Command(ctx context.Context, c platform.Command) error
}

var errNoBrowser = errors.New("the agent's contact control panel is open in no browser that is connected here")

// Control implements [platform.Controller]. Orders go to the agent's own browser, to the script beside Streams, and its effect
// comes as everything that agents do there: by the sources.
//
// Answer and Accept take what rings, Skip and Reject let it pass; Dial calls the customer of a preview. Consult and
// BlindTransfer take To: the name or the ARN of a quick connect, or a number. Retrieve swaps with the party that is consulted,
// if there is one. Drop ends the talk with that party while the customer waits, else the agent's part. MakeCall takes To.
// SetStatus takes To, a status' name; NotReady may take Args["reason"], one.
func (c *Connector) Control(ctx context.Context, cmd platform.Command) error {
	verbs := c.Verbs(cmd.Agent)
	switch {
	case len(verbs) == 0:
		return fmt.Errorf("connect: %s: %w", cmd.Verb, errNoBrowser)
	case !slices.Contains(verbs, cmd.Verb):
		return fmt.Errorf("connect: %s: the contact control panel cannot do that", cmd.Verb)
	}
	if err := c.cfg.Browser.Command(ctx, cmd); err != nil {
		return fmt.Errorf("connect: %s: %w", cmd.Verb, err)
	}
	return nil
}

// Verbs implements [platform.Controller]: what the control panel in the agent's browser can do, if it is one of this instance.
func (c *Connector) Verbs(agent string) []platform.Verb {
	if c.cfg.Browser == nil || !c.cfg.Browsers {
		return nil
	}
	arn, verbs := c.cfg.Browser.Bridge(agent)
	if !strings.HasPrefix(arn, c.cfg.Instance+"/") {
		return nil
	}
	return verbs
}

// AtDesk implements [platform.DeskController].
func (c *Connector) AtDesk() {}
