package salesforce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cordboard/config"
	"cordboard/crm"
	sim "cordboard/sim/salesforce"
)

// direct is a network without sockets, so that virtual time passes while a request is on its way.
type direct struct {
	org  http.Handler
	trip time.Duration
}

func (d direct) RoundTrip(r *http.Request) (answer *http.Response, err error) {
	time.Sleep(d.trip)
	defer func() {
		if recover() != nil {
			err = io.ErrUnexpectedEOF // the org broke the connection
		}
	}()
	in := r.Clone(r.Context())
	in.RequestURI, in.RemoteAddr = r.URL.RequestURI(), "127.0.0.1:1"
	w := httptest.NewRecorder()
	d.org.ServeHTTP(w, in)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

// virtual runs a client of an org in virtual time.
func virtual(t *testing.T, org *sim.Server, change func(*Config)) *Client {
	t.Helper()
	cfg := Config{URL: "http://127.0.0.1:1", ClientID: "c", ClientSecret: config.NewSecret("s"), PhoneIndex: new(false)}
	change(&cfg)
	c, err := New(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for _, client := range []*http.Client{c.lookups.http, c.indexing.http, c.urgent.http, c.bulk.http, c.session.http} {
		client.Transport = direct{org, 100 * time.Millisecond}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return c
}

// site is a contact centre in virtual time.
type site struct {
	calls  int
	every  time.Duration // between two calls of the whole site
	ids    bool          // the calls carry the record's id
	people []sim.Person
	client *Client
}

// run plays the calls: a lookup, a log when it is answered, and an update by id when it is over. At is called before
// each.
func (s site) run(t *testing.T, at func(call int)) {
	var all sync.WaitGroup
	random := rand.New(rand.NewPCG(1, 2))
	for i := range s.calls {
		time.Sleep(s.every)
		at(i)
		talk := 20*time.Second + time.Duration(random.Int64N(int64(200*time.Second)))
		all.Go(func() { s.call(t, i, talk) })
	}
	all.Wait()
}

func (s site) call(t *testing.T, i int, talk time.Duration) {
	p := s.people[i%len(s.people)]
	q := crm.Query{Objects: []string{"Contact", "Lead"}, Phone: p.Number}
	if s.ids {
		q.ID = p.ID
	}
	got, err := s.client.Find(t.Context(), q)
	if err != nil || len(got) != 1 || got[0].ID != p.ID {
		t.Errorf("call %d: found %v, %v; want %s", i, got, err, p.ID)
	}
	var log crm.Written
	fields := map[string]any{"Subject": "Call", "Status": "In Progress", "WhoId": p.ID}
	untilTaken(t, func() error {
		log, err = s.client.Write(t.Context(), crm.Write{Object: "Task", Key: fmt.Sprintf("call-%d", i), Fields: fields})
		return err
	})
	time.Sleep(talk)
	fields = map[string]any{"Status": "Completed", "CallDurationInSeconds": int(talk.Seconds())}
	untilTaken(t, func() error {
		_, err := s.client.Update(t.Context(), log.ID, crm.Write{Object: "Task", Fields: fields})
		return err
	})
}

// untilTaken does what the engine does: what is busy is tried again, what is limited is parked.
func untilTaken(t *testing.T, write func() error) {
	for pause := time.Second; ; pause = min(2*pause, time.Minute) {
		err := write()
		e, ok := errors.AsType[*crm.Error](err)
		switch {
		case err == nil:
			return
		case !ok || e.Kind != crm.Busy && e.Kind != crm.Limited:
			t.Errorf("refused for good: %v", err)
			return
		case e.Retry.IsZero():
			time.Sleep(pause)
		default:
			time.Sleep(time.Until(e.Retry))
		}
	}
}

func newVirtualOrg(people int) (*sim.Server, []sim.Person) {
	org := sim.New(sim.Config{ClientID: "c", ClientSecret: "s", DailyQuota: 1_100_000})
	return org, org.Seed(people)
}

// TestRequestsForAThousandCalls measures what 1,000 agents with 25 calls an hour cost.
func TestRequestsForAThousandCalls(t *testing.T) {
	const calls = 6000   // in 14 minutes
	const settled = 2000 // as many calls end as begin
	for name, c := range map[string]struct {
		change func(*Config)
		ids    bool
		atMost int // for 1,000 calls
	}{
		"ids, 2 s":                {func(c *Config) { c.TrustIDs = true }, true, 80},
		"ids, economy":            {func(c *Config) { c.TrustIDs, c.Economy = true, true }, true, 10},
		"numbers, index, 2 s":     {func(c *Config) { c.PhoneIndex = new(true) }, false, 80},
		"numbers, index, economy": {func(c *Config) { c.PhoneIndex, c.Economy = new(true), true }, false, 10},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				org, people := newVirtualOrg(2000)
				client := virtual(t, org, func(cfg *Config) {
					cfg.Window = config.Duration(2 * time.Second)
					c.change(cfg)
				})
				time.Sleep(time.Minute)
				before, after := 0, 0
				site{calls: calls, every: time.Hour / 25_000, ids: c.ids, people: people, client: client}.run(t, func(call int) {
					switch call {
					case settled:
						before, _ = org.Usage()
					case calls - 1:
						after, _ = org.Usage()
					}
				})
				per1000 := float64(after-before) / (calls - 1 - settled) * 1000
				t.Logf("%.1f API requests for 1,000 calls: %v; ours: %v", per1000, org.Calls(), client.Budget().ByPurpose)
				if per1000 > float64(c.atMost) || org.Count("Task") != calls || len(org.Duplicates()) != 0 {
					t.Errorf("%.1f requests, want at most %d; %d logs of %d calls", per1000, c.atMost, org.Count("Task"), calls)
				}
			})
		})
	}
}
