package bench

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// stub answers every request with 200 and notes which job it was about. Like the clients it speaks just enough HTTP.
type stub struct {
	tallies [1 << 16]atomic.Pointer[tally] // of jobs, by their numbers
}

const tallySize = 1 << 12

type tally [tallySize]atomic.Int32

func (s *stub) at(n int64) *atomic.Int32 {
	slot := &s.tallies[n/tallySize%int64(len(s.tallies))]
	p := slot.Load()
	for p == nil {
		slot.CompareAndSwap(nil, new(tally))
		p = slot.Load()
	}
	return &p[n%tallySize]
}

// times is how often the stub was asked about a job.
func (s *stub) times(n int64) int32 { return s.at(n).Load() }

// judge counts the jobs that were not asked about, and those that were more than once.
func (s *stub) judge(jobs int64) (missing, twice int64) {
	for n := int64(1); n <= jobs; n++ {
		switch times := s.times(n); {
		case times == 0:
			missing++
		case times > 1:
			twice++
		}
	}
	return missing, twice
}

// serve answers until the returned func is called.
func (s *stub) serve(listen net.Listener) (stop func()) {
	var conns sync.WaitGroup
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	conns.Go(func() {
		for {
			conn, err := listen.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[conn] = true
			mu.Unlock()
			conns.Go(func() {
				s.answer(conn)
				conn.Close()
				mu.Lock()
				delete(open, conn)
				mu.Unlock()
			})
		}
	})
	return func() {
		listen.Close()
		mu.Lock()
		for conn := range open {
			conn.Close()
		}
		mu.Unlock()
		conns.Wait()
	}
}

var stubAnswer = []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"ok\":true}")

func (s *stub) answer(conn net.Conn) {
	r := bufio.NewReader(conn)
	for {
		_, body, err := readMessage(r)
		if err != nil {
			return
		}
		_, rest, _ := bytes.Cut(body, []byte(`"job":"`))
		digits, _, _ := bytes.Cut(rest, []byte(`"`))
		if n, err := strconv.ParseInt(string(digits), 10, 64); err == nil {
			s.at(n).Add(1)
		}
		if _, err := conn.Write(stubAnswer); err != nil {
			return
		}
	}
}

var errLong = errors.New("a message is too long, or has no length")

// readMessage reads one HTTP/1.1 message whose length is told. What it returns is good until the next call.
func readMessage(r *bufio.Reader) (first string, body []byte, err error) {
	length := 0
	for line := 0; ; line++ {
		text, err := r.ReadSlice('\n')
		if err != nil {
			return "", nil, err
		}
		text = bytes.TrimRight(text, "\r\n")
		if line == 0 {
			first = string(text)
			continue
		}
		if len(text) == 0 {
			break
		}
		name, value, _ := bytes.Cut(text, []byte(":"))
		if len(name) == len("content-length") && strings.EqualFold(string(name), "content-length") {
			if length, err = strconv.Atoi(strings.TrimSpace(string(value))); err != nil {
				return "", nil, errLong
			}
		}
	}
	if length > r.Size() {
		return "", nil, errLong
	}
	if body, err = r.Peek(length); err != nil {
		return "", nil, err
	}
	_, err = r.Discard(length)
	return first, body, err
}

// readAnswer reads one answer.
func readAnswer(r *bufio.Reader) (status int, body []byte, err error) {
	first, body, err := readMessage(r)
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return 0, nil, err
	}
	code, _, _ := strings.Cut(strings.TrimPrefix(first, "HTTP/1.1 "), " ")
	if status, err = strconv.Atoi(code); err != nil {
		return 0, nil, fmt.Errorf("%q is no answer", first)
	}
	return status, body, nil
}
