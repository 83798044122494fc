package bench

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"
)

// child is the server process.
type child struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines *bufio.Reader
	url   string
}

// startChild starts the server process and waits until it has an address. The process ends when its input does, at the
// latest with ours.
func startChild(o Options, config string) (*child, error) {
	c := &child{cmd: o.Server(config, o.Profile)}
	c.cmd.Stderr = o.Stderr
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	c.lines = bufio.NewReader(out)
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("bench: the server process: %w", err)
	}
	var h hello
	if err := c.read(&h); err != nil {
		return nil, errors.Join(err, c.stop())
	}
	c.url = h.URL
	return c, nil
}

// ask asks one question and reads its answer.
func (c *child) ask(question string, answer any) error {
	if _, err := io.WriteString(c.in, question+"\n"); err != nil {
		return fmt.Errorf("bench: asking the server process: %w", err)
	}
	return c.read(answer)
}

func (c *child) read(answer any) error {
	line, err := c.lines.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("bench: the server process does not answer: %w", err)
	}
	return json.Unmarshal(line, answer)
}

// stop ends the process in order, and kills it when that takes too long.
func (c *child) stop() error {
	c.in.Close()
	late := time.AfterFunc(20*time.Second, func() { c.cmd.Process.Kill() })
	defer late.Stop()
	if err := c.cmd.Wait(); err != nil {
		return fmt.Errorf("bench: the server process: %w", err)
	}
	return nil
}
