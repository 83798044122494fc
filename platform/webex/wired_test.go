package webex_test

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"cordboard/platform"
	"cordboard/platform/platformtest"

	sim "cordboard/sim/webex"
)

// wired are the messages of every script of the simulator as they came over the wire, each with the script's time.
func wired(t *testing.T) map[string][]platform.Message {
	t.Helper()
	o := newOrg(t, sim.Config{Agents: 2, CampaignTypes: true})
	heard := make(chan platform.Message, 1000)
	o.cfg.Tap = func(m platform.Message) {
		data := gjson.GetBytes(m.Message, "data")
		if what := data.Get("eventType").Str; what == "RoutingMessage" || data.Get("type").Str == "AgentStateChangeSuccess" {
			m.At = time.UnixMilli(data.Get("eventTime").Int()).UTC()
			heard <- m
		}
	}
	sink := platformtest.NewSink()
	stop := platformtest.Start(t, o.open(t, slog.New(slog.DiscardHandler)), sink)
	defer stop()
	sink.AwaitState(t, platform.Up)
	all := map[string][]platform.Message{}
	for _, script := range sim.Scripts() {
		before := o.Told()
		if _, err := o.Play(t.Context(), script, sim.Call{Agents: []string{o.cfg.Agents[0].ID, o.cfg.Agents[1].ID}, Timed: true}); err != nil {
			t.Fatal(err)
		}
		told := o.Told() - before
		for due := time.Now().Add(time.Minute); len(all[script.Name]) < told; {
			if time.Now().After(due) {
				t.Fatalf("%s: heard %d of %d messages", script.Name, len(all[script.Name]), told)
			}
			select {
			case m := <-heard:
				all[script.Name] = append(all[script.Name], m)
			case <-time.After(time.Second):
			}
		}
		all[script.Name] = scripted(all[script.Name])
	}
	return all
}

// scripted are the messages about tasks, in the order of the times that they tell.
func scripted(heard []platform.Message) (stream []platform.Message) {
	for _, m := range heard {
		if gjson.GetBytes(m.Message, "data.interactionId").Exists() {
			stream = append(stream, m)
		}
	}
	slices.SortStableFunc(stream, func(a, b platform.Message) int { return a.At.Compare(b.At) })
	return stream
}

// Whatever a call is, repeated and shuffled within ten seconds its messages add up to the same, and also where the process
// begins anew between any two of them.
func TestShuffledWire(t *testing.T) {
	for name, stream := range wired(t) {
		t.Run(name, func(t *testing.T) {
			platformtest.Shuffles(t, name, newDecoder, stream, 10*time.Second, 5)
			platformtest.Restarts(t, name, newDecoder, stream, 10*time.Second, 15*time.Second, 5)
		})
	}
}
