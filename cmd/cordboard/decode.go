package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"cordboard/call"
	"cordboard/catalog"
	"cordboard/platform"
	"cordboard/server"
)

type decodeCmd struct {
	Platform string `arg:"" help:"Whose messages: cisco, connect-hvoc, connect-tethered, genesys or webex."`
	File     string `arg:"" help:"The trace, one JSON object a line; - for standard input."`
}

// decoded is one event as decode prints it, in the catalog's words.
type decoded struct {
	Call     call.ID    `json:"call"`
	Leg      call.Role  `json:"leg"`
	Agent    string     `json:"agent"`
	Mode     call.Mode  `json:"mode"`
	CallType string     `json:"call_type"`
	Event    string     `json:"event"`
	Phase    call.Phase `json:"phase"`
	ID       string     `json:"id"`
	At       time.Time  `json:"at"`
}

func (c decodeCmd) Run(io streams) error {
	in, closeIn, err := openTrace(c.File, io.in)
	if err != nil {
		return err
	}
	defer closeIn()
	out := bufio.NewWriter(io.out)
	defer out.Flush()
	bad := 0
	err = decodeTrace(call.Platform(c.Platform), in, func(ev *call.Event) error {
		if ev.DataOnly() {
			return nil
		}
		b, err := json.Marshal(decoded{ev.Call, ev.Role, ev.Agent, ev.Mode, ev.CallType, ev.Name, ev.Phase, ev.ID, ev.At})
		if err != nil {
			return err
		}
		_, err = out.Write(append(b, '\n'))
		return err
	}, func(line int, err error) {
		bad++
		fmt.Fprintf(io.err, "%s:%d: %v\n", c.File, line, err)
	})
	if err != nil {
		return err
	}
	if bad > 0 {
		fmt.Fprintf(io.err, "%d messages could not be decoded\n", bad)
		return errFindings
	}
	return nil
}

// decodeTrace passes on every event of a trace with its call and phase, as the server would see it. A message that
// cannot be decoded is told to bad, and the rest goes on.
func decodeTrace(p call.Platform, in io.Reader, each func(*call.Event) error, bad func(line int, err error)) error {
	d := server.Decoder(p)
	if d == nil {
		return fmt.Errorf("this release cannot decode %q; it can: cisco, connect-hvoc, connect-tethered, genesys, webex", p)
	}
	index := call.NewIndex()
	pass := func(events []call.Event) error {
		for i := range events {
			ev := &events[i]
			index.Resolve(ev)
			server.SetPhase(catalog.Default(), ev)
			if err := each(ev); err != nil {
				return err
			}
		}
		return nil
	}
	err := platform.ReadTraceOn(in, func(line int, m platform.Message) error {
		if m.Connection == "" {
			m.Connection = string(p)
		}
		if err := pass(d.Flush(m.At)); err != nil {
			return err
		}
		events, err := d.Decode(m)
		if err != nil {
			bad(line, err)
		}
		return pass(events)
	}, func(line int, err error) error {
		bad(line, fmt.Errorf("not a message of a trace: %w", err))
		return nil
	})
	if err != nil {
		return err
	}
	return pass(d.Flush(time.Time{}))
}

func openTrace(file string, stdin io.Reader) (io.Reader, func() error, error) {
	if file == "-" {
		return stdin, func() error { return nil }, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, nil, err
	}
	return f, f.Close, nil
}

// writeFile writes a file completely or reports why not.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
