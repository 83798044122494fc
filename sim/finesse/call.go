package finesse

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The pacing modes, as arguments of the verb "offer" and "dial".
const (
	modeInbound     = "inbound"
	modeManual      = "manual"
	modePreview     = "preview"
	modeDirect      = "direct-preview"
	modeProgressive = "progressive"
	modePredictive  = "predictive"
)

// A call is one customer interaction: up to three dialogs and the agents in
// it. Scripts and REST requests move the same methods. Guarded by Server.mu.
type call struct {
	s        *Server
	spec     Call
	ids      Result
	mode     string
	blended  bool
	agents   []*agent // by their place in the script
	far      string   // the number that a consult or transfer goes to
	response string   // BAResponse

	reservation, main, consult *dialog
}

// newCall reserves the dialog ids, so that a caller knows them before the
// first message is out.
func (s *Server) newCall(spec Call, agents []*agent) *call {
	c := &call{s: s, spec: spec, agents: agents}
	c.ids = Result{Reservation: s.nextDialogID(), Main: s.nextDialogID(), Consult: s.nextDialogID()}
	if c.spec.Customer == "" {
		c.spec.Customer = fmt.Sprintf("555555%04d", s.lastDialog/3%10000)
	}
	c.spec.Customer = strings.TrimPrefix(c.spec.Customer, "+")
	if c.spec.Campaign == "" {
		c.spec.Campaign = "SpringRenewals"
	}
	if c.spec.Account == "" {
		c.spec.Account = "ACC-" + c.ids.Main
	}
	if c.far = spec.Colleague; len(agents) > 1 {
		c.far = agents[1].ext
	} else if c.far == "" {
		c.far = "92999"
	}
	c.ids.Customer = c.spec.Customer
	return c
}

// callVars are the variables that every call carries: the caller's own on top
// of the four that a site would fill.
func (c *call) callVars() []variable {
	vars := []variable{{"callVariable1", ""}, {"callVariable2", c.spec.Account}, {"callVariable3", ""}}
	if !c.given("user.LCMKey") {
		vars = append(vars, variable{"user.LCMKey", ""})
	}
	return c.withGiven(vars)
}

func (c *call) given(name string) bool {
	for n := range c.spec.Vars {
		if variableName(n) == name {
			return true
		}
	}
	return false
}

func (c *call) withGiven(vars []variable) []variable {
	for _, name := range slices.Sorted(maps.Keys(c.spec.Vars)) {
		vars = set(vars, variableName(name), c.spec.Vars[name])
	}
	return vars
}

// variableName makes an ECC variable of a bare name: on CCE these are called
// user.<name>; call variables and the dialer's BA variables stand alone.
func variableName(name string) string {
	if strings.HasPrefix(name, "callVariable") || strings.HasPrefix(name, "user.") || strings.HasPrefix(name, "BA") {
		return name
	}
	return "user." + name
}

// campaignVars are callVars with the dialer's BA variables between them.
func (c *call) campaignVars(status string) []variable {
	if c.blended {
		status = "BLENDED_" + status
	}
	vars := []variable{{"callVariable1", ""}, {"callVariable2", c.spec.Account}, {"BACampaign", c.spec.Campaign},
		{"BAAccountNumber", c.spec.Account}, {"BAResponse", c.response}, {"BAStatus", status},
		{"BADialedListID", c.listID()}, {"BATimeZone", ""}, {"BABuddyName", "Quinn,Ivy"}}
	return c.withGiven(vars)
}

// listID is the contact's number in the dialing list: one contact, one number. It is made of the first dialog's id.
func (c *call) listID() string {
	id := c.ids.Main
	if len(id) > 6 {
		id = id[len(id)-6:]
	}
	return id
}

// status is the BAStatus of the customer call.
func (c *call) status() string {
	switch c.mode {
	case modePreview:
		return "PREVIEW_OUTBOUND"
	case modeDirect:
		return "DIRECT_PREVIEW_OUTBOUND"
	case modeProgressive:
		return "PROGRESSIVE_OUTBOUND"
	case modePredictive:
		return "PREDICTIVE_OUTBOUND"
	}
	return ""
}

func set(vars []variable, name, value string) []variable {
	for i := range vars {
		if vars[i].name == name {
			vars[i].value = value
			return vars
		}
	}
	return append(vars, variable{name, value})
}

// joinable says whether the agent could merge the held dialog with another
// one that is active: what TRANSFER and CONFERENCE need.
func (c *call) joinable(a *agent, d *dialog) bool {
	if c == nil || c.main != d || c.consult == nil || c.consult.merged || c.consult.owner != a {
		return false
	}
	p := c.consult.party(a)
	return p != nil && p.state == active
}

// A refusal is why a request cannot be done. Kinds and messages are those of
// the documents' error tables where a row fits.
type refusal struct{ kind, message, data string }

func (r *refusal) Error() string { return r.kind + ": " + r.message }

func notNow(what string) *refusal {
	return &refusal{kind: "Invalid State", message: what, data: ""}
}

// ended forgets a dialog that no agent is in any more.
func (s *Server) ended(d *dialog) {
	for _, p := range d.parties {
		if p.agent != nil && p.agent.has(d) {
			return
		}
	}
	delete(s.dialogs, d.id)
	s.life.Changed()
}
