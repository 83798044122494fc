package webex

import (
	"strconv"
	"time"
)

const ronaSeconds = 18 // what messages say; Config.Rona is how long the simulator waits

// stamp is a time on the wire, null when there is none.
func stamp(at time.Time) *int64 {
	if at.IsZero() {
		return nil
	}
	return new(at.UnixMilli())
}

// render is the message of a kind for the agent of a leg. The caller adds what
// only that kind has.
func (t *task) render(l *leg, kind string) contact {
	c := contact{Type: kind, EventType: "RoutingMessage", EventTime: t.now().UnixMilli(), AgentID: l.agent.id, OrgID: orgID,
		InteractionID: t.id, MediaResourceID: t.id, QueueMgr: queueManager, TrackingID: t.s.ids.uuid(), Interaction: t.show(l, kind)}
	if q := t.consult; q != nil {
		c.ConsultMediaID, c.DestAgentID, c.DestinationType, c.ConsultingAgent = q.id, q.number, q.kind, q.from.agent.id
		if q.to != nil {
			c.DestAgentID = q.to.agent.id
		}
	}
	l.seen++
	return c
}

// show is the task in the eyes of one agent.
func (t *task) show(l *leg, kind string) interaction {
	i := interaction{ID: t.id, OrgID: orgID, State: t.stateFor(l), MediaType: "telephony", MediaChannel: "telnyx",
		ContactDirection: direction{"OUTBOUND"}, OutboundType: t.outboundType(), Created: t.created.UnixMilli(), IsFcManaged: true,
		IsTerminated: !t.ended.IsZero(), Main: t.id, Parent: t.id, CurrentVTeam: t.queue, PreviousVTeams: append([]string{}, t.before...),
		Media: t.showMedia(), Participants: t.showParties()}
	if t.inbound() {
		i.ContactDirection.Type = "INBOUND"
	}
	if t.owner != nil {
		i.Owner = t.owner.id
	}
	if t.parent != nil {
		i.Parent = t.parent.id
	}
	i.Processing, i.Details = t.details(kind)
	i.CAD = t.showVariables(l, kind)
	return i
}

// bare says that this kind of message lacks the numbers and variables: the end
// of a contact comes without them (seen in the field), unless Config.Whole.
func (t *task) bare(kind string) bool { return kind == "ContactEnded" && !t.s.cfg.Whole }

// details are the processing details and the plain call associated details.
func (t *task) details(kind string) (processing, plain map[string]string) {
	p := map[string]string{"tenantId": orgID, "QueueId": t.queue, "virtualTeamName": queueNames[t.queue], "vteamId": t.queue,
		"ronaTimeout": strconv.Itoa(ronaSeconds), "participantInviteTimeout": "false", "isParked": strconv.FormatBool(t.parked),
		"taskToBeSelfServiced": "false", "pauseResumeEnabled": "true", "workflowId": workflowID, "workflowName": workflowName,
		"EP_ID": entryPointID, "fceRegisteredEvents": "", "isReconciledCAD": "true", "mohFileName": "defaultmusic_on_hold.wav",
		"outdialTransferToQueueEnabled": "false"}
	d := map[string]string{"virtualTeamName": queueNames[t.queue]}
	if !t.bare(kind) {
		p["ani"], p["dnis"] = t.origin, t.destination
		d["ani"], d["dn"] = t.origin, t.destination
	}
	if t.campaign != "" {
		p["campaignId"], d["campaignId"] = t.campaign, t.campaign
		t.campaignDetails(p, kind)
	}
	t.relate(p)
	if t.mode == modeManual && len(t.legs) > 0 {
		p["outdialAgentId"] = t.legs[0].agent.id
	}
	for _, v := range t.variables {
		if isFlowName(v.name) {
			p[v.name], d[v.name] = v.value, v.value
		}
	}
	if t.recording != "" && t.ended.IsZero() {
		p["recordingStarted"], p["recordInProgress"] = "true", strconv.FormatBool(t.recording == "started")
		if t.recording == "paused" {
			p["isPaused"] = "true"
		}
	}
	if t.state == stateConference {
		p["isConferencing"] = "true"
	}
	return p, d
}

