package salesforce

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cordboard/config"
	"cordboard/crm"
	sim "cordboard/sim/salesforce"
)

// TestStorm writes through everything that an org and the way there do to a write: connections that break before and
// after the org has stored it, answers that hang until nobody waits any more, a gateway that is down, the request limit,
// locked rows, a duplicate rule, tokens that die. Each record is written twice, as a call does. In the end each key has
// one record, which shows the last write. CORDBOARD_WRITES says how many, CORDBOARD_SEED repeats a run's choices.
func TestStorm(t *testing.T) {
	o := storm(t, nil)
	if o.missing+o.twice+o.unfinished > 0 {
		t.Errorf("%d keys have no record, %d several, %d records do not show their last write", o.missing, o.twice, o.unfinished)
	}
}

// TestStormIsNoticed creates records where the client would upsert them: then some are there twice, or TestStorm proves
// nothing.
func TestStormIsNoticed(t *testing.T) {
	if o := storm(t, func(next http.RoundTripper) http.RoundTripper { return plainCreate{next} }); o.twice == 0 {
		t.Error("records were created instead of upserted, and none is there twice")
	}
}

// plainCreate makes every upsert of many records a creation.
type plainCreate struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (p plainCreate) RoundTrip(r *http.Request) (*http.Response, error) {
	if base, upsert, found := strings.Cut(r.URL.Path, "/composite/sobjects/"); found && r.Method == http.MethodPatch && strings.Contains(upsert, "/") {
		r = r.Clone(r.Context())
		r.Method, r.URL = http.MethodPost, &url.URL{Scheme: r.URL.Scheme, Host: r.URL.Host, Path: base + "/composite/sobjects"}
	}
	return p.next.RoundTrip(r)
}

type stormOutcome struct{ missing, twice, unfinished int }

func setting(t *testing.T, variable string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

func storm(t *testing.T, through func(http.RoundTripper) http.RoundTripper) (o stormOutcome) {
	writes, seed := int(setting(t, "CORDBOARD_WRITES", 400)), setting(t, "CORDBOARD_SEED", uint64(time.Now().UnixNano()))
	t.Logf("CORDBOARD_SEED=%d", seed)
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(seed, 0))
		org, people := newVirtualOrg(100)
		c := virtual(t, org, func(c *Config) { c.Window = config.Duration(2 * time.Second) })
		if through != nil {
			for _, client := range []*http.Client{c.urgent.http, c.bulk.http} {
				client.Transport = through(client.Transport)
			}
		}
		var all sync.WaitGroup
		for i := range writes {
			if i%5 == 0 {
				weather(t, org, rng)
			}
			time.Sleep(time.Duration(rng.Int64N(int64(time.Second))))
			now, talk := rng.IntN(3) == 0, time.Duration(rng.Int64N(int64(2*time.Minute)))
			all.Go(func() {
				w := crm.Write{Object: "Task", Key: fmt.Sprintf("k%d", i), Now: now, Fields: map[string]any{"Subject": "Call", "Status": "In Progress", "WhoId": people[i%len(people)].ID}}
				insist(t, c, w)
				time.Sleep(talk)
				w.Fields = map[string]any{"Status": "Completed"}
				insist(t, c, w)
			})
		}
		all.Wait()
		for i := range writes {
			switch found := org.ByKey("Task", fmt.Sprintf("k%d", i)); {
			case len(found) == 0:
				o.missing++
			case len(found) > 1:
				o.twice++
			case found[0]["Status"] != "Completed" || found[0]["Subject"] != "Call":
				o.unfinished++
			}
		}
		t.Logf("%d records, each written twice: %d missing, %d there several times, %d without the last write; %v", writes, o.missing, o.twice, o.unfinished, org.Calls())
	})
	return o
}

// weather changes what goes wrong in the org.
func weather(t *testing.T, org *sim.Server, rng *rand.Rand) {
	org.ClearFaults()
	kinds := []sim.Fault{
		{Kind: sim.ResetAfterCommit, Probability: 0.5},
		{Kind: sim.ResetBeforeCommit, Probability: 0.5},
		{Kind: sim.Slow, Delay: sim.Delay(time.Minute), Method: http.MethodPatch, Count: 2},
		{Kind: sim.HTML503, Probability: 0.7},
		{Kind: sim.ServerError, Probability: 0.3},
		{Kind: sim.RequestLimit, Count: 1 + rng.IntN(3)},
		{Kind: sim.RowLock, Object: "Task", Probability: 0.4},
		{Kind: sim.DuplicateRule, Object: "Task", Probability: 0.2, Count: 3},
		{Kind: sim.ExpiredToken, Count: 1 + rng.IntN(2)},
	}
	for range rng.IntN(3) { // often the sky is clear
		if err := org.AddFault(kinds[rng.IntN(len(kinds))]); err != nil {
			t.Error(err)
		}
	}
}

// insist writes as the engine does: what is denied is parked for five minutes. What a duplicate rule refused is driven
// again, as a person does.
func insist(t *testing.T, c *Client, w crm.Write) {
	untilTaken(t, func() error {
		_, err := c.Write(t.Context(), w)
		for crm.KindOf(err) == crm.Duplicate || crm.KindOf(err) == crm.Denied {
			time.Sleep(5 * time.Minute)
			_, err = c.Write(t.Context(), w)
		}
		return err
	})
}
