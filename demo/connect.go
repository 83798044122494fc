package demo

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cordboard/call"
	simconnect "cordboard/sim/connect"
	"cordboard/sim/scenario"
)

// openConnect opens a simulated Amazon Connect instance with campaigns of its own. Everything that such an instance tells is
// listened to: the agent event stream in Kinesis, contact events in a queue, and the pictures in agents' browsers.
func openConnect(o Options) (*site, error) {
	s, err := openInstance(o, "connect", call.ConnectHVOC, 4001)
	if err != nil {
		return nil, err
	}
	s.site.settings += fmt.Sprintf("queue: %v\n", s.ready["queue_url"])
	s.scripts, s.expect = connectScripts(func(string) bool { return true }), connectTables
	return s.site, nil
}

// openOwnCalls opens what a tethered site has beside its dialer: an instance with the calls that agents dial and those that
// come in. Its contact events are posted by an API destination.
func openOwnCalls(o Options) (*site, error) {
	s, err := openInstance(o, "tethered", call.ConnectTethered, 5001)
	if err != nil {
		return nil, err
	}
	key := rand.Text()
	s.site.settings += "receive_key_file: tethered.key\n"
	s.files["tethered.key"] = key
	s.meet = func(server string) {
		s.sim.SetEvents(simconnect.Target{URL: server + "/in/" + s.name + "/", Header: "X-Cordboard-Key", Secret: key})
	}
	s.scripts = connectScripts(func(name string) bool {
		return strings.HasPrefix(name, "manual_") || strings.HasPrefix(name, "inbound")
	})
	s.expect = ownTables()
	return s.site, nil
}

// instance is a simulated instance of Amazon Connect and its site.
type instance struct {
	*site
	sim   *simconnect.Server
	ready map[string]any
}

func openInstance(o Options, name string, platform call.Platform, first int) (*instance, error) {
	sim := simconnect.New(simconnect.Config{
		Agents: o.Agents, FirstAgent: first, RequestsPerSecond: -1, Instance: fmt.Sprintf("5a1c0000-1111-4222-8333-%012d", first),
	})
	if err := sim.Listen(); err != nil {
		return nil, err
	}
	var agents []string
	for i := range o.Agents {
		agents = append(agents, fmt.Sprint("agent", first+i))
	}
	ready := sim.Ready()
	return &instance{sim: sim, ready: ready, site: &site{
		name: name, platform: string(platform), agents: agents,
		settings: fmt.Sprintf("instance: %v\nendpoint: %v\nstream: %v\nbrowsers: true\nrequests_per_second: 1000\naccess_key_id: %v\nsecret_access_key_file: %s.secret\n",
			ready["instance_arn"], ready["url"], ready["stream"], ready["access_key_id"], name),
		files: map[string]string{name + ".secret": fmt.Sprint(ready["secret_access_key"])},
		run:   sim.Run,
		watch: func(show func(agent string, picture []byte)) {
			sim.Tap(func(m simconnect.Message) {
				if m.Source == simconnect.Streams {
					show(m.Agent, m.Body)
				}
			})
		},
		play: func(ctx context.Context, script scenario.Script, c role) ([]string, error) {
			scale := c.scale
			if strings.HasSuffix(script.Name, "_blind_transfer") { // a colleague who answers in the same instant was consulted
				scale = max(scale, 0.1)
			}
			r, err := sim.Play(ctx, script, simconnect.Call{
				Agents: c.agents, Customer: c.person.Number, Scale: scale, Attributes: map[string]string{"LCMKey": "57|3|4"},
			})
			return []string{r.Contact, r.Second}, err
		},
	}}, nil
}

// connectScripts are those that are Connect's own, and wanted.
func connectScripts(wanted func(name string) bool) []scenario.Script {
	return slices.DeleteFunc(simconnect.Scripts(), func(s scenario.Script) bool {
		return strings.HasPrefix(s.Name, "tethered_") || !wanted(s.Name)
	})
}

// What a call leads to when only the first agent sees and logs something of it, so many times each.
func first(pops, logs int) expectation {
	return expectation{records: map[int]int{0: pops}, pages: map[int]int{0: pops}, logs: logs}
}

// unnamed is a call that is logged without a pop: nobody knows whom it is about.
func unnamed(e expectation) expectation {
	e.alone = 1
	return e
}

// connectTables are from Acqueon's "Amazon Connect" page, HVOC: Recommended Workflow Configurations. Every consult is popped
// and logged on the side of the agent who makes it.
var connectTables = map[string]expectation{
	// Pop at the preview, and again when the customer is dialled; log when the customer answers.
	"direct_preview":                    first(2, 1),
	"direct_preview_discarded":          first(1, 0),
	"direct_preview_missed":             first(1, 0),
	"direct_preview_no_answer":          first(2, 0),
	"direct_preview_consult_conference": first(3, 2),
	"direct_preview_warm_transfer":      first(3, 2),
	// Everything when the agent takes the call; of a blind transfer nobody was consulted.
	"progressive":                    first(1, 1),
	"progressive_consult_conference": first(2, 2),
	"progressive_warm_transfer":      first(2, 2),
	"progressive_blind_transfer":     first(1, 1),
	"predictive":                     first(1, 1),
	"predictive_consult_conference":  first(2, 2),
	"predictive_warm_transfer":       first(2, 2),
	"predictive_blind_transfer":      first(1, 1),
	"predictive_machine":             {},
	// Pop when it is dialled, log when it is answered. A consult is popped and logged when it is dialled, also one that ends
	// in a blind transfer.
	"manual_outbound":                    first(1, 1),
	"manual_outbound_no_answer":          first(1, 0),
	"manual_outbound_consult_conference": first(2, 2),
	"manual_outbound_consult_outlives":   first(2, 2),
	"manual_outbound_warm_transfer":      first(2, 2),
	"manual_outbound_blind_transfer":     first(2, 2),
	// An inbound call is logged without a pop.
	"inbound":                    unnamed(first(0, 1)),
	"inbound_hold":               unnamed(first(0, 1)),
	"inbound_missed":             {},
	"inbound_missed_then_second": unnamed(first(0, 1)),
	"inbound_abandoned":          {},
	"inbound_consult_conference": unnamed(first(1, 2)),
	"inbound_warm_transfer":      unnamed(first(1, 2)),
	"inbound_blind_transfer":     unnamed(first(0, 1)),
}

// ownTables are from the same page, tethered. Manual calls are as those above; an inbound call pops when it rings.
func ownTables() map[string]expectation {
	all := maps.Clone(connectTables)
	maps.Copy(all, map[string]expectation{
		"inbound":                    first(1, 1),
		"inbound_hold":               first(1, 1),
		"inbound_missed":             first(1, 0),
		"inbound_missed_then_second": {records: map[int]int{0: 1, 1: 1}, pages: map[int]int{0: 1, 1: 1}, logs: 1},
		"inbound_abandoned":          first(1, 0),
		"inbound_consult_conference": first(2, 2),
		"inbound_warm_transfer":      first(2, 2),
		"inbound_blind_transfer":     first(1, 1),
	})
	return all
}
