package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	simgenesys "cordboard/sim/genesys"
	"cordboard/sim/scenario"
)

const (
	anyHour = `version: test
rules:
  - rule: default
    hours: { mon-sun: 00:00-24:00 }
  - rule: us
    country: US
    hours: { mon-sun: 00:00-24:00 }
`
	soon = `name: preview_retries_wrap_policy
key: { name: wrapup, ignore_case: true }
columns:
  - { name: wait, type: duration, required: true }
  - { name: max_attempts, type: number }
  - { name: window, type: hours }
rows:
  - { wrapup: ININ-OUTBOUND-PREVIEW-SKIPPED, wait: 6s }
`
)

// Skipped previews are submitted again exactly once as their list sees it, however often the server is killed while they are:
// before the request, during it, and before its answer is stored. All of it over real sockets.
func TestRetriesSurviveKills(t *testing.T) {
	const contacts, kills = 40, 10
	seed := uint64(setting(t, "CORDBOARD_SEED", 1))
	rng := rand.New(rand.NewPCG(seed, 3))
	org := simgenesys.New(simgenesys.Config{Users: 4, Contacts: contacts, RateLimit: -1, RecordDelay: 200 * time.Millisecond})
	if err := org.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	t.Cleanup(func() { cancel(); running.Wait() })
	running.Go(func() { _ = org.Run(ctx) })
	ready := org.Ready()
	w := newWorld(t, worldOptions{noSite: true, noBrowsers: true, config: func(usual string) string {
		address, _, _ := strings.Cut(usual, "\n")
		return address + fmt.Sprintf("\ndata: data\nworkflows: [recommended/preview-retry.yaml]\ntables: [soon.yaml]\ncalling: { policy: any-hour.yaml, region: US }\nconnections:\n  - name: genesys\n    platform: genesys\n"+
			"    settings: { url: %q, login_url: %q, client_id: %q, client_secret: %q }\n", ready["url"], ready["login_url"], ready["client_id"], ready["client_secret"])
	}})
	w.write("soon.yaml", soon)
	w.write("any-hour.yaml", anyHour)
	c := w.start()
	w.await("the connection is up", func() bool {
		var all connections
		return w.get("/api/v1/connections", &all) == nil && len(all.Connections) == 1 && all.Connections[0].State == "up"
	})
	skipped, _ := scenario.Find(simgenesys.Scripts(), "preview_skipped")
	for range contacts {
		if _, err := org.Play(ctx, skipped, simgenesys.Call{Contact: "next"}); err != nil {
			t.Fatal(err)
		}
	}
	sent := func() (sent map[string]int, all int) {
		sent = map[string]int{}
		for _, r := range org.Requests() {
			if r.Method == http.MethodPost && strings.HasSuffix(r.Path, "/contacts") && r.Status == http.StatusOK {
				sent[idOf(r.Body)]++
				all++
			}
		}
		return sent, all
	}
	w.await("the first one is submitted", func() bool { _, n := sent(); return n > 0 })
	for range kills {
		time.Sleep(time.Duration(rng.Float64() * float64(700*time.Millisecond)))
		c.kill()
		c = w.start()
	}
	w.await("all are submitted", func() bool { each, _ := sent(); return len(each) == contacts })
	w.settled()
	each, n := sent()
	for id, times := range each {
		if times != 1 {
			t.Errorf("the contact %s was submitted %d times", id, times)
		}
	}
	t.Logf("seed %d: %d contacts submitted, %d requests, %d kills", seed, len(each), n, kills)
}

// idOf is the contact of a submission.
func idOf(body string) string {
	_, rest, _ := strings.Cut(body, `"id":"`)
	id, _, _ := strings.Cut(rest, `"`)
	return id
}
