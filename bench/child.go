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

// child is a process of the measurement: a server, or a floor of desks. It answers questions and ends when its input does,
// at the latest with ours.
type child struct {
	name  string
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines *bufio.Reader
}

func startChild(name string, cmd *exec.Cmd, stderr io.Writer) (*child, error) {
	c := &child{name: name, cmd: cmd}
	c.cmd.Stderr = stderr
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	c.lines = bufio.NewReader(out)
	if err := c.cmd.Start(); err != nil {
		return nil, c.failed(err)
	}
	return c, nil
}

func (c *child) failed(err error) error { return fmt.Errorf("bench: %s: %w", c.name, err) }

// tell sends one line.
func (c *child) tell(line string) error {
	if _, err := io.WriteString(c.in, line+"\n"); err != nil {
		return c.failed(err)
	}
	return nil
}

// ask asks one question and reads its answer.
func (c *child) ask(question string, answer any) error {
	if err := c.tell(question); err != nil {
		return err
	}
	return c.read(answer)
}

func (c *child) read(answer any) error {
	line, err := c.lines.ReadBytes('\n')
	if err != nil {
		return c.failed(fmt.Errorf("it does not answer: %w", err))
	}
	return json.Unmarshal(line, answer)
}

// stop ends the process in order, and kills it when that takes too long.
func (c *child) stop() error {
	c.in.Close()
	late := time.AfterFunc(20*time.Second, func() { c.cmd.Process.Kill() })
	defer late.Stop()
	if err := c.cmd.Wait(); err != nil {
		return c.failed(err)
	}
	return nil
}

// serverChild is a server process with the address that it told.
type serverChild struct {
	*child
	url string
}

// startServer starts a server process and waits until it has an address.
func startServer(cmd *exec.Cmd, stderr io.Writer) (*serverChild, error) {
	c, err := startChild("the server process", cmd, stderr)
	if err != nil {
		return nil, err
	}
	var h hello
	if err := c.read(&h); err != nil {
		return nil, errors.Join(err, c.stop())
	}
	return &serverChild{c, h.URL}, nil
}
