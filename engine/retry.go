package engine

import "time"

// Policy says how often, and for how long, steps of a kind are tried again.
type Policy struct {
	// First and Most bound the pause before the next attempt: it doubles from First to Most, and what is really
	// waited is a random part of it ("full jitter"), so that what failed together does not come back together.
	First, Most time.Duration
	// Probe is the pause of a parked step that did not say until when.
	Probe time.Duration
	// Patience is for how long a step may go on failing before it is dead; Attempts how often, zero for no limit.
	// A parked step has met a limit, which is no failure: its patience starts anew.
	Patience time.Duration
	Attempts int
}

// DefaultPolicy is used for kinds of steps without one of their own, and for what a policy leaves zero.
func DefaultPolicy() Policy {
	return Policy{First: time.Second, Most: 5 * time.Minute, Probe: 5 * time.Minute, Patience: 24 * time.Hour}
}

// over fills what p leaves zero from q.
func (p Policy) over(q Policy) Policy {
	fill := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	fill(&p.First, q.First)
	fill(&p.Most, q.Most)
	fill(&p.Probe, q.Probe)
	fill(&p.Patience, q.Patience)
	if p.Attempts == 0 {
		p.Attempts = q.Attempts
	}
	return p
}

// pause is how long to wait after the given number of failed attempts; jitter is in [0, 1).
func (p Policy) pause(attempts int, jitter float64) time.Duration {
	d := p.Most
	if n := attempts - 1; n < 30 && p.First<<n < p.Most {
		d = p.First << n
	}
	return time.Duration(jitter * float64(d))
}

// spent reports whether a step that keeps failing is given up.
func (p Policy) spent(attempts int, age time.Duration) bool {
	return age >= p.Patience || p.Attempts > 0 && attempts >= p.Attempts
}
