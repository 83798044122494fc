package genesys

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"cordboard/platform"
)

const pathUsers = "/api/v2/users"

// agents are the users whose calls are listened to: those of the configuration, or all active ones of the org.
func (r *run) agents(ctx context.Context) ([]string, error) {
	if len(r.cfg.Agents) > 0 {
		return r.cfg.Agents, nil
	}
	users := map[string]bool{}
	err := r.rest.pages(ctx, urgent, pathUsers+"?state=active", func(_ string, answer []byte) error {
		var page struct {
			Entities []struct {
				ID string `json:"id"`
			} `json:"entities"`
		}
		if err := json.Unmarshal(answer, &page); err != nil {
			return fmt.Errorf("genesys REST: users: %w", err)
		}
		for _, u := range page.Entities {
			users[u.ID] = true
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, refused(err)
	case len(users) == 0:
		return nil, fmt.Errorf("%w: the org shows no active user", platform.ErrRefused)
	case len(users) > maxChannels*maxTopics:
		return nil, fmt.Errorf("%w: the org has %d active users, %d at most can be listened to: list the agents", platform.ErrRefused, len(users), maxChannels*maxTopics)
	}
	return slices.Sorted(maps.Keys(users)), nil
}

// names keeps the decoder told of what ids mean: campaigns with their dialing modes, queues, wrap-up codes.
type names struct {
	*run
	mu     sync.Mutex
	wanted map[string]time.Time // campaigns that came up: when each was asked for last
	ask    chan string
}

func newNames(r *run) *names {
	return &names{run: r, wanted: map[string]time.Time{}, ask: make(chan string, 64)}
}

// load reads a list and passes it on. That it may not be read is said once and borne: ids stand for themselves, and a
// dialer's calls have a mode only when the dialer tells it.
func (n *names) load(ctx context.Context, path string) error {
	err := n.rest.pages(ctx, idle, path, func(at string, answer []byte) error {
		n.pass(ctx, at, answer)
		return nil
	})
	if errors.Is(err, errDenied) || errors.Is(err, errMissing) {
		n.log.Warn("genesys does not show a list of names", "connection", n.cfg.Name, "error", err)
		return nil
	}
	return refused(err)
}

func (n *names) pass(ctx context.Context, path string, answer []byte) {
	m := n.message(sourceREST)
	m.Node = path
	n.pump.Take(ctx, platform.Heard{Message: m, Raw: answer})
}

// again is how long the org is not asked for the same campaign again.
const again = time.Minute

// want asks for campaigns that nothing is known of. It never blocks.
func (n *names) want(campaigns []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, id := range campaigns {
		if time.Since(n.wanted[id]) < again {
			continue
		}
		select {
		case n.ask <- id:
			n.wanted[id] = time.Now()
		default:
		}
	}
}

// loadAll reads the names that calls can do without for a while, and returns the lists that could not be read.
func (n *names) loadAll(ctx context.Context) (left []string) {
	for _, path := range []string{pathQueues, pathWrapups} {
		if err := n.load(ctx, path); err != nil {
			n.log.Debug("names not read yet", "connection", n.cfg.Name, "error", err)
			left = append(left, path)
		}
	}
	return left
}

// keep reads the lists that are left, and the campaigns that come up, until ctx ends.
func (n *names) keep(ctx context.Context, left []string) {
	var lists sync.WaitGroup
	defer lists.Wait()
	for _, path := range left {
		lists.Go(func() {
			for failures := 0; platform.Pause(ctx, n.backoff(failures)) && n.load(ctx, path) != nil; failures++ {
			}
		})
	}
	for {
		select {
		case <-ctx.Done():
			return
		case id := <-n.ask:
			path := pathCampaigns + "/" + id
			answer, err := n.rest.get(ctx, urgent, path)
			if err != nil {
				n.log.Debug("campaign not read", "connection", n.cfg.Name, "error", err)
				continue
			}
			n.pass(ctx, path, answer)
		}
	}
}
