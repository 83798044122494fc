package demo

import (
	"context"
	"fmt"
	"log/slog"

	"cordboard/call"
	simgenesys "cordboard/sim/genesys"
	"cordboard/sim/scenario"
)

// openGenesys opens a simulated Genesys Cloud org.
func openGenesys(o Options) (*site, error) {
	sim := simgenesys.New(simgenesys.Config{Users: o.Agents, RateLimit: -1, Log: slog.New(slog.DiscardHandler)})
	if err := sim.Listen(); err != nil {
		return nil, err
	}
	ready := sim.Ready()
	var ids []string
	for _, u := range sim.Users() {
		ids = append(ids, u.ID)
	}
	return &site{
		name: "genesys", platform: string(call.Genesys), agents: ids, scripts: simgenesys.Scripts(), expect: genesysTables,
		settings: fmt.Sprintf("url: %v\nlogin_url: %v\nclient_id: %v\nclient_secret_file: genesys.secret\n", ready["url"], ready["login_url"], ready["client_id"]),
		files:    map[string]string{"genesys.secret": fmt.Sprint(ready["client_secret"])},
		run:      sim.Run,
		await:    func(ctx context.Context) error { return sim.AwaitUsers(ctx, o.Agents) },
		play: func(ctx context.Context, script scenario.Script, c role) ([]string, error) {
			r, err := sim.Play(ctx, script, simgenesys.Call{
				Agents: c.agents, Customer: c.person.Number, Scale: c.scale, Vars: map[string]string{"LCMKey": "57|3|4"},
			})
			return []string{r.Conversation}, err
		},
	}, nil
}

// What a call on Genesys Cloud leads to, after our recommendations: pop and page when it reaches an agent, a log for every
// agent who talks or is consulted.
var (
	genesysOffered = expectation{records: map[int]int{0: 1}, pages: map[int]int{0: 1}}
	genesysOne     = expectation{records: map[int]int{0: 1}, pages: map[int]int{0: 1}, logs: 1}
	genesysTwo     = expectation{records: map[int]int{0: 1, 1: 1}, pages: map[int]int{0: 1, 1: 1}, logs: 2}
	genesysBack    = expectation{records: map[int]int{0: 2, 1: 1}, pages: map[int]int{0: 2, 1: 1}, logs: 3}
)

var genesysTables = map[string]expectation{
	"agentless_machine":                      {},
	"agentless_person":                       {},
	"external":                               genesysOne,
	"inbound":                                genesysOne,
	"inbound_abandoned":                      genesysOffered,
	"inbound_blind_transfer":                 genesysTwo,
	"inbound_blind_transfer_outside":         genesysOne,
	"inbound_conference":                     genesysTwo,
	"inbound_consult_no_answer":              genesysTwo,
	"inbound_consult_transfer":               genesysTwo,
	"inbound_ring_no_answer":                 {records: map[int]int{0: 1, 1: 1}, pages: map[int]int{0: 1, 1: 1}, logs: 1},
	"inbound_transfer_back":                  genesysBack,
	"inbound_wrapup_changed":                 genesysOne,
	"manual_outbound":                        genesysOne,
	"manual_outbound_blind_transfer":         genesysTwo,
	"manual_outbound_blind_transfer_outside": genesysOne,
	"manual_outbound_conference":             genesysTwo,
	"manual_outbound_consult_no_answer":      genesysTwo,
	"manual_outbound_consult_transfer":       genesysTwo,
	"manual_outbound_queue":                  genesysOne,
	"manual_outbound_transfer_back":          genesysBack,
	"power":                                  genesysOne,
	"power_blind_transfer":                   genesysTwo,
	"power_blind_transfer_outside":           genesysOne,
	"power_conference":                       genesysTwo,
	"power_consult_no_answer":                genesysTwo,
	"power_consult_transfer":                 genesysTwo,
	"power_transfer_back":                    genesysBack,
	"predictive":                             genesysOne,
	"predictive_abandoned":                   {},
	"predictive_blind_transfer":              genesysTwo,
	"predictive_blind_transfer_outside":      genesysOne,
	"predictive_busy":                        {},
	"predictive_conference":                  genesysTwo,
	"predictive_consult_no_answer":           genesysTwo,
	"predictive_consult_transfer":            genesysTwo,
	"predictive_transfer_back":               genesysBack,
	"preview_blind_transfer":                 genesysTwo,
	"preview_blind_transfer_outside":         genesysOne,
	"preview_conference":                     genesysTwo,
	"preview_consult_no_answer":              genesysTwo,
	"preview_consult_transfer":               genesysTwo,
	"preview_dialed":                         genesysOne,
	"preview_not_accepted":                   {records: map[int]int{0: 1, 1: 1}, pages: map[int]int{0: 1, 1: 1}},
	"preview_skipped":                        genesysOffered,
	"preview_timeout":                        genesysOne,
	"preview_transfer_back":                  genesysBack,
	"progressive":                            genesysOne,
	"progressive_blind_transfer":             genesysTwo,
	"progressive_blind_transfer_outside":     genesysOne,
	"progressive_conference":                 genesysTwo,
	"progressive_consult_no_answer":          genesysTwo,
	"progressive_consult_transfer":           genesysTwo,
	"progressive_transfer_back":              genesysBack,
}
