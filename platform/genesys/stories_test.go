package genesys_test

import "time"

// stories are the ways a call goes, each as the messages that Genesys sends of it.
func stories() map[string]*cast {
	all := map[string]*cast{}
	for name, play := range map[string]func(c *cast){
		"inbound": inboundCall, "inbound missed": missedCall, "inbound without work": workless, "predictive": dialed("predictive"),
		"progressive": dialed("progressive"), "power": dialed("power"), "manual": manualCall, "manual unanswered": unanswered,
		"preview": previewDialed, "preview skipped": previewSkipped, "preview timed out": previewTimedOut,
		"preview dialled twice": previewTwice, "callback": scheduledCallback, "consult transfer": consultTransfer,
		"consult taken back": consultCancelled, "consult conference": consultConference, "blind transfer": blindTransfer,
		"transfer to a queue": queueTransfer, "transfer back": transferBack, "agentless": agentless, "colleagues": colleagues,
	} {
		c := newCast(dashed(name))
		play(c)
		all[name] = c
	}
	return all
}

func dashed(name string) string {
	b := []byte(name)
	for i := range b {
		if b[i] == ' ' {
			b[i] = '-'
		}
	}
	return string(b)
}

// offer alerts an agent and lets him answer.
func (c *cast) offer(id, user, direction string) (*person, map[string]any) {
	a := c.add(id, "agent", user)
	s := a.call(id+"-call", "alerting", direction)
	c.show()
	a.tell("user.start", id+"-call", "VOICE", map[string]any{"direction": upper(direction), "ani": "tel:+12025550143", "dnis": "tel:+12025550143"})
	c.after(3 * time.Second).connect(s)
	c.show()
	return a, s
}

func upper(direction string) string {
	if direction == "inbound" {
		return "INBOUND"
	}
	return "OUTBOUND"
}

// finish ends a call that one agent and the customer talk in, with after-call work.
func (c *cast) finish(cust *person, a *person, s map[string]any, session string) {
	c.after(30*time.Second).end(cust.calls[len(cust.calls)-1], "disconnected", "endpoint")
	cust.leave()
	c.end(s, "disconnected", "peer")
	a.leave()
	c.work(s, "pending")
	a.tell("user.end", session, "VOICE", map[string]any{"disconnectType": "PEER", "interactingDurationMs": 30000})
	c.show()
	a.wrap("w-sale")
	c.after(8*time.Second).work(s, "complete")
	c.end(s, "terminated", "")
	c.end(cust.calls[len(cust.calls)-1], "terminated", "")
	a.tell("acw", session, "VOICE", map[string]any{"wrapupCode": "w-sale", "wrapupDurationMs": 8000})
	c.show()
}

func inboundCall(c *cast) {
	cust := c.caller("inbound")
	cust.fields["attributes"] = map[string]string{"caseNumber": "00001026"}
	a, s := c.offer("a1", "u1", "inbound")
	c.after(5 * time.Second).hold(s)
	c.show()
	c.show()
	c.after(10 * time.Second).resume(s)
	c.show()
	cust.fields["attributes"] = map[string]string{"caseNumber": "00001026", "mood": "better"}
	c.after(5 * time.Second).show()
	c.finish(cust, a, s, "a1-call")
}

func missedCall(c *cast) {
	cust := c.caller("inbound")
	a := c.add("a1", "agent", "u1")
	s := a.call("a1-call", "alerting", "inbound")
	c.show()
	c.after(8*time.Second).end(s, "disconnected", "transfer.noanswer")
	a.leave()
	c.show()
	c.after(200*time.Millisecond).end(s, "terminated", "")
	b := c.add("a2", "agent", "u2")
	r := b.call("a2-call", "alerting", "inbound")
	c.show()
	c.after(2 * time.Second).connect(r)
	c.show()
	c.finish(cust, b, r, "a2-call")
}

func workless(c *cast) {
	cust := c.caller("inbound")
	a, s := c.offer("a1", "u1", "inbound")
	c.after(20*time.Second).end(s, "disconnected", "client")
	a.leave()
	c.end(cust.calls[0], "disconnected", "peer")
	c.show()
	c.after(200*time.Millisecond).end(s, "terminated", "")
	c.show()
}

