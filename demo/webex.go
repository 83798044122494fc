package demo

import (
	"context"
	"fmt"
	"strings"

	"cordboard/call"
	"cordboard/sim/scenario"
	simwebex "cordboard/sim/webex"
)

// openWebex opens a simulated Webex Contact Center organization.
func openWebex(o Options) (*site, error) {
	sim := simwebex.New(simwebex.Config{Agents: o.Agents})
	if err := sim.Listen(); err != nil {
		return nil, err
	}
	ready := sim.Ready()
	var ids []string
	var list strings.Builder
	list.WriteString("# id,refresh token\n")
	for _, a := range ready["agents"].([]simwebex.AgentToken) {
		ids = append(ids, a.ID)
		fmt.Fprintf(&list, "%s,%s\n", a.ID, a.RefreshToken)
	}
	return &site{
		name: "webex", platform: string(call.Webex), agents: ids, scripts: simwebex.Scripts(), expect: webexTables,
		settings: fmt.Sprintf(`url: %v
token_url: %v
client_id: %v
client_secret_file: webex.secret
agents_file: webex-agents.csv
campaigns: { AutumnOffers: progressive, WinterSurvey: predictive }
`, ready["url"], ready["token_url"], ready["client_id"]),
		files: map[string]string{"webex.secret": fmt.Sprint(ready["client_secret"]), "webex-agents.csv": list.String()},
		run:   sim.Run,
		await: func(ctx context.Context) error { return sim.AwaitSockets(ctx, o.Agents) },
		play: func(ctx context.Context, script scenario.Script, c role) ([]string, error) {
			r, err := sim.Play(ctx, script, simwebex.Call{
				Agents: c.agents, Customer: c.person.Number, Scale: c.scale, Vars: map[string]string{"LCMKey": "57|3|4"},
			})
			return []string{r.Reservation, r.Main}, err
		},
	}, nil
}

// What a call on Webex leads to, after our recommendations: pop and page when it reaches an agent, a log for every agent who
// talks or is consulted.
var (
	webexOffered = expectation{records: map[int]int{0: 1}, pages: map[int]int{0: 1}}
	webexOne     = expectation{records: map[int]int{0: 1}, pages: map[int]int{0: 1}, logs: 1}
	webexTwo     = expectation{records: map[int]int{0: 1, 1: 1}, pages: map[int]int{0: 1, 1: 1}, logs: 2}
)

var webexTables = map[string]expectation{
	"direct_preview":                      webexOne,
	"direct_preview_assign_failed":        webexOffered,
	"direct_preview_blind_transfer":       webexTwo,
	"direct_preview_conference":           webexTwo,
	"direct_preview_consult_ended":        webexTwo,
	"direct_preview_consult_no_answer":    webexTwo,
	"direct_preview_consult_transfer":     webexTwo,
	"direct_preview_invite_failed":        webexOffered,
	"direct_preview_no_answer":            webexOffered,
	"direct_preview_queue_transfer":       webexTwo,
	"direct_preview_remove":               webexOffered,
	"inbound":                             webexOne,
	"inbound_abandoned":                   webexOffered,
	"inbound_assign_failed":               webexOffered,
	"inbound_blind_transfer":              webexTwo,
	"inbound_conference":                  webexTwo,
	"inbound_conference_ended":            webexTwo,
	"inbound_conference_owner_leaves":     webexTwo,
	"inbound_conference_transfer":         webexTwo,
	"inbound_consult_customer_left":       webexTwo,
	"inbound_consult_ended":               webexTwo,
	"inbound_consult_no_answer":           webexTwo,
	"inbound_consult_transfer":            webexTwo,
	"inbound_consult_transfer_unassigned": webexTwo,
	"inbound_entry_point_conference":      webexTwo,
	"inbound_entry_point_ended":           webexTwo,
	"inbound_entry_point_no_answer":       webexTwo,
	"inbound_entry_point_transfer":        webexTwo,
	"inbound_invite_failed":               webexOffered,
	"inbound_no_answer":                   webexOffered,
	"inbound_no_answer_rerouted":          {records: map[int]int{0: 1, 1: 1}, pages: map[int]int{0: 1, 1: 1}, logs: 1},
	"inbound_queue_transfer":              webexTwo,
	"manual_outbound":                     webexOne,
	"manual_outbound_assign_failed":       webexOffered,
	"manual_outbound_blind_transfer":      webexTwo,
	"manual_outbound_conference":          webexTwo,
	"manual_outbound_consult_ended":       webexTwo,
	"manual_outbound_consult_no_answer":   webexTwo,
	"manual_outbound_consult_transfer":    webexTwo,
	"manual_outbound_failed":              webexOffered,
	"manual_outbound_invite_failed":       webexOffered,
	"manual_outbound_no_answer":           webexOffered,
	"manual_outbound_queue_transfer":      webexTwo,
	"predictive":                          webexOne,
	"predictive_assign_failed":            webexOffered,
	"predictive_blind_transfer":           webexTwo,
	"predictive_conference":               webexTwo,
	"predictive_consult_ended":            webexTwo,
	"predictive_consult_no_answer":        webexTwo,
	"predictive_consult_transfer":         webexTwo,
	"predictive_invite_failed":            webexOffered,
	"predictive_no_answer":                webexOffered,
	"predictive_queue_transfer":           webexTwo,
	"preview":                             webexOne,
	"preview_assign_failed":               webexOffered,
	"preview_blind_transfer":              webexTwo,
	"preview_conference":                  webexTwo,
	"preview_consult_ended":               webexTwo,
	"preview_consult_no_answer":           webexTwo,
	"preview_consult_transfer":            webexTwo,
	"preview_invite_failed":               webexOffered,
	"preview_no_answer":                   webexOffered,
	"preview_queue_transfer":              webexTwo,
	"preview_skip":                        webexOffered,
	"preview_unreached":                   webexOffered,
	"progressive":                         webexOne,
	"progressive_assign_failed":           webexOffered,
	"progressive_blind_transfer":          webexTwo,
	"progressive_conference":              webexTwo,
	"progressive_consult_ended":           webexTwo,
	"progressive_consult_no_answer":       webexTwo,
	"progressive_consult_transfer":        webexTwo,
	"progressive_invite_failed":           webexOffered,
	"progressive_no_answer":               webexOffered,
	"progressive_queue_transfer":          webexTwo,
}
