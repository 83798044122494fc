package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"cordboard/call"
	simfinesse "cordboard/sim/finesse"
	"cordboard/sim/scenario"
)

// openCisco opens a simulated Finesse site.
func openCisco(o Options) (*site, error) {
	sim := simfinesse.New(simfinesse.Config{Agents: o.Agents})
	if err := sim.Listen(); err != nil {
		return nil, err
	}
	ready := sim.Ready()
	agents, list := finesseAgents(ready, o.Agents)
	return &site{
		name: "finesse", platform: string(call.Cisco), agents: agents, scripts: simfinesse.Scripts(), expect: ciscoTables,
		settings: fmt.Sprintf("url: %v\nxmpp: %v\nagents_file: finesse-agents.csv\n", ready["url"], ready["ws_url"]),
		files:    map[string]string{"finesse-agents.csv": list},
		run:      sim.Run,
		await:    func(ctx context.Context) error { return sim.AwaitSessions(ctx, o.Agents) },
		play: func(ctx context.Context, script scenario.Script, c role) ([]string, error) {
			r, err := sim.Play(ctx, script, simfinesse.Call{
				Agents: c.agents, Customer: c.person.Number, Campaign: "Spring renewals", Scale: c.scale, Vars: finesseVars(script, c),
			})
			return []string{r.Main, r.Reservation, r.Consult}, err
		},
	}, nil
}

// finesseVars is what the campaign put into the call's data. A preview's reservation carries no number, so a site puts
// the record's id there; other calls are found by number.
func finesseVars(script scenario.Script, c role) map[string]string {
	vars := map[string]string{"LCMKey": fmt.Sprintf("57|3|%d", rand.N(1000))}
	if strings.Contains(script.Name, "preview") {
		vars["SalesforceId"] = c.person.ID
	}
	return vars
}

// finesseAgents reads the agents from the site's readiness line, as any client would, and lists them with their
// passwords and extensions.
func finesseAgents(ready map[string]any, n int) (ids []string, list string) {
	raw, err := json.Marshal(ready)
	if err != nil {
		panic(err) // plain data
	}
	var line struct {
		Agents struct {
			FirstID        string `json:"first_id"`
			FirstExtension string `json:"first_extension"`
			Password       string `json:"password"`
		} `json:"agents"`
	}
	if err := json.Unmarshal(raw, &line); err != nil {
		panic(err)
	}
	var b strings.Builder
	b.WriteString("# id,password,extension\n")
	id, ext := number(line.Agents.FirstID), number(line.Agents.FirstExtension)
	for i := range n {
		ids = append(ids, fmt.Sprint(id+i))
		fmt.Fprintf(&b, "%d,%s,%d\n", id+i, line.Agents.Password, ext+i)
	}
	return ids, b.String()
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err) // the simulator's ids are numbers
	}
	return n
}

// ciscoTables are from Acqueon's "Cisco" page: Recommended Workflow Configurations.
var ciscoTables = map[string]expectation{
	// Predictive: pop and page when the customer is put to the agent, and again when the consult call reaches the
	// consultant (both on the first agent's side); a log of the call and one of the consult call.
	"predictive":       {records: map[int]int{0: 2}, pages: map[int]int{0: 2}, logs: 2},
	"predictive_plain": {records: map[int]int{0: 1}, pages: map[int]int{0: 1}, logs: 1},
	// Progressive and inbound: the page recommends nothing.
	"progressive":                 {},
	"progressive_plain":           {},
	"inbound":                     {},
	"inbound_ring_no_answer":      {},
	"inbound_blind_transfer_to_b": {},
	"inbound_warm_transfer":       {},
	"inbound_consult_conference":  {},
	// Preview: pop and page at the offer, log when the customer answers; a skipped one is never logged.
	"preview":        {records: map[int]int{0: 1}, pages: map[int]int{0: 1}, logs: 1},
	"preview_skip":   {records: map[int]int{0: 1}, pages: map[int]int{0: 1}},
	"direct_preview": {records: map[int]int{0: 1}, pages: map[int]int{0: 1}, logs: 1},
	// Manual: pop and page when the customer's phone rings, log when the customer answers.
	"manual_outbound": {records: map[int]int{0: 1}, pages: map[int]int{0: 1}, logs: 1},
	// These begin when the call is up already. Preview logs at its ringing, which nobody saw; manual at its answer.
	// The consulted agent gets a pop, a page and a log.
	"preview_consult_conference":         {records: map[int]int{1: 1}, pages: map[int]int{1: 1}, logs: 1},
	"direct_preview_consult_conference":  {records: map[int]int{1: 1}, pages: map[int]int{1: 1}, logs: 1},
	"manual_outbound_consult_conference": {records: map[int]int{1: 1}, pages: map[int]int{1: 1}, logs: 2, alone: 1},
}
