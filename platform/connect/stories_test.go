package connect_test

// The stories: each plays a call on a stage.

func inboundCall() *stage {
	s := newStage()
	c := s.contact("c-in", "INBOUND")
	s.event("INITIATED", c)
	far := s.line(&wire{id: "c-in", kind: "inbound", initial: true, number: customer, endpoint: "phone_number"}, "connected")
	s.at(5)
	x := s.give(ada, c, "connecting", far)
	s.at(8)
	c.agent, c.connected = ada, s.now
	s.set(ada, x, "connected")
	s.event("CONNECTED_TO_AGENT", c)
	s.at(30).line(far, "hold")
	s.show(ada)
	s.at(45).line(far, "connected")
	s.show(ada)
	s.finish(ada, x, 60, 75)
	return s
}

// heldToTheEnd is an inbound call whose customer hangs up while waiting on hold for the second time.
func heldToTheEnd() *stage {
	s := newStage()
	c := s.contact("c-held", "INBOUND")
	s.event("INITIATED", c)
	far := s.line(&wire{id: "c-held", kind: "inbound", initial: true, number: customer, endpoint: "phone_number"}, "connected")
	s.at(5)
	x := s.give(ada, c, "connecting", far)
	s.at(8)
	c.agent, c.connected = ada, s.now
	s.set(ada, x, "connected")
	s.event("CONNECTED_TO_AGENT", c)
	for _, hold := range []float64{20, 40} {
		s.at(hold).line(far, "hold")
		s.show(ada)
		if hold < 40 {
			s.at(hold+10).line(far, "connected")
			s.show(ada)
		}
	}
	s.finish(ada, x, 60, 75)
	return s
}

// finish ends the talk and the work after it.
func (s *stage) finish(agent string, x *seat, ended, cleared float64) {
	s.at(ended)
	x.ended = s.now
	for _, w := range []*wire{x.customer, x.third} {
		if w != nil {
			s.line(w, "disconnected")
		}
	}
	s.set(agent, x, "ended")
	s.event("DISCONNECTED", x.talk)
	s.at(cleared)
	x.acwEnd = s.now
	s.drop(agent, x)
	s.event("COMPLETED", x.talk)
}

// missedCall rings out at ada, comes back to her, rings out again and is taken by ben.
func missedCall() *stage {
	s := newStage()
	c := s.contact("c-missed", "INBOUND")
	far := s.line(&wire{id: "c-missed", kind: "inbound", initial: true, number: customer, endpoint: "phone_number"}, "connected")
	for _, from := range []float64{5, 40} {
		s.at(from)
		x := s.give(ada, c, "connecting", far)
		s.at(from+20).set(ada, x, "missed")
		s.at(from+25).drop(ada, x)
	}
	s.at(70)
	x := s.give(ben, c, "connecting", far)
	s.at(74)
	c.agent, c.connected = ben, s.now
	s.set(ben, x, "connected")
	s.event("CONNECTED_TO_AGENT", c)
	s.finish(ben, x, 100, 110)
	return s
}

// manualCall is a call that ada dials, with a consult outside that becomes a conference.
func manualCall() *stage {
	s := newStage()
	s.at(3)
	c := s.contact("c-out", "OUTBOUND")
	s.event("INITIATED", c)
	far := s.line(&wire{id: "c-out", kind: "outbound", initial: true, number: customer, endpoint: "phone_number"}, "connecting")
	x := s.give(ada, c, "connecting", far)
	s.at(11)
	c.answered, c.agent, c.connected = s.now, ada, s.now
	s.line(far, "connected")
	s.set(ada, x, "connected")
	s.event("CONNECTED_TO_SYSTEM", c)
	s.event("CONNECTED_TO_AGENT", c)
	s.consult(ada, x, 40, "phone_number")
	s.at(60).line(far, "connected")
	s.show(ada)
	s.finish(ada, x, 80, 95)
	return s
}

