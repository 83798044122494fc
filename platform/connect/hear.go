package connect

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"cordboard/platform"
)

// Hear implements [platform.Listener]: it takes a picture of the agent's contacts that Streams drew in the browser. The
// agent is known by the user name in the instance; a picture of anybody else's is refused, and so is one of another instance.
func (c *Connector) Hear(ctx context.Context, agent string, m platform.Message) (durable func() error, err error) {
	if err := c.belongs(agent, m.Text()); err != nil {
		return nil, foreign(err)
	}
	r := c.enter()
	if r == nil {
		return nil, platform.ErrNotRunning
	}
	heard := r.message(SourceStreams, m.Message)
	heard.Agent = agent
	wait := r.hand(ctx, heard)
	if wait == nil {
		r.users.Done()
		return nil, errEnds
	}
	return func() error {
		defer r.users.Done()
		return wait()
	}, nil
}

// belongs says what is wrong with a picture as far as it can be seen by itself.
func (c *Connector) belongs(agent string, raw []byte) error {
	p, err := readPicture(raw)
	switch {
	case err != nil:
		return err
	case p.instance != c.cfg.Instance:
		return errors.New("configuration.agentARN names another instance, or none")
	case p.username != "" && !strings.EqualFold(p.username, agent):
		return errAnother
	}
	return nil
}

var errAnother = errors.New("it is about another agent than the one whose browser sent it")

func foreign(err error) error { return fmt.Errorf("connect: %w: %w", platform.ErrForeign, err) }