// dialed is a call of a campaign whose dialer has the customer on the line before the agent.
func dialed(mode string) func(c *cast) {
	return func(c *cast) {
		c.send("v2.outbound.voice.campaigns.contact.preContact", map[string]any{
			"eventTime": opening.UnixMilli(), "conversationId": c.id, "outboundCampaignId": "camp-" + mode, "outboundContactId": "contact-7",
			"dialingMode": mode, "voiceAttributes": map[string]any{"contactPhoneNumber": "+12025550143"}})
		c.after(6 * time.Second)
		cust := c.caller("outbound").dialer("camp-" + mode)
		a, s := c.offer("a1", "u1", "outbound")
		c.after(5 * time.Second).hold(s)
		c.show()
		c.after(10 * time.Second).resume(s)
		c.show()
		c.finish(cust, a, s, "a1-call")
	}
}

// dial lets an agent dial; the customer's session is returned.
func (c *cast) dial() (cust, a *person, s map[string]any) {
	cust = c.add("cust", "external", "")
	cust.call("cust-call", "dialing", "outbound")
	a = c.add("a1", "user", "u1")
	s = a.call("a1-call", "dialing", "outbound")
	s["peerId"] = c.id + "-cust-call"
	c.show()
	c.after(300 * time.Millisecond)
	s["state"] = "connected"
	c.show()
	return cust, a, s
}

func manualCall(c *cast) {
	cust, a, s := c.dial()
	c.after(7 * time.Second).connect(cust.calls[0])
	c.show()
	c.finish(cust, a, s, "a1-call")
}

func unanswered(c *cast) {
	cust, a, s := c.dial()
	c.after(25*time.Second).end(cust.calls[0], "terminated", "timeout")
	c.end(s, "disconnected", "peer")
	a.leave()
	c.show()
	c.end(s, "terminated", "")
	c.after(200 * time.Millisecond).show()
}

// preview offers a preview and lets the agent take it.
func (c *cast) preview() (cust, a *person) {
	cust = c.add("cust", "customer", "").dialer("camp-preview")
	cust.callback("cust-cb", "connected", "camp-preview")
	a = c.add("a1", "agent", "u1")
	s := a.callback("a1-cb", "alerting", "camp-preview")
	c.show()
	a.tell("user.start", "a1-cb", "CALLBACK", map[string]any{"direction": "OUTBOUND", "callbackNumbers": []string{"+12025550143"}})
	c.after(4 * time.Second).connect(s)
	c.show()
	return cust, a
}

// dialPreview lets the agent have the previewed contact dialled.
func (c *cast) dialPreview(cust, a *person, n string) (far, near map[string]any) {
	far = cust.call("cust-call-"+n, "dialing", "outbound")
	near = a.call("a1-call-"+n, "connected", "outbound")
	near["initialState"], near["peerId"] = "dialing", far["id"]
	c.after(10 * time.Second).connect(near)
	c.show()
	a.tell("user.start", "a1-call-"+n, "VOICE", map[string]any{"direction": "OUTBOUND", "dnis": "tel:+12025550143"})
	return far, near
}

func (c *cast) hangUp(a *person, far, near map[string]any, n string) {
	c.end(far, "terminated", "peer")
	c.end(near, "terminated", "client")
	a.tell("user.end", "a1-call-"+n, "VOICE", map[string]any{"disconnectType": "CLIENT", "direction": "OUTBOUND"})
	c.show()
}

