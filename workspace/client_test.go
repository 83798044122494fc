package workspace_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cordboard/workspace"
)

// frame is one message from the server, with the name that the AsyncAPI document has for it.
type frame struct {
	kind string
	raw  []byte
	told
	response
}

type response struct {
	Message struct {
		Source  string
		ID      string
		Success bool
		Reason  string
		Detail  string
		Agent   string
		Open    []string
	}
}

// page is an agent's own page. Whatever it hears has to be in the document.
type page struct {
	t      *testing.T
	conn   *websocket.Conn
	heard  chan frame
	closed chan websocket.StatusCode
	early  []frame // heard while the answer to an order was awaited
}

// dial opens a socket, as a page of an origin would, if any.
func dial(t *testing.T, url string, origin string, protocols ...string) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	header := http.Header{}
	if origin != "" {
		header.Set("Origin", origin)
	}
	return websocket.Dial(ctx, "ws"+strings.TrimPrefix(url, "http"), &websocket.DialOptions{
		HTTPHeader: header, Subprotocols: append([]string{workspace.Subprotocol}, protocols...),
	})
}

// attend reads from a socket until it is closed.
func attend(t *testing.T, conn *websocket.Conn) *page {
	p := &page{t: t, conn: conn, heard: make(chan frame, 1024), closed: make(chan websocket.StatusCode, 1)}
	d := documented(t)
	conn.SetReadLimit(1 << 20)
	go func() {
		for {
			_, b, err := conn.Read(context.Background())
			if err != nil {
				p.closed <- websocket.CloseStatus(err)
				return
			}
			f := frame{raw: b, kind: d.kindOf(b, append(d.kinds("send"), d.kinds("reply")...))}
			if f.kind == "" {
				t.Errorf("heard what is not in the document: %s", b)
			}
			if err := errors.Join(json.Unmarshal(b, &f.told), json.Unmarshal(b, &f.response)); err != nil {
				t.Errorf("heard %s: %v", b, err)
			}
			p.heard <- f
		}
	}()
	t.Cleanup(p.leave)
	return p
}

func (p *page) leave() { p.conn.CloseNow() }

// page signs an agent in with the first message.
func (s *site) page(agent string) *page {
	s.t.Helper()
	conn, _, err := dial(s.t, s.url+"/v1/workspace", "")
	if err != nil {
		s.t.Fatal(err)
	}
	p := attend(s.t, conn)
	p.say("signIn", envelope("workspace", "session", "SignIn", `{"ticket":"`+s.ticket(agent)+`"}`))
	if f := p.next("signedIn"); f.response.Message.Agent != agent {
		s.t.Errorf("signed in as %s", f.response.Message.Agent)
	}
	return p
}

func envelope(channel, topic, subtopic, message string) string {
	return `{"channel":"` + channel + `","topic":"` + topic + `","subtopic":"` + subtopic + `","message":` + message + `}`
}

// say sends what the document knows under that name; "" is anything.
func (p *page) say(kind, message string) {
	p.t.Helper()
	if kind != "" {
		if err := documented(p.t).judge(kind, []byte(message)); err != nil {
			p.t.Errorf("not what the document calls %s: %v", kind, err)
		}
	}
	p.write(websocket.MessageText, []byte(message))
}

func (p *page) write(kind websocket.MessageType, b []byte) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), limit)
	defer cancel()
	if err := p.conn.Write(ctx, kind, b); err != nil {
		p.t.Errorf("cannot be sent: %v", err)
	}
}

// next is the next message, which must be of one of the kinds.
func (p *page) next(kinds ...string) frame {
	p.t.Helper()
	if len(p.early) > 0 {
		f := p.early[0]
		p.early = p.early[1:]
		if !slices.Contains(kinds, f.kind) {
			p.t.Fatalf("heard %s, want %v: %.400s", f.kind, kinds, f.raw)
		}
		return f
	}
	return p.hear(kinds...)
}

// hear is next for what is still to come.
func (p *page) hear(kinds ...string) frame {
	p.t.Helper()
	select {
	case f := <-p.heard:
		if !slices.Contains(kinds, f.kind) {
			p.t.Fatalf("heard %s, want %v: %.400s", f.kind, kinds, f.raw)
		}
		return f
	case code := <-p.closed:
		p.t.Fatalf("closed with %d, want %v", code, kinds)
	case <-time.After(limit):
		p.t.Fatalf("heard nothing, want %v", kinds)
	}
	return frame{}
}

// wantClosed waits for the end of the socket.
func (p *page) wantClosed(want websocket.StatusCode) {
	p.t.Helper()
	select {
	case code := <-p.closed:
		if code != want {
			p.t.Errorf("closed with %d, want %d", code, want)
		}
	case <-time.After(limit):
		p.t.Fatalf("the socket is still open, want it closed with %d", want)
	}
}

// subscribe subscribes and returns the ids of the open calls.
func (p *page) subscribe(channel, topic, subtopic string) []string {
	p.t.Helper()
	p.say("subscribe", envelope("workspace", "subscription", "Subscribe", `{"channel":"`+channel+`","topic":"`+topic+`","subtopic":"`+subtopic+`"}`))
	return p.next("subscribed").response.Message.Open
}

// events are the next messages' events, until one is of the last.
func (p *page) events(last string) (words []string) {
	p.t.Helper()
	for {
		f := p.next("webexCall")
		words = append(words, f.told.Message.Call.Event)
		if f.told.Message.Call.Event == last {
			return words
		}
	}
}

// await is the message of the next event of that name; those before it are skipped.
func (p *page) await(event string) told {
	p.t.Helper()
	for {
		if f := p.next("webexCall"); f.told.Message.Call.Event == event {
			return f.told
		}
	}
}

// silent fails when something was heard that nobody waited for. The answer to a request comes after everything that was
// told before it.
func (p *page) silent() {
	p.t.Helper()
	p.say("unsubscribe", envelope("workspace", "subscription", "Unsubscribe", `{"channel":"genesys","topic":"inbound"}`))
	p.next("unsubscribed")
}
