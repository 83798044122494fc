package demo

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"cordboard/call"
	simconnect "cordboard/sim/connect"
	"cordboard/sim/scenario"
)

// openDialer opens a simulated Amazon Connect whose outbound calls are placed by an external dialer, which tells of them over
// one WebSocket.
func openDialer(o Options) (*site, error) {
	sim := simconnect.New(simconnect.Config{Agents: o.Agents, FirstAgent: 3001})
	if err := sim.Listen(); err != nil {
		return nil, err
	}
	token := rand.Text()
	var agents []string
	for i := range o.Agents {
		agents = append(agents, fmt.Sprint("agent", 3001+i))
	}
	const name = "dialer"
	return &site{
		name: name, platform: string(call.ConnectTethered), agents: agents, scripts: tetheredScripts(), expect: tetheredTables,
		settings: "token_file: dialer.token\n", files: map[string]string{"dialer.token": token},
		run: sim.Run,
		meet: func(server string) {
			sim.SetDialer(simconnect.Target{}, simconnect.Target{URL: "ws" + strings.TrimPrefix(server, "http") + "/in/" + name + "/", Secret: "Bearer " + token})
		},
		await: func(context.Context) error { return nil }, // it keeps what it has to tell until the server is there
		play: func(ctx context.Context, script scenario.Script, c role) ([]string, error) {
			r, err := sim.Play(ctx, script, simconnect.Call{
				Agents: c.agents, Customer: c.person.Number, Campaign: "Spring renewals", Scale: c.scale, Attributes: map[string]string{"LCMKey": "57|3|4"},
			})
			return []string{r.Contact, r.Second}, err
		},
	}, nil
}

// tetheredScripts are those whose calls the external dialer tells of. Manual and inbound calls of such a site are Connect's
// own.
func tetheredScripts() []scenario.Script {
	return slices.DeleteFunc(simconnect.Scripts(), func(s scenario.Script) bool { return !strings.HasPrefix(s.Name, "tethered_") })
}

// tetheredTables are from Acqueon's "Amazon Connect" page, tethered: Recommended Workflow Configurations.
var tetheredTables = map[string]expectation{
	"tethered_preview":                        {records: map[int]int{0: 1}, pages: map[int]int{0: 1}, logs: 1},
	"tethered_preview_consult_conference":     {records: map[int]int{0: 2}, pages: map[int]int{0: 2}, logs: 2},
	"tethered_preview_warm_transfer":          {records: map[int]int{0: 2}, pages: map[int]int{0: 2}, logs: 2},
	"tethered_preview_blind_transfer":         {records: map[int]int{0: 1}, pages: map[int]int{0: 1}, logs: 1},
	"tethered_preview_skip":                   {records: map[int]int{0: 1}, pages: map[int]int{0: 1}},
	"tethered_progressive":                    {records: map[int]int{0: 1}, pages: map[int]int{0: 1}, logs: 1},
	"tethered_progressive_consult_conference": {records: map[int]int{0: 1}, pages: map[int]int{0: 1}, logs: 1},
	"tethered_progressive_warm_transfer":      {records: map[int]int{0: 1, 1: 1}, pages: map[int]int{0: 1, 1: 1}, logs: 2},
	"tethered_progressive_blind_transfer":     {records: map[int]int{0: 1, 1: 1}, pages: map[int]int{0: 1, 1: 1}, logs: 2},
	"tethered_predictive":                     {records: map[int]int{0: 1}, pages: map[int]int{0: 1}, logs: 1},
	"tethered_predictive_consult_conference":  {records: map[int]int{0: 2}, pages: map[int]int{0: 2}, logs: 2},
	"tethered_predictive_warm_transfer":       {records: map[int]int{0: 2}, pages: map[int]int{0: 2}, logs: 2},
	"tethered_predictive_blind_transfer":      {records: map[int]int{0: 1}, pages: map[int]int{0: 1}, logs: 1},
	"tethered_predictive_machine":             {},
}
