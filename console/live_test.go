package console_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"cordboard/call"
)

// stream is one open page's stream.
type stream struct {
	t     *testing.T
	lines *bufio.Scanner
}

func (o *office) listen(t *testing.T) (*stream, func()) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, o.server.URL+"/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := o.server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	if got := answer.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("the stream is %s", got)
	}
	return &stream{t, bufio.NewScanner(answer.Body)}, cancel
}

// next returns the next event's name and data; "" when the stream has ended.
func (s *stream) next() (name, data string) {
	for s.lines.Scan() {
		switch line := s.lines.Text(); {
		case strings.HasPrefix(line, "event: "):
			name = line[7:]
		case strings.HasPrefix(line, "data: "):
			data = line[6:]
		case line == "" && name != "":
			return name, data
		}
	}
	return "", ""
}

func (s *stream) want(name, data string) {
	s.t.Helper()
	if n, d := s.next(); n != name || d != data {
		s.t.Errorf("the stream says %q %q, want %q %q", n, d, name, data)
	}
}

func TestStreamNamesWhatChanged(t *testing.T) {
	o := newOffice(t)
	s, _ := o.listen(t)
	s.want("hello", "{}")
	o.accept(told("9001", "1001001", customer, begun())[:1]...)
	id := o.id("9001")
	s.want("calls", id)
	o.leave()
	for {
		name, data := s.next()
		if name == "" {
			break // ended with Run
		}
		if data != id {
			t.Errorf("the stream says %q %q", name, data)
		}
	}
	late, _ := o.listen(t)
	late.want("hello", "{}")
	late.want("", "")
}

// A reader who does not read costs nothing: what it has missed comes as one word.
func TestSlowStreamIsToldOnce(t *testing.T) {
	o := newOffice(t)
	s, _ := o.listen(t)
	s.want("hello", "{}")
	var events []call.Event
	for i := range 200 {
		events = append(events, told(fmt.Sprint("m", i), "1001001", "", begun())[0])
	}
	o.accept(events...) // one change
	messages, last := 0, ""
	for last != "*" {
		name, data := s.next()
		if name == "" {
			t.Fatal("the stream ended before it said that much has changed")
		}
		messages, last = messages+1, data
	}
	if messages > 100 {
		t.Errorf("%d messages for 200 changes", messages)
	}
}

func TestStreamEndsWithThePage(t *testing.T) {
	o := newOffice(t)
	s, leave := o.listen(t)
	s.want("hello", "{}")
	leave()
	if name, data := s.next(); name != "" {
		t.Errorf("the stream says %q %q to nobody", name, data)
	}
	done := make(chan struct{})
	go func() { o.server.CloseClientConnections(); o.server.Close(); close(done) }()
	select {
	case <-done:
	case <-time.After(limit):
		t.Fatal("the stream's handler stays when its page has gone")
	}
}