func (c *cast) closePreview(cust, a *person, acw, code string) {
	a.wrap(code)
	a.tell("wrapup", "a1-cb", "CALLBACK", map[string]any{"wrapupCode": code, "direction": "OUTBOUND"})
	c.end(cust.callbacks[0], "terminated", "peer")
	c.end(a.callbacks[0], "terminated", "client")
	a.leave()
	c.work(a.callbacks[0], acw)
	c.pruned = true
	a.tell("user.end", "a1-cb", "CALLBACK", map[string]any{"disconnectType": "CLIENT", "direction": "OUTBOUND", "interactingDurationMs": 100})
	c.after(100 * time.Millisecond).show()
	c.after(300*time.Millisecond).send("v2.outbound.preview.campaigns.contact.postContact", map[string]any{
		"eventTime": opening.Add(c.now).UnixMilli(), "conversationId": c.id, "outboundCampaignId": "camp-preview", "outboundContactId": "contact-7",
		"dialingMode": "PREVIEW", "wrapupCode": code, "agentId": "u1"})
}

func previewDialed(c *cast) {
	cust, a := c.preview()
	far, near := c.dialPreview(cust, a, "1")
	c.after(9 * time.Second).connect(far)
	c.show()
	c.after(20 * time.Second).hold(near)
	c.show()
	c.after(10 * time.Second).resume(near)
	c.show()
	c.after(20*time.Second).hangUp(a, far, near, "1")
	c.after(14*time.Second).closePreview(cust, a, "complete", "w-sale")
}

func previewSkipped(c *cast) {
	cust, a := c.preview()
	c.after(8*time.Second).closePreview(cust, a, "skipped", "ININ-OUTBOUND-PREVIEW-SKIPPED")
}

func previewTimedOut(c *cast) {
	cust := c.add("cust", "customer", "").dialer("camp-preview")
	cust.callback("cust-cb", "connected", "camp-preview")
	a := c.add("a1", "agent", "u1")
	s := a.callback("a1-cb", "alerting", "camp-preview")
	c.show()
	c.after(20*time.Second).end(s, "terminated", "timeout")
	a.leave()
	c.show()
}

func previewTwice(c *cast) {
	cust, a := c.preview()
	far, near := c.dialPreview(cust, a, "1")
	c.after(20*time.Second).hangUp(a, far, near, "1")
	far, near = c.dialPreview(cust, a, "2")
	c.after(9 * time.Second).connect(far)
	c.show()
	c.after(20*time.Second).hangUp(a, far, near, "2")
	c.after(14*time.Second).closePreview(cust, a, "complete", "w-sale")
}

func scheduledCallback(c *cast) {
	cust := c.add("cust", "customer", "")
	cust.callback("cust-cb", "connected", "")
	a := c.add("a1", "agent", "u1")
	s := a.callback("a1-cb", "alerting", "")
	c.show()
	c.after(4 * time.Second).connect(s)
	c.show()
	far, near := c.dialPreview(cust, a, "1")
	c.after(9 * time.Second).connect(far)
	c.show()
	c.after(20*time.Second).hangUp(a, far, near, "1")
	c.after(5*time.Second).end(s, "terminated", "client")
	c.work(s, "complete")
	a.leave()
	c.show()
}

// consult lets the first agent ask a second one, while the customer waits.
func (c *cast) consult(cust, a *person, s map[string]any) (b *person, r map[string]any) {
	c.after(5 * time.Second).hold(s)
	cust.calls[0]["confined"] = true
	c.show()
	c.after(500 * time.Millisecond).resume(s)
	for _, p := range []*person{cust, a} {
		p.fields["consultParticipantId"] = c.id + "-cust"
	}
	a.fields["attributes"] = map[string]string{"consultInitiator": "true"}
	b = c.add("a2", "agent", "u2")
	b.fields["consultParticipantId"] = c.id + "-cust"
	r = b.call("a2-call", "alerting", "inbound")
	c.show()
	return b, r
}

// consulted is over: the marks of it go.
func (c *cast) consulted(cust *person) {
	for _, p := range c.people {
		delete(p.fields, "consultParticipantId")
	}
	cust.calls[0]["confined"] = false
}

func consultTransfer(c *cast) {
	cust := c.caller("inbound")
	a, s := c.offer("a1", "u1", "inbound")
	b, r := c.consult(cust, a, s)
	c.after(4 * time.Second).connect(r)
	c.show()
	c.after(15*time.Second).end(s, "disconnected", "transfer")
	a.leave()
	c.work(s, "pending")
	c.consulted(cust)
	c.show()
	c.after(10*time.Second).end(s, "terminated", "")
	c.work(s, "complete")
	a.wrap("w-handed-over")
	c.show()
	c.finish(cust, b, r, "a2-call")
}