// consult puts the customer on hold and calls a third party, who answers six seconds later.
func (s *stage) consult(agent string, x *seat, from float64, endpoint string) {
	s.at(from).line(x.customer, "hold")
	s.show(agent)
	s.at(from + 3)
	third := &wire{id: "line-3", kind: "outbound", number: outside, endpoint: endpoint}
	if endpoint == "agent" {
		third.number = ""
	}
	x.third = s.line(third, "connecting")
	s.show(agent)
	s.at(from+9).line(third, "connected")
	s.show(agent)
}

// manualConsultOutlives is a manual call whose customer leaves while ada consults.
func manualConsultOutlives() *stage {
	s := newStage()
	s.at(3)
	c := s.contact("c-out2", "OUTBOUND")
	s.event("INITIATED", c)
	far := s.line(&wire{id: "c-out2", kind: "outbound", initial: true, number: customer, endpoint: "phone_number"}, "connecting")
	x := s.give(ada, c, "connecting", far)
	s.at(11)
	c.answered, c.agent, c.connected = s.now, ada, s.now
	s.line(far, "connected")
	s.set(ada, x, "connected")
	s.event("CONNECTED_TO_AGENT", c)
	s.consult(ada, x, 40, "phone_number")
	s.at(60).line(far, "disconnected")
	s.show(ada)
	s.finish(ada, x, 80, 95)
	return s
}

// unansweredCall is a manual call that nobody answers.
func unansweredCall() *stage {
	s := newStage()
	s.at(3)
	c := s.contact("c-none", "OUTBOUND")
	c.agent = ada
	s.event("INITIATED", c)
	far := s.line(&wire{id: "c-none", kind: "outbound", initial: true, number: customer, endpoint: "phone_number"}, "connecting")
	x := s.give(ada, c, "connecting", far)
	s.finish(ada, x, 30, 35)
	return s
}

func previewOffer(s *stage, id string) (*talk, *seat) {
	c := s.contact(id, "CAMPAIGN_PREVIEW")
	c.campaign = "campaign-preview"
	s.event("INITIATED", c)
	s.at(5)
	x := s.give(ada, c, "connecting", nil)
	s.at(9)
	c.agent, c.accepted, c.connected = ada, s.now, s.now
	s.set(ada, x, "connected")
	s.event("CONTACT_DATA_UPDATED", c)
	s.event("CONNECTED_TO_AGENT", c)
	return c, x
}

// previewCall is dialled, answered, held for a consult that ends, and talked on.
func previewCall() *stage {
	s := newStage()
	c, x := previewOffer(s, "c-preview")
	s.at(15)
	c.previewEnd = s.now
	x.customer = s.line(&wire{id: "line-1", kind: "outbound", number: customer, endpoint: "phone_number"}, "connecting")
	s.show(ada)
	s.at(24)
	c.answered = s.now
	s.line(x.customer, "connected")
	s.show(ada)
	s.event("CONNECTED_TO_SYSTEM", c)
	s.consult(ada, x, 40, "phone_number")
	s.at(60).line(x.third, "disconnected")
	s.show(ada)
	s.at(63).line(x.customer, "connected")
	x.third = nil
	s.show(ada)
	s.finish(ada, x, 90, 110)
	return s
}

// previewPassed is accepted and then discarded.
func previewPassed() *stage {
	s := newStage()
	c, x := previewOffer(s, "c-passed")
	s.at(13)
	c.previewEnd, c.reason = s.now, "OUTBUND_PREVIEW_DISCARDED"
	s.finish(ada, x, 14, 20)
	return s
}

