package connect

import (
	"context"
	"embed"
	"encoding/json"
	"io/fs"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// The fake CCP: a page that a host embeds with Streams' initCCP, and the socket between that page and the simulator. The page
// speaks the messages of Streams' conduit to its parent (page/ccp.js); what an agent does in it, or the host through Streams,
// comes here as a request. Which agent's CCP it is stands in the address, ?agent=agent1001: the real one has a session cookie.

//go:embed page
var pageFiles embed.FS

func (s *Server) serveCCP(mux *http.ServeMux) {
	files, err := fs.Sub(pageFiles, "page")
	if err != nil { // "page" is a valid path
		panic(err)
	}
	file := func(name string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "no-store")
			http.ServeFileFS(w, r, files, name)
		}
	}
	mux.HandleFunc("GET /ccp-v2/{$}", file("ccp.html"))
	mux.HandleFunc("GET /ccp-v2/ccp.js", file("ccp.js"))
	mux.HandleFunc("GET /ccp-v2/ccp.css", file("ccp.css"))
	mux.HandleFunc("GET /ccp-v2/socket", s.serveSocket)
}

// A ccpPage is one open CCP of an agent.
type ccpPage struct {
	agent *agent
	conn  *websocket.Conn
	end   context.CancelFunc

	mu      sync.Mutex
	waiting [][]byte
	wake    chan struct{}
}

// pageLimit is how many messages wait for one page before it is given up.
const pageLimit = 1000

// pageMessage is what goes over the socket to the page: one of Streams' messages, or an order to the page itself.
type pageMessage struct {
	Event string          `json:"event,omitempty"`
	Data  json.RawMessage `json:"data,omitempty"`
	Sim   string          `json:"sim,omitempty"`
}

func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	a := s.users[r.FormValue("agent")]
	s.mu.Unlock()
	if a == nil {
		http.Error(w, "there is no such agent", http.StatusNotFound)
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return
	}
	conn.SetReadLimit(1 << 20)
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	defer cancel()
	p := &ccpPage{agent: a, conn: conn, end: cancel, wake: make(chan struct{}, 1)}
	if s.admit(p) {
		defer s.life.Leave()
		p.run(ctx, s)
		s.dismiss(p)
	}
	_ = conn.CloseNow()
}

// admit makes a page known and gives it the present state; it is false when the server closes.
func (s *Server) admit(p *ccpPage) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.life.Enter() {
		return false
	}
	p.agent.pages[p] = struct{}{}
	if s.silent[p.agent] {
		p.send(pageMessage{Sim: "silent"})
	}
	p.send(pageMessage{Event: "agent::update", Data: p.agent.update(time.Now().UTC().Truncate(time.Millisecond))})
	s.life.Changed()
	return true
}

func (s *Server) dismiss(p *ccpPage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(p.agent.pages, p)
	s.life.Changed()
}

// run carries messages until the page is gone.
func (p *ccpPage) run(ctx context.Context, s *Server) {
	var writer sync.WaitGroup
	writer.Go(func() { p.write(ctx); p.end() })
	for {
		_, raw, err := p.conn.Read(ctx)
		if err != nil {
			break
		}
		p.hear(s, raw)
	}
	p.end()
	writer.Wait()
}

func (p *ccpPage) write(ctx context.Context) {
	for {
		p.mu.Lock()
		batch := p.waiting
		p.waiting = nil
		p.mu.Unlock()
		for _, body := range batch {
			if p.conn.Write(ctx, websocket.MessageText, body) != nil {
				return
			}
		}
		if len(batch) > 0 {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-p.wake:
		}
	}
}

// send leaves a message for the page. It never waits.
func (p *ccpPage) send(m pageMessage) {
	body, err := json.Marshal(m)
	if err != nil { // the data is JSON already
		panic(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting = append(p.waiting, body); len(p.waiting) > pageLimit {
		p.end()
	}
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// hear is a request of the page: one of the CCP's own methods, or an event for the agent's other pages.
func (p *ccpPage) hear(s *Server, raw []byte) {
	var m struct {
		Request *struct {
			ID     string          `json:"requestId"`
			Method string          `json:"method"`
			Params json.RawMessage `json:"params"`
		} `json:"request"`
		Broadcast *pageMessage `json:"broadcast"`
	}
	if json.Unmarshal(raw, &m) != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.Broadcast != nil {
		for other := range p.agent.pages {
			other.send(pageMessage{Event: m.Broadcast.Event, Data: m.Broadcast.Data})
		}
	}
	if m.Request == nil {
		return
	}
	response := map[string]any{"event": "api_response", "requestId": m.Request.ID, "err": nil, "data": struct{}{}}
	data, err := s.ccpCall(p.agent, m.Request.Method, m.Request.Params)
	switch {
	case err != nil:
		response["err"] = map[string]any{"type": "BadRequestException", "message": err.Error(), "stack": []string{}, "status": 400}
		response["data"] = map[string]string{"message": err.Error()}
	case data != nil:
		response["data"] = data
	}
	body, err := json.Marshal(response)
	if err != nil { // plain values
		panic(err)
	}
	p.send(pageMessage{Event: "api_response", Data: body})
}

// push sends the agent's present state to every open page.
func (s *Server) push(a *agent, at time.Time) {
	if a.frozen || len(a.pages) == 0 && s.heard == nil {
		return
	}
	data := a.update(at)
	s.tap(Streams, a.username, data)
	for p := range a.pages {
		p.send(pageMessage{Event: "agent::update", Data: data})
	}
}
