package genesys_test

import "time"

// busStories are calls of which only EventBridge tells: detail events, without snapshots.
func busStories() map[string]*cast {
	all := map[string]*cast{}
	for name, play := range map[string]func(c *cast){
		"bus inbound": busInbound, "bus predictive": busPredictive, "bus preview": busPreview, "bus preview skipped": busSkipped,
		"bus manual": busManual, "bus transfer": busTransfer, "bus consult": busConsult, "bus missed": busMissed,
	} {
		c := newCast(dashed(name))
		c.bus = true
		play(c)
		all[name] = c
	}
	return all
}

var (
	in  = map[string]any{"direction": "INBOUND", "ani": "tel:+12025550143", "dnis": "tel:+12025550100"}
	out = map[string]any{"direction": "OUTBOUND", "ani": "tel:+12025550100", "dnis": "sip:+12025550143@10.0.0.7;user=phone"}
)

func with(base map[string]any, more map[string]any) map[string]any {
	all := map[string]any{}
	for k, v := range base {
		all[k] = v
	}
	for k, v := range more {
		all[k] = v
	}
	return all
}

// talk is an agent's part from the alert to the answer.
func (c *cast) talk(id, user string, base map[string]any) *person {
	a := c.add(id, "agent", user)
	a.tell("user.start", id+"-call", "VOICE", base)
	c.after(3*time.Second).add("acd-"+id, "acd", "").tell("acd.end", "acd-"+id, "VOICE", with(base, map[string]any{"acdOutcome": "ANSWERED", "answeredUserId": user}))
	return a
}

func (c *cast) wrapUp(a *person, session string, base map[string]any) {
	c.after(8 * time.Second)
	a.tell("wrapup", session, "VOICE", with(base, map[string]any{"wrapupCode": "w-sale"}))
	a.tell("acw", session, "VOICE", with(base, map[string]any{"wrapupCode": "w-sale", "wrapupDurationMs": 8000}))
}

func busInbound(c *cast) {
	cust := c.add("cust", "customer", "")
	cust.tell("customer.start", "cust-call", "VOICE", in)
	cust.tell("attributes", "cust-call", "VOICE", map[string]any{"attributes": map[string]string{"caseNumber": "7"}})
	a := c.after(5*time.Second).talk("a1", "u1", in)
	c.after(30 * time.Second)
	cust.tell("customer.end", "cust-call", "VOICE", in)
	a.tell("user.end", "a1-call", "VOICE", with(in, map[string]any{"disconnectType": "PEER", "interactingDurationMs": 30000}))
	c.wrapUp(a, "a1-call", in)
}

func busMissed(c *cast) {
	c.add("cust", "customer", "").tell("customer.start", "cust-call", "VOICE", in)
	a := c.add("a1", "agent", "u1")
	a.tell("user.start", "a1-call", "VOICE", in)
	c.after(8 * time.Second)
	a.tell("user.end", "a1-call", "VOICE", with(in, map[string]any{"disconnectType": "NO_ANSWER_TRANSFER", "alertingDurationMs": 8000}))
}

func busPredictive(c *cast) {
	cust := c.add("cust", "customer", "")
	c.send("v2.outbound.voice.campaigns.contact.preContact", map[string]any{
		"conversationId": c.id, "outboundCampaignId": "camp-predictive", "outboundContactId": "contact-7", "dialingMode": "PREDICTIVE"})
	cust.tell("outbound", "cust-call", "VOICE", with(out, map[string]any{
		"outboundCampaignId": "camp-predictive", "outboundContactListId": "list-3", "outboundContactId": "contact-7"}))
	c.after(6 * time.Second)
	cust.tell("customer.start", "cust-call", "VOICE", out)
	a := c.after(time.Second).talk("a1", "u1", out)
	c.after(30 * time.Second)
	a.tell("user.end", "a1-call", "VOICE", with(out, map[string]any{"disconnectType": "PEER", "interactingDurationMs": 30000}))
	c.wrapUp(a, "a1-call", out)
}

func busManual(c *cast) {
	cust := c.add("cust", "external", "")
	a := c.add("a1", "user", "u1")
	a.tell("user.start", "a1-call", "VOICE", out)
	c.after(7 * time.Second)
	cust.tell("customer.start", "cust-call", "VOICE", out)
	c.after(30 * time.Second)
	a.tell("user.end", "a1-call", "VOICE", with(out, map[string]any{"disconnectType": "CLIENT", "interactingDurationMs": 30000, "dialingDurationMs": 7000}))
	c.wrapUp(a, "a1-call", out)
}

