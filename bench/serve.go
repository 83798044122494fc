package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"sync"
	"time"

	"cordboard/call"
	"cordboard/engine"
	"cordboard/server"
)

// The questions that the server process answers, one a line on its standard input; each answer is one line of JSON.
// The end of its input ends it.
const (
	askBegin   = "begin"   // usage; starts the profile
	askEnd     = "end"     // usage; ends it
	askCounts  = "counts"  // engine.Counts of the journal
	askSamples = "samples" // []sample, all since the start
)

// hello is the first line that the server process prints.
type hello struct {
	URL string `json:"url"`
}

// usage is what the server process has used and done since its start.
type usage struct {
	At      time.Time     `json:"at"`
	CPU     time.Duration `json:"cpu"`
	RSS     int64         `json:"rss"`
	Written int64         `json:"written"` // bytes, towards the disk
	Events  int64         `json:"events"`
	Doubles int64         `json:"doubles"`
	Commits int64         `json:"commits"`
}

// sample is one event that became durable.
type sample struct {
	Ref      string `json:"r"` // the dialog
	Type     string `json:"t"`
	Name     string `json:"n"`
	Received int64  `json:"h"` // nanoseconds since 1970; there are hundreds of thousands of samples
	Accepted int64  `json:"a"` // likewise
}

// served is the server under test with what is noted about it.
type served struct {
	server  *server.Server
	profile string
	file    *os.File // of the profile while it is taken

	mu      sync.Mutex
	samples []sample
}

// Serve is the server process: it runs a server on a configuration file and answers questions on in until in or ctx
// ends. With a profile it writes a processor profile of the measured time to that file, and to the same name one of the
// memory at its end with .heap and a trace of the second after it with .trace.
func Serve(ctx context.Context, config, profile string, in io.Reader, out io.Writer, log *slog.Logger) error {
	server.TuneMemory()
	cfg, problems := server.LoadConfig(config)
	if err := problems.Err(); err != nil {
		return err
	}
	s := &served{profile: profile}
	var err error
	if s.server, err = server.New(ctx, cfg, server.Options{Log: log, Version: "bench", Accepted: s.accepted}); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- s.server.Run(ctx) }()
	answers := json.NewEncoder(out)
	asked := make(chan error, 1)
	go func() {
		defer cancel()
		asked <- s.answer(ctx, in, answers)
	}()
	err = <-ended
	if closer, ok := in.(io.Closer); ok {
		closer.Close() // the answering goroutine waits for a question
	}
	return errors.Join(err, <-asked)
}

// accepted notes events that became durable.
func (s *served) accepted(events []call.Event) {
	now := time.Now().UnixNano()
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range events {
		if e := &events[i]; !e.DataOnly() {
			s.samples = append(s.samples, sample{e.Ref, e.CallType, e.Name, e.Received.UnixNano(), now})
		}
	}
}

func (s *served) answer(ctx context.Context, in io.Reader, out *json.Encoder) error {
	if err := out.Encode(hello{s.server.URL()}); err != nil {
		return err
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		answer, err := s.ask(ctx, lines.Text())
		if err == nil {
			err = out.Encode(answer)
		}
		if err != nil {
			return err
		}
	}
	return nil // the measuring process has what it wants, or is gone
}

func (s *served) ask(ctx context.Context, question string) (any, error) {
	switch question {
	case askBegin:
		if s.profile != "" {
			var err error
			if s.file, err = os.Create(s.profile); err != nil {
				return nil, err
			}
			if err := pprof.StartCPUProfile(s.file); err != nil {
				return nil, err
			}
		}
		return usageOf(s.server.Engine().Stats()), nil
	case askEnd:
		u := usageOf(s.server.Engine().Stats())
		if s.file != nil {
			pprof.StopCPUProfile()
			if err := errors.Join(s.file.Close(), writeTrace(s.profile+".trace"), writeHeap(s.profile+".heap")); err != nil {
				return nil, err
			}
		}
		return u, nil
	case askCounts:
		return s.server.Journal().Counts(ctx)
	case askSamples:
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.samples, nil
	}
	return nil, fmt.Errorf("bench: nobody answers %q", question)
}

// writeTrace writes what happens in the next second to a file: the load goes on for a while after it was measured.
func writeTrace(file string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := trace.Start(f); err != nil {
		return errors.Join(err, f.Close())
	}
	time.Sleep(time.Second)
	trace.Stop()
	return f.Close()
}

// writeHeap writes what is in memory, and what was ever allocated, to a file.
func writeHeap(file string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	runtime.GC() // the profile is that of the last collection
	return errors.Join(pprof.WriteHeapProfile(f), f.Close())
}

func usageOf(st engine.Stats) usage {
	u := usageNow()
	u.Events, u.Doubles, u.Commits = st.Events, st.Doubles, st.Groups
	return u
}

// usageNow is what this process has used.
func usageNow() usage {
	cpu, rss := consumed()
	return usage{At: time.Now(), CPU: cpu, RSS: rss, Written: written()}
}
