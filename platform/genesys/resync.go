package genesys

import (
	"context"
	"cordboard/platform"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	pathDetails = "/api/v2/analytics/conversations/details/query"
	// farthest is how far back is looked for calls that began and ended while nobody listened.
	farthest = 10 * time.Minute
	// oldest is how far back is looked for calls that still go on.
	oldest    = 24 * time.Hour
	mostPages = 20
	atOnce    = 4 // conversations that are read side by side
)

// resync reads what the line may have missed: the conversations that are known to go on, and those that the org says its
// agents are in, or were in since it heard everything. It returns once all of it is durable.
func (l *line) resync(ctx context.Context, since time.Time) error {
	ids := l.live.of(l.agents)
	found, err := l.roster.ask(ctx, l.run, since)
	if err != nil && ctx.Err() == nil {
		l.log.Warn("genesys does not say which conversations go on: those that began in a gap are heard of late", "connection", l.cfg.Name, "error", err)
	}
	for id, users := range found {
		if slices.ContainsFunc(users, func(u string) bool { return l.agents[u] }) && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return l.read(ctx, ids)
}

// read reads conversations and passes them on. What cannot be read now is tried again until ctx ends.
func (r *run) read(ctx context.Context, ids []string) error {
	for failures := 0; len(ids) > 0; failures++ {
		if failures > 0 && !platform.Pause(ctx, r.backoff(failures)) {
			return ctx.Err()
		}
		ids = r.readOnce(ctx, ids)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// readOnce tries every conversation once and returns those that could not be read.
func (r *run) readOnce(ctx context.Context, ids []string) (left []string) {
	var mu sync.Mutex
	var readers sync.WaitGroup
	next := make(chan string)
	for range min(atOnce, len(ids)) {
		readers.Go(func() {
			for id := range next {
				if err := r.readOne(ctx, id); err != nil {
					r.log.Debug("conversation not read", "connection", r.cfg.Name, "error", err)
					mu.Lock()
					left = append(left, id)
					mu.Unlock()
				}
			}
		})
	}
	for _, id := range ids {
		next <- id
	}
	close(next)
	readers.Wait()
	return left
}

// readOne reads a conversation. That there is none any more is an answer, too; one that may not be read is left alone.
func (r *run) readOne(ctx context.Context, id string) error {
	path := pathConversations + "/" + id
	answer, err := r.rest.get(ctx, idle, path)
	switch {
	case errors.Is(err, errDenied):
		r.log.Warn("a conversation may not be read", "connection", r.cfg.Name, "error", err)
		return nil
	case errors.Is(err, errMissing):
		answer = []byte(`{"status":404,"code":"not.found"}`)
	case err != nil:
		return err
	}
	m := r.message(sourceREST)
	m.Node = path
	return r.pump.Settle(ctx, platform.Heard{Message: m, Raw: answer})
}

// sweep asks about conversations that nothing has been heard of for long: a message may have been lost on the way, and
// EventBridge does not tell the end of a call that has no after-call work.
func (r *run) sweep(ctx context.Context) {
	tick := time.NewTicker(r.pace.sweep)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := time.Now()
		r.live.tidy(now)
		r.readOnce(ctx, r.live.silent(now, r.pace.silent, 20))
	}
}

// roster asks the org which conversations go on. Lines that were lost together ask together.
type roster struct {
	lock  chan struct{}
	asked time.Time // when the answer was asked for
	since time.Time // what it covers
	found map[string][]string
}

func newRoster() *roster { return &roster{lock: make(chan struct{}, 1)} }

// ask returns the users of each conversation that goes on, or that went on after since, if that is not long ago.
func (o *roster) ask(ctx context.Context, r *run, since time.Time) (map[string][]string, error) {
	now := time.Now()
	select {
	case o.lock <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-o.lock }()
	covered := since.IsZero() || !o.since.IsZero() && !since.Before(o.since)
	if o.asked.After(now) && covered {
		return o.found, nil
	}
	asked := time.Now()
	found := map[string][]string{}
	err := r.query(ctx, found, asked.Add(-oldest), asked, true)
	if err == nil && !since.IsZero() {
		since = since.Add(-time.Second)
		if earliest := asked.Add(-farthest); since.Before(earliest) {
			since = earliest
		}
		err = r.query(ctx, found, since, asked, false)
	}
	if err != nil {
		return found, err
	}
	o.asked, o.since, o.found = asked, since, found
	return found, nil
}

// query asks for the details of conversations ("Analytics Conversation Detail Query"): of those that have not ended, or of
// all within an interval.
func (r *run) query(ctx context.Context, found map[string][]string, from, to time.Time, going bool) error {
	type predicate struct {
		Type      string `json:"type"`
		Dimension string `json:"dimension"`
		Operator  string `json:"operator"`
		Value     string `json:"value,omitempty"`
	}
	type filter struct {
		Type       string      `json:"type"`
		Predicates []predicate `json:"predicates"`
	}
	const layout = "2006-01-02T15:04:05.000Z"
	for page := 1; page <= mostPages; page++ {
		body := map[string]any{
			"interval": from.UTC().Format(layout) + "/" + to.UTC().Format(layout),
			"order":    "desc", "orderBy": "conversationStart",
			"paging":         map[string]int{"pageSize": 100, "pageNumber": page},
			"segmentFilters": []filter{{"and", []predicate{{"dimension", "purpose", "matches", "agent"}}}, {"or", []predicate{{"dimension", "mediaType", "matches", "voice"}, {"dimension", "mediaType", "matches", "callback"}}}},
		}
		if going {
			body["conversationFilters"] = []filter{{"and", []predicate{{"dimension", "conversationEnd", "notExists", ""}}}}
		}
		answer, err := r.rest.do(ctx, idle, http.MethodPost, pathDetails, body)
		if err != nil {
			return err
		}
		n, err := readRoster(answer, found)
		if err != nil || n < 100 {
			return err
		}
	}
	return nil
}

// readRoster adds the users of each conversation of an answer, and returns how many conversations it holds.
func readRoster(answer []byte, found map[string][]string) (int, error) {
	var list struct {
		Conversations []struct {
			ID           string `json:"conversationId"`
			Participants []struct {
				User string `json:"userId"`
			} `json:"participants"`
		} `json:"conversations"`
	}
	if err := json.Unmarshal(answer, &list); err != nil {
		return 0, fmt.Errorf("genesys REST: %s: %w", resource(pathDetails), err)
	}
	for _, c := range list.Conversations {
		for _, p := range c.Participants {
			if p.User != "" && !slices.Contains(found[c.ID], p.User) {
				found[c.ID] = append(found[c.ID], p.User)
			}
		}
	}
	return len(list.Conversations), nil
}
