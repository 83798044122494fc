package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	simsalesforce "cordboard/sim/salesforce"
)

// feedToken is what the dialer of these tests presents.
const feedToken = "the token of the tests' dialer"

// fed is a world whose only platform is a dialer that posts its messages: what is acknowledged is known to the last one.
func fed(o worldOptions) worldOptions {
	more := o.config
	o.noSite = true
	o.config = func(text string) string {
		head, _, _ := strings.Cut(text, "connections:\n")
		text = head + "connections:\n  - { name: dialer, platform: connect-tethered, settings: { token: " + feedToken + " } }\n"
		if more != nil {
			text = more(text)
		}
		return text
	}
	return o
}

// feed is that dialer. It tells each agent's preview calls one after the other, and sends a message again until it is
// acknowledged, as the page for makers of dialers asks.
type feed struct {
	*world
	client *http.Client
	pace   time.Duration // between two calls of an agent
	stop   atomic.Bool
	lines  sync.WaitGroup

	mu       sync.Mutex
	told     []*fedCall
	statuses map[int]int // answers by status; 0 is none
	late     time.Time   // the newest moment at which a message left that was acknowledged
	messages int         // acknowledged
}

// fedCall is one call that the dialer has told to its end.
type fedCall struct {
	id, agent string
	person    simsalesforce.Person
	acked     time.Time       // its first message
	took      []time.Duration // until each of its messages was
}

// fedWords are the events of each call, in order.
var fedWords = []string{"Preview", "CustAnswered", "DROPPED"}

// feed starts a dialer. It stops when the test ends at the latest.
func (w *world) feed(pace time.Duration) *feed {
	f := &feed{world: w, pace: pace, statuses: map[int]int{}, client: &http.Client{
		Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: len(w.agents)},
	}}
	for i, agent := range w.agents {
		f.lines.Go(func() { f.line(agent, i) })
	}
	w.t.Cleanup(f.end)
	return f
}

// end lets every line finish its call.
func (f *feed) end() {
	f.stop.Store(true)
	f.lines.Wait()
	f.client.CloseIdleConnections()
}

func (f *feed) line(agent string, number int) {
	for n := 0; !f.stop.Load(); n++ {
		c := &fedCall{id: fmt.Sprintf("%s-%d", agent, n), agent: agent, person: f.people[(number+n*7)%len(f.people)]}
		if !f.tell(c) {
			return
		}
		f.mu.Lock()
		f.told = append(f.told, c)
		f.mu.Unlock()
		time.Sleep(f.pace)
	}
}

// tell sends the messages of a call, each after the one before it was acknowledged. It is false when the test is over.
func (f *feed) tell(c *fedCall) bool {
	for i, word := range fedWords {
		body := c.message(i, word)
		for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
			left := time.Now()
			status := f.post(body)
			f.mu.Lock()
			f.statuses[status]++
			if status == http.StatusOK {
				f.messages++
				if left.After(f.late) {
					f.late = left
				}
			}
			f.mu.Unlock()
			if status == http.StatusOK {
				if c.took = append(c.took, time.Since(left)); len(c.took) == 1 {
					c.acked = time.Now()
				}
				break
			}
			if f.stop.Load() && time.Since(began) > 2*time.Minute {
				return false // there is no server any more
			}
		}
	}
	return true
}

func (c *fedCall) message(n int, word string) string {
	return fmt.Sprintf(`{"channel":"Amazon","topic":"OutboundCall","id":"%[1]s/%[2]d","at":%[3]q,"message":{"source":"event","call":{"id":%[1]q,"event":%[4]q,`+
		`"CallType":"Regular-Call","CallVariables":{"CampaignName":"Spring","CampaignType":"Preview","Phone":%[5]q,"SalesforceId":%[6]q,"LCMKey":"L1"},`+
		`"User":{"UserId":%[7]q,"Extension":"2001"}}}}`,
		c.id, n, time.Now().UTC().Format(time.RFC3339Nano), word, c.person.Number, c.person.ID, c.agent)
}

// post returns the status of the answer, 0 when there was none.
func (f *feed) post(body string) int {
	req, err := http.NewRequest(http.MethodPost, "http://"+f.address+"/in/dialer/", strings.NewReader(body))
	if err != nil {
		return 0
	}
	req.Header.Set("Authorization", "Bearer "+feedToken)
	resp, err := f.client.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return 0
	}
	return resp.StatusCode
}

// acknowledged is how many messages were, and when the newest of them left.
func (f *feed) acknowledged() (n int, late time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.messages, f.late
}

// answers is how often a status was the answer.
func (f *feed) answers(status int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.statuses[status]
}

// awaitMore waits until so many more messages are acknowledged.
func (f *feed) awaitMore(t *testing.T, more int) {
	t.Helper()
	from, _ := f.acknowledged()
	f.await(fmt.Sprintf("%d more messages are acknowledged", more), func() bool {
		n, _ := f.acknowledged()
		return n >= from+more
	})
}
