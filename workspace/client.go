package workspace

import (
	"context"
	"sync"

	"golang.org/x/time/rate"

	"cordboard/call"
	"cordboard/socket"
)

// client is one page that has signed in.
type client struct {
	workspace *Workspace
	agent     string
	socket    *socket.Socket
	cancel    func() // ends the requests under way

	mu      sync.Mutex
	topics  []topic // subscribed to
	holding bool    // news wait until the present state was told
	held    []news
	seen    map[call.ID]keys // the events that were in the present state of a call's legs when it was told
	waiting []request
	working bool
	workers sync.WaitGroup
}

// news is one message about a call.
type news struct {
	topic   topic
	id      string // of the call, as the message has it
	call    call.ID
	key     string // of the event
	until   keys   // the events of its leg up to it, when it is a present state
	message []byte
}

// keys are those of events, see [call.Event.Key].
type keys map[string]struct{}

// tell sends news to a page that wants them. What was in the present state already is no news.
func (p *client) tell(n news) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.holding {
		if len(p.held) >= maxQueued {
			p.socket.Close(CloseTooSlow, "too many messages wait for this page")
			return
		}
		p.held = append(p.held, n)
		return
	}
	p.tellLocked(n)
}

func (p *client) tellLocked(n news) {
	if !wanted(p.topics, n.topic) {
		return
	}
	if _, old := p.seen[n.call][n.key]; old {
		return
	}
	p.socket.Send(n.message)
	p.workspace.tally.told()
}

// listen reads until the socket ends. What cannot be read is refused and disturbs nothing else.
func (p *client) listen(ctx context.Context) {
	pace := rate.NewLimiter(framesSecond, framesBurst)
	for {
		kind, frame, err := p.socket.Read(context.Background())
		if err != nil {
			return
		}
		r, refused := parse(kind, frame)
		if refused == nil && !p.enqueue(ctx, r) {
			refused = refuse(tooBusy, "too many requests of this page wait for their turn")
		}
		if refused != nil {
			p.refuse(r, refused)
		}
		if err := pace.Wait(ctx); err != nil {
			return
		}
	}
}

func (p *client) refuse(r request, why *refusal) {
	p.workspace.tally.refuse(why.reason)
	p.socket.Send(answerRefusal(r.Envelope, r.body.ID, why))
}

// enqueue lets a request wait for its turn: those of one page are done one after the other. It is false when too many wait.
func (p *client) enqueue(ctx context.Context, r request) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting) >= maxWaiting {
		return false
	}
	p.waiting = append(p.waiting, r)
	if !p.working {
		p.working = true
		p.workers.Go(func() { p.work(ctx) })
	}
	return true
}

// work does requests until none waits.
func (p *client) work(ctx context.Context) {
	for {
		p.mu.Lock()
		if len(p.waiting) == 0 {
			p.working, p.waiting = false, nil
			p.mu.Unlock()
			return
		}
		next := p.waiting[0]
		p.waiting = p.waiting[1:]
		p.mu.Unlock()

		doing, cancel := context.WithTimeout(ctx, orderLimit)
		p.do(doing, next)
		cancel()
	}
}

// do does one request and answers it.
func (p *client) do(ctx context.Context, r request) {
	var done response
	var refused *refusal
	switch r.Subtopic {
	case signIn:
		refused = refuse(unknownCommand, "this page has signed in already")
	case subscribe:
		p.subscribe(ctx, r)
		return
	case unsubscribe:
		refused = p.unsubscribe(r)
	default:
		refused = p.order(ctx, r)
	}
	if refused != nil {
		p.refuse(r, refused)
		return
	}
	done.ID, done.Success = r.body.ID, true
	p.socket.Send(answer(r.Envelope, done))
}

// end waits for the request under way; those that wait are dropped.
func (p *client) end() {
	p.mu.Lock()
	p.waiting = nil
	p.mu.Unlock()
	p.workers.Wait()
	p.socket.End()
}
