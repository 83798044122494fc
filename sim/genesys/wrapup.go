package genesys

import "time"

// The states of after-call work.
const (
	acwPending  = "pending"
	acwComplete = "complete"
	acwSkipped  = "skipped"
)

// afterWork is what an agent does after a call. A nil one is none.
type afterWork struct {
	state    string
	from, to time.Time
}

func (a *afterWork) pending() bool { return a != nil && a.state == acwPending }

// lasted is how long it has been going on.
func (a *afterWork) lasted(now time.Time) time.Duration {
	switch {
	case a == nil:
		return 0
	case a.to.IsZero():
		return now.Sub(a.from)
	}
	return a.to.Sub(a.from)
}

func (a *afterWork) view() *acwView {
	if a == nil {
		return nil
	}
	return &acwView{a.state, moment(a.from), moment(a.to)}
}

// owe begins after-call work.
func (c *conversation) owe(p *party, ss *session) {
	ss.acw = &afterWork{state: acwPending, from: c.now()}
	p.acwFrom = c.now()
	p.user.acw++
	if c.s.cfg.WrapUpTimer > 0 {
		c.s.life.Later(c.s.cfg.WrapUpTimer, func() {
			if ss.acw.pending() {
				_ = c.wrapUp(p, ss, codeTimeout, "")
			}
		})
	}
}

// wrapUp ends the work after a call, or changes a code that was given before.
func (c *conversation) wrapUp(p *party, ss *session, code, notes string) *apiError {
	if ss == nil || p.user == nil {
		return notNow("The participant has no communication to wrap up.")
	}
	if code == "" {
		return badRequest("Wrapup code is required for non-provisional wrapup")
	}
	if c.s.org.code(code) == nil && code != codeTimeout {
		return badRequest("The wrap-up code %s does not exist.", code)
	}
	again := ss.wrapup != nil
	ss.wrapup = &wrapupView{Code: code, Notes: notes, Tags: []string{}, Duration: int(c.worked(p, ss).Seconds()), EndTime: stamp(c.now())}
	p.wrapup = ss.wrapup
	c.record(code)
	c.tellWrapup("wrapup", p, ss)
	if ss.acw.pending() {
		c.completeACW(p, ss)
		c.tellWrapup("acw", p, ss)
	} else if again && ss.acw != nil {
		c.tellWrapup("acw", p, ss) // a wrap-up that is changed is told again
	}
	c.conclude()
	c.publish()
	c.settle()
	return nil
}

// worked is how long an agent has been wrapping up. The work after a preview's call begins when the call ends, while the
// preview is still open.
func (c *conversation) worked(p *party, ss *session) time.Duration {
	if ss.acw == nil && ss.media == callback {
		if call := p.session(voice); call != nil && !call.live() {
			return c.now().Sub(call.endedAt)
		}
	}
	return ss.acw.lasted(c.now())
}

func (c *conversation) completeACW(p *party, ss *session) {
	if ss.acw == nil {
		ss.acw = &afterWork{from: c.now().Add(-c.worked(p, ss))}
		p.acwFrom = ss.acw.from
	} else if ss.acw.pending() {
		p.user.acw--
	}
	ss.acw.state, ss.acw.to, p.acwTo = acwComplete, c.now(), c.now()
	c.s.afterWork(p.user)
}

// tellWrapup publishes the wrapup or acw detail event: neither has a division, and wrapup has no user.
func (c *conversation) tellWrapup(name string, p *party, ss *session) {
	c.tell(name, p, ss, func(e *detailEvent) {
		e.DivisionID = ""
		if name == "wrapup" {
			e.UserID = ""
		}
		notes := ss.wrapup.Notes
		e.WrapupCode, e.WrapupNotes, e.Wrapup = ss.wrapup.Code, &notes, ms(c.worked(p, ss))
	})
}

// toWrap is the session whose wrap-up an agent owes, or would give: the callback of a preview, else the call.
func (p *party) toWrap() *session {
	for _, ss := range p.sessions {
		if ss.acw.pending() {
			return ss
		}
	}
	if ss := p.session(callback); ss != nil {
		return ss
	}
	return p.session(voice)
}
