// Package strangers runs Cisco's own code against the Webex simulator: the
// services of its web SDK, @webex/contact-center, as an agent's client. What its
// TaskManager makes of the messages, and which messages its orders take for
// their success, is not our reading of the documents.
//
// The package is fetched by npm for the test and never part of ours. Its
// browser parts, with about 1,100 packages behind them, are replaced by the
// folder nothing: see "overrides" in package.json.
package strangers

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"testing"

	"go.uber.org/goleak"

	"cordboard/sim/stage/stagetest"
	"cordboard/sim/webex"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// line is what the client prints.
type line struct {
	Welcome, Error, Event, ID, State, Back string
	Done, Refused                          string
	Answer                                 any
}

// stranger is one agent whose client is Cisco's code.
type stranger struct {
	t     *testing.T
	id    string
	in    io.Writer
	lines *bufio.Scanner
	heard []line // events since they were last asked for
}

func start(t *testing.T, cfg webex.Config) *webex.Server {
	t.Helper()
	s := webex.New(cfg)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	stagetest.Run(t, s)
	return s
}

// enlist starts Cisco's code for the n-th agent and waits for its welcome.
func enlist(t *testing.T, s *webex.Server, n int) *stranger {
	t.Helper()
	stagetest.Install(t, ".", "@webex/contact-center")
	a := s.Ready()["agents"].([]webex.AgentToken)[n]
	client := stagetest.StartNode(t, ".", []string{"URL=" + s.URL(), "TOKEN=" + token(t, s, a.RefreshToken), "AGENT=" + a.ID}, "agent.js")
	c := &stranger{t: t, id: a.ID, in: client.In, lines: client.Lines}
	if l := c.next(); l.Welcome != a.ID {
		t.Fatalf("first line: %+v", l)
	}
	return c
}

func token(t *testing.T, s *webex.Server, refresh string) string {
	t.Helper()
	ready := s.Ready()
	resp, err := http.PostForm(ready["token_url"].(string), url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh},
		"client_id": {ready["client_id"].(string)}, "client_secret": {ready["client_secret"].(string)}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var body struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil || body.AccessToken == "" {
		t.Fatalf("token: %d %v", resp.StatusCode, err)
	}
	return body.AccessToken
}

// next is the next line; an exception in Cisco's code fails the test.
func (c *stranger) next() line {
	c.t.Helper()
	if !c.lines.Scan() {
		c.t.Fatalf("the client ended: %v", c.lines.Err())
	}
	var l line
	if err := json.Unmarshal(c.lines.Bytes(), &l); err != nil {
		c.t.Fatalf("%v in %s", err, c.lines.Text())
	}
	if l.Error != "" {
		c.t.Fatalf("exception in Cisco's code: %s", l.Error)
	}
	return l
}

// order lets Cisco's code order something and returns the type of the message
// that it took for the answer.
func (c *stranger) order(name string, args any) line {
	c.t.Helper()
	raw, err := json.Marshal(map[string]any{"name": name, "args": args})
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.in.Write(append(raw, '\n')); err != nil {
		c.t.Fatal(err)
	}
	for {
		l := c.next()
		if l.Done == name {
			return l
		}
		c.heard = append(c.heard, l)
	}
}

// sync waits until Cisco's code has taken in all that was told to its agent.
func (c *stranger) sync() {
	c.t.Helper()
	if l := c.order("sync", nil); l.Answer != "BuddyAgents" {
		c.t.Fatalf("%+v", l)
	}
}

// until waits for a line that is wanted.
func (c *stranger) until(wanted func(line) bool) line {
	c.t.Helper()
	for i, l := range c.heard {
		if wanted(l) {
			c.heard = c.heard[i+1:]
			return l
		}
	}
	c.heard = nil
	for {
		if l := c.next(); wanted(l) {
			return l
		}
	}
}

// events empties what was heard.
func (c *stranger) events() []line {
	c.t.Helper()
	c.sync()
	heard := c.heard
	c.heard = nil
	return heard
}