// campaignCall is a progressive or predictive call with a warm transfer to ben.
func campaignCall(mode string) *stage {
	s := newStage()
	c := s.contact("c-"+mode, "API")
	c.campaign = "campaign-" + mode
	s.event("INITIATED", c)
	s.at(4)
	c.answered = s.now
	s.event("CONNECTED_TO_SYSTEM", c)
	far := s.line(&wire{id: c.id, kind: "inbound", initial: true, number: customer, endpoint: "phone_number"}, "connected")
	s.at(5)
	x := s.give(ada, c, "connecting", far)
	s.at(7)
	c.agent, c.connected = ada, s.now
	s.set(ada, x, "connected")
	s.event("CONNECTED_TO_AGENT", c)

	s.at(40).line(far, "hold")
	s.show(ada)
	s.at(43)
	second := s.contact("c-second-"+mode, "TRANSFER")
	second.initial = c.id
	s.event("INITIATED", second)
	x.third = s.line(&wire{id: "line-3", kind: "outbound", endpoint: "agent"}, "connected") // in ben's queue
	s.show(ada)
	s.at(44)
	far2 := s.line(&wire{id: second.id, kind: "inbound", initial: true, number: customer, endpoint: "phone_number"}, "connected")
	y := s.give(ben, second, "connecting", far2)
	s.at(50)
	second.agent, second.connected = ben, s.now
	s.set(ben, y, "connected")
	s.event("CONNECTED_TO_AGENT", second)
	s.finish(ada, x, 60, 70) // ada leaves, ben talks on
	s.finish(ben, y, 90, 100)
	return s
}

// blindCall is an inbound call that ada sends on to ben without waiting for him; he takes it when she has gone.
func blindCall() *stage {
	s := newStage()
	c := s.contact("c-blind", "INBOUND")
	s.event("INITIATED", c)
	far := s.line(&wire{id: c.id, kind: "inbound", initial: true, number: customer, endpoint: "phone_number"}, "connected")
	s.at(5)
	x := s.give(ada, c, "connecting", far)
	s.at(8)
	c.agent, c.connected = ada, s.now
	s.set(ada, x, "connected")
	s.event("CONNECTED_TO_AGENT", c)
	s.at(40).line(far, "hold")
	second := s.contact("c-blind-second", "TRANSFER")
	second.initial = c.id
	s.event("INITIATED", second)
	x.third = s.line(&wire{id: "line-3", kind: "outbound", endpoint: "agent"}, "connecting")
	s.show(ada)
	s.at(40.1).line(x.third, "connected") // in ben's queue
	s.show(ada)
	y := s.give(ben, second, "connecting", s.line(&wire{id: second.id, kind: "inbound", initial: true, number: customer, endpoint: "phone_number"}, "connected"))
	s.at(40.2)
	c.ended = s.now
	x.customer, x.third = s.line(far, "disconnected"), nil
	s.set(ada, x, "ended")
	s.event("DISCONNECTED", c)
	s.at(44)
	second.agent, second.connected = ben, s.now
	s.set(ben, y, "connected")
	s.event("CONNECTED_TO_AGENT", second)
	s.at(50)
	c.acwEnd = s.now
	s.drop(ada, x)
	s.event("COMPLETED", c)
	s.finish(ben, y, 90, 100)
	return s
}

func progressiveCall() *stage { return campaignCall("progressive") }
func predictiveCall() *stage  { return campaignCall("predictive") }

// machine is a campaign's call that a machine answered.
func machine() *stage {
	s := newStage()
	c := s.contact("c-machine", "API")
	c.campaign = "campaign-predictive"
	s.event("INITIATED", c)
	s.at(6)
	c.answered = s.now
	s.event("CONNECTED_TO_SYSTEM", c)
	s.at(30)
	c.ended = s.now
	s.event("DISCONNECTED", c)
	s.event("COMPLETED", c)
	return s
}

var stories = map[string]func() *stage{
	"inbound": inboundCall, "held to the end": heldToTheEnd, "missed": missedCall, "manual": manualCall, "consult outlives": manualConsultOutlives, "unanswered": unansweredCall,
	"preview": previewCall, "preview passed": previewPassed, "progressive": progressiveCall, "predictive": predictiveCall, "machine": machine, "blind": blindCall,
}