// busOffer offers a preview that the agent takes.
func (c *cast) busOffer() (cust, a *person, base map[string]any) {
	base = map[string]any{"direction": "OUTBOUND", "callbackNumbers": []string{"+12025550143"}, "provider": "PureCloud Callback"}
	cust = c.add("cust", "customer", "")
	cust.tell("customer.start", "cust-cb", "CALLBACK", base)
	cust.tell("outbound", "cust-cb", "CALLBACK", with(base, map[string]any{
		"outboundCampaignId": "camp-preview", "outboundContactListId": "list-3", "outboundContactId": "contact-7"}))
	a = c.add("a1", "agent", "u1")
	a.tell("user.start", "a1-cb", "CALLBACK", base)
	c.after(4*time.Second).add("acd", "acd", "").tell("acd.end", "acd", "CALLBACK", with(base, map[string]any{"acdOutcome": "ANSWERED", "answeredUserId": "u1"}))
	return cust, a, base
}

func busPreview(c *cast) {
	cust, a, base := c.busOffer()
	c.after(10 * time.Second)
	a.tell("user.start", "a1-call", "VOICE", out)
	c.after(9 * time.Second)
	cust.tell("customer.start", "cust-call", "VOICE", out)
	c.after(30 * time.Second)
	a.tell("user.end", "a1-call", "VOICE", with(out, map[string]any{"disconnectType": "CLIENT", "interactingDurationMs": 30000}))
	c.after(10 * time.Second)
	a.tell("wrapup", "a1-cb", "CALLBACK", with(base, map[string]any{"wrapupCode": "w-sale"}))
	c.after(4 * time.Second)
	a.tell("user.end", "a1-cb", "CALLBACK", with(base, map[string]any{"disconnectType": "CLIENT", "interactingDurationMs": 63000}))
}

func busSkipped(c *cast) {
	_, a, base := c.busOffer()
	c.after(8 * time.Second)
	a.tell("user.end", "a1-cb", "CALLBACK", with(base, map[string]any{"disconnectType": "CLIENT", "interactingDurationMs": 8000}))
	a.tell("wrapup", "a1-cb", "CALLBACK", with(base, map[string]any{"wrapupCode": "ININ-OUTBOUND-PREVIEW-SKIPPED"}))
	c.after(500*time.Millisecond).send("v2.outbound.preview.campaigns.contact.postContact", map[string]any{
		"eventTime": opening.Add(c.now).UnixMilli(), "conversationId": c.id, "outboundCampaignId": "camp-preview",
		"outboundContactId": "contact-7", "dialingMode": "PREVIEW", "wrapupCode": "ININ-OUTBOUND-PREVIEW-SKIPPED", "agentId": "u1"})
}

func busTransfer(c *cast) {
	cust := c.add("cust", "customer", "")
	cust.tell("customer.start", "cust-call", "VOICE", in)
	a := c.talk("a1", "u1", in)
	c.after(20 * time.Second)
	a.tell("user.end", "a1-call", "VOICE", with(in, map[string]any{"disconnectType": "TRANSFER", "interactingDurationMs": 20000}))
	c.after(4 * time.Second)
	b := c.talk("a2", "u2", in)
	c.wrapUp(a, "a1-call", in)
	c.after(20 * time.Second)
	b.tell("user.end", "a2-call", "VOICE", with(in, map[string]any{"disconnectType": "PEER", "interactingDurationMs": 20000}))
	c.wrapUp(b, "a2-call", in)
}

func busConsult(c *cast) {
	cust := c.add("cust", "customer", "")
	cust.tell("customer.start", "cust-call", "VOICE", in)
	a := c.talk("a1", "u1", in)
	c.after(20 * time.Second)
	b := c.talk("a2", "u2", in)
	c.after(15 * time.Second)
	a.tell("user.end", "a1-call", "VOICE", with(in, map[string]any{"disconnectType": "CONSULT_TRANSFER", "interactingDurationMs": 38000}))
	c.wrapUp(a, "a1-call", in)
	c.after(20 * time.Second)
	b.tell("user.end", "a2-call", "VOICE", with(in, map[string]any{"disconnectType": "PEER", "interactingDurationMs": 43000}))
	c.wrapUp(b, "a2-call", in)
}