// campaignDetails adds what a campaign contact carries. Predictive and
// progressive calls say no type: the message does not tell them apart.
func (t *task) campaignDetails(p map[string]string, kind string) {
	if t.preview() || t.s.cfg.CampaignTypes {
		p["campaignType"] = campaignTypes[t.mode]
	}
	if !t.preview() || t.reservation != nil || kind == "CampaignContactUpdated" {
		return // the preview members belong to the reservation; the update may lack them
	}
	c := t.s.campaigns[t.campaign]
	p["campaignPreviewOfferTimeout"] = milliseconds(c.offerTimeout())
	p["campaignPreviewAutoAction"] = c.autoAction()
	p["campaignPreviewSkipDisabled"] = strconv.FormatBool(c.disabled("SKIP"))
	p["campaignPreviewRemoveDisabled"] = strconv.FormatBool(c.disabled("REMOVE"))
}

func isFlowName(name string) bool {
	for _, n := range flowNames {
		if n == name {
			return true
		}
	}
	return false
}

// showVariables is the part of the call associated data that this message
// carries: every other variable, by turns, so that only whoever puts the
// messages together knows all. AgentContact and Config.Whole carry all.
func (t *task) showVariables(l *leg, kind string) map[string]variable {
	out := map[string]variable{}
	if t.bare(kind) {
		return out
	}
	n := 0
	for _, v := range t.variables {
		if isFlowName(v.name) {
			continue
		}
		n++
		if !t.s.cfg.Whole && kind != "AgentContact" && n%2 == l.seen%2 {
			continue
		}
		out[v.name] = variable{Name: v.name, DisplayName: v.name, Value: v.value, Type: "STRING", AgentViewable: true, AgentEditable: true, Global: true}
	}
	return out
}

func (t *task) showMedia() map[string]media {
	main := media{ID: t.id, MediaType: "telephony", MediaMgr: "callmm", Kind: "mainCall", IsHold: !t.held.IsZero(),
		HoldTimestamp: stamp(t.held), Participants: []string{}}
	for _, l := range t.legs {
		if !l.consulted {
			main.add(l.agent.id)
		}
	}
	if t.customer.joined || t.mode == modeManual {
		main.add(t.customer.number)
	}
	if t.outside != nil {
		main.add(t.outside.number)
	}
	all := map[string]media{t.id: main}
	if q := t.consult; q != nil {
		m := media{ID: q.id, MediaType: "telephony", MediaMgr: "callmm", Kind: "consult", IsHold: q.held, Participants: []string{q.from.agent.id}}
		if q.to != nil {
			m.add(q.to.agent.id)
		} else {
			m.add(q.number)
		}
		all[q.id] = m
	}
	return all
}

func (m *media) add(id string) {
	for _, have := range m.Participants {
		if have == id {
			return
		}
	}
	m.Participants = append(m.Participants, id)
}

func (t *task) showParties() map[string]any {
	all := make(map[string]any, len(t.legs)+2)
	for _, l := range t.legs {
		all[l.agent.id] = t.showAgent(l)
	}
	if t.customer.joined || t.mode == modeManual {
		all[t.customer.number] = outsideParty{ID: t.customer.number, PType: "Customer", Type: "Customer", HasJoined: t.customer.joined, HasLeft: t.customer.left}
	}
	if q := t.consult; q != nil && q.to == nil {
		p := outsideParty{ID: q.number, PType: "DN", Type: "Agent", DN: q.number, HasJoined: q.answered}
		if q.child != nil {
			p.PType, p.Type, p.DN, p.EpID = "EP-DN", "EpDn", "", q.number
		}
		all[q.number] = p
	}
	if o := t.outside; o != nil {
		all[o.number] = outsideParty{ID: o.number, PType: "DN", Type: "Agent", DN: o.number, HasJoined: o.joined, HasLeft: o.left}
	}
	return all
}

func (t *task) showAgent(l *leg) agentParty {
	a := l.agent
	p := agentParty{ID: a.id, PType: "Agent", Type: "Agent", Name: a.name, DN: a.dn, HasJoined: l.joined || l.advised, HasLeft: l.left, IsOffered: l.offered,
		IsConsulted: l.consulted, IsWrapUp: l.wrapUp, IsWrappedUp: l.wrapped, ChannelID: a.channel, QueueID: t.queue, QueueMgrID: queueManager,
		SessionID: a.session, SiteID: siteID, TeamID: teamID, TeamName: teamName, Skills: []string{}, WrapUpTime: stamp(l.wrapSince)}
	if l.consult != "" {
		p.ConsultState, p.ConsultTime = &l.consult, stamp(l.since)
	}
	return p
}
