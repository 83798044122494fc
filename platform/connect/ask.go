package connect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"cordboard/platform"
)

const (
	burst      = 5    // requests of an operation at once ("Amazon Connect service quotas")
	mostAsked  = 2000 // questions that wait; what does not find room is not asked
	doubtsMost = 100  // agents of one question (GetCurrentUserData)
)

// asker asks the REST API what the decoder wants to know, each operation within its own quota, and hands it the answers; a
// question that brings none is answered with nothing, so that nobody waits for it. A nil asker asks nothing.
type asker struct {
	*run
	rest *api

	mu      sync.Mutex
	waiting map[string]chan string // by operation
	refused map[string]bool
}

// asked are the operations about one thing.
var asked = []string{describeContact, describeCampaign, describeUser, currentUserData}

func newAsker(r *run) *asker {
	a := &asker{run: r, rest: newAPI(r.Connector), waiting: map[string]chan string{}, refused: map[string]bool{}}
	for _, op := range asked {
		a.waiting[op] = make(chan string, mostAsked)
	}
	return a
}

// keep asks until ctx ends; named is closed when the users' names are known, or cannot be had.
func (a *asker) keep(ctx context.Context, named chan<- struct{}) {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() {
		defer close(named)
		a.listUsers(ctx)
	})
	for op, questions := range a.waiting {
		limit := a.limiter()
		for range burst {
			all.Go(func() {
				for {
					select {
					case what := <-questions:
						a.ask(ctx, limit, op, what)
					case <-ctx.Done():
						return
					}
				}
			})
		}
	}
}

func (a *asker) limiter() *rate.Limiter {
	return rate.NewLimiter(rate.Limit(a.cfg.RequestsPerSecond), burst)
}

// want notes questions, as the nodes of their answers. It does not wait.
func (a *asker) want(nodes []string) {
	if a == nil {
		return
	}
	for _, node := range nodes {
		op, _, _ := strings.Cut(node, "/")
		select {
		case a.waiting[op] <- node:
		default:
		}
	}
}

// doubt asks what agents have now.
func (a *asker) doubt(agents []string) {
	for a != nil && len(agents) > 0 {
		n := min(len(agents), doubtsMost)
		a.want([]string{currentUserData + "/" + strings.Join(agents[:n], ",")})
		agents = agents[n:]
	}
}

// ask asks one question, again while the API is busy, and hands on the answer.
func (a *asker) ask(ctx context.Context, limit *rate.Limiter, op, node string) {
	_, about, _ := strings.Cut(node, "/")
	for failures := 1; ; failures++ {
		if limit.Wait(ctx) != nil {
			return
		}
		answer, err := a.rest.get(ctx, op, about)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			a.answer(ctx, node, answer)
			return
		case errors.Is(err, errBusy) && failures < 5:
			if !platform.Pause(ctx, a.backoff(failures, err)) {
				return
			}
			continue
		}
		a.note(op, err)
		a.answer(ctx, node, []byte("{}"))
		return
	}
}

func (a *asker) answer(ctx context.Context, node string, answer []byte) {
	m := a.message(SourceREST, answer)
	m.Node = node
	a.deliver(ctx, heard{m: m})
}

// note says once that an operation is refused.
func (a *asker) note(op string, err error) {
	a.mu.Lock()
	known := a.refused[op]
	a.refused[op] = true
	a.mu.Unlock()
	switch {
	case !errors.Is(err, platform.ErrRefused):
		a.log.Debug("not answered", "connection", a.cfg.Name, "error", err)
	case !known:
		a.log.Warn("the instance refuses a question: what it would tell is not known", "connection", a.cfg.Name, "operation", op, "error", err)
		a.tally.lacks(op)
	}
}

// listUsers tells the decoder the names of all users.
func (a *asker) listUsers(ctx context.Context) {
	limit, next := a.limiter(), ""
	for failures := 0; ; {
		if limit.Wait(ctx) != nil {
			return
		}
		answer, err := a.rest.users(ctx, next)
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, errBusy) || err != nil && !errors.Is(err, platform.ErrRefused):
			if failures++; failures == 1 {
				a.log.Debug("users are not known yet", "connection", a.cfg.Name, "error", err)
			}
			if !platform.Pause(ctx, a.backoff(failures, err)) {
				return
			}
			continue
		case err != nil:
			a.note(listUsers, err)
			return
		}
		m := a.message(SourceREST, answer)
		m.Node = listUsers
		if a.settle(ctx, m) != nil {
			return
		}
		var page struct{ NextToken string }
		if json.Unmarshal(answer, &page) != nil || page.NextToken == "" || page.NextToken == next {
			return
		}
		next = page.NextToken
	}
}

// errBusy says that the API limits us, or is in trouble: it is asked again a little later.
var errBusy = errors.New("the instance is busy")

// question is the request of an operation.
type question struct {
	method, service, path string
	body                  any
}

func (c *Config) question(op, about string) (q question, err error) {
	instance := c.instanceID()
	switch op {
	case describeContact:
		q = question{"GET", "connect", "/contacts/" + instance + "/" + about, nil}
	case describeUser:
		q = question{"GET", "connect", "/users/" + instance + "/" + about, nil}
	case describeCampaign:
		q = question{"GET", "connect-campaigns", "/v2/campaigns/" + about, nil}
	case currentUserData:
		q = question{"POST", "connect", "/metrics/userdata/" + instance, map[string]any{
			"Filters": map[string]any{"Agents": strings.Split(about, ",")}, "MaxResults": doubtsMost,
		}}
	default:
		err = fmt.Errorf("there is no operation %s", op)
	}
	return q, err
}

// questionTime bounds one request.
const questionTime = 10 * time.Second