func consultCancelled(c *cast) {
	cust := c.caller("inbound")
	a, s := c.offer("a1", "u1", "inbound")
	b, r := c.consult(cust, a, s)
	c.after(6*time.Second).end(r, "disconnected", "client")
	b.leave()
	c.consulted(cust)
	c.show()
	c.after(200*time.Millisecond).end(r, "terminated", "")
	c.show()
	c.finish(cust, a, s, "a1-call")
}

func consultConference(c *cast) {
	cust := c.caller("outbound").dialer("camp-predictive")
	c.send("v2.outbound.voice.campaigns.contact.preContact", map[string]any{
		"conversationId": c.id, "outboundCampaignId": "camp-predictive", "dialingMode": "PREDICTIVE"})
	a, s := c.offer("a1", "u1", "outbound")
	b, r := c.consult(cust, a, s)
	c.after(4 * time.Second).connect(r)
	c.show()
	c.after(10 * time.Second).consulted(cust)
	c.show()
	c.after(20*time.Second).end(s, "terminated", "client")
	a.leave()
	c.show()
	c.finish(cust, b, r, "a2-call")
}

func blindTransfer(c *cast) {
	cust := c.caller("inbound")
	a, s := c.offer("a1", "u1", "inbound")
	c.after(15 * time.Second)
	b := c.add("a2", "agent", "u2")
	r := b.call("a2-call", "alerting", "inbound")
	c.end(s, "disconnected", "transfer")
	a.leave()
	c.show()
	c.after(200*time.Millisecond).end(s, "terminated", "peer")
	c.show()
	c.after(5 * time.Second).connect(r)
	c.show()
	c.finish(cust, b, r, "a2-call")
}

func queueTransfer(c *cast) {
	cust := c.caller("inbound")
	a, s := c.offer("a1", "u1", "inbound")
	c.after(15*time.Second).end(s, "terminated", "transfer")
	a.leave()
	acd := c.add("acd", "acd", "")
	acd.call("acd-call", "connected", "inbound")
	c.show()
	c.after(6*time.Second).end(acd.calls[0], "terminated", "transfer")
	b, r := c.offer("a2", "u2", "inbound")
	c.finish(cust, b, r, "a2-call")
}

// transferBack leaves the first agent with two participants in one conversation.
func transferBack(c *cast) {
	cust := c.caller("inbound")
	a, s := c.offer("a1", "u1", "inbound")
	c.after(15*time.Second).end(s, "terminated", "transfer")
	a.leave()
	b, r := c.offer("a2", "u2", "inbound")
	c.after(15*time.Second).end(r, "terminated", "transfer")
	b.leave()
	d, q := c.offer("a3", "u1", "inbound")
	c.finish(cust, d, q, "a3-call")
}

func agentless(c *cast) {
	c.send("v2.outbound.voice.campaigns.contact.preContact", map[string]any{
		"conversationId": c.id, "outboundCampaignId": "camp-agentless", "dialingMode": "AGENTLESS"})
	cust := c.add("cust", "customer", "")
	c.after(5*time.Second).send("v2.detail.events.conversation."+c.id+".customer.start", map[string]any{
		"conversationId": c.id, "participantId": cust.fields["id"], "mediaType": "VOICE", "direction": "OUTBOUND"})
	c.after(5*time.Second).send("v2.outbound.voice.campaigns.contact.postContact", map[string]any{
		"conversationId": c.id, "outboundCampaignId": "camp-agentless", "dialingMode": "AGENTLESS", "wrapupCode": "ININ-OUTBOUND-MACHINE"})
}

// colleagues is a call between two agents, without a customer.
func colleagues(c *cast) {
	a := c.add("a1", "user", "u1")
	a.call("a1-call", "dialing", "outbound")
	b := c.add("a2", "user", "u2")
	b.call("a2-call", "alerting", "inbound")
	c.show()
}
