package calling_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"cordboard/call"
	"cordboard/calling"
)

// cases is how many are drawn; the long run has a million.
func cases(t *testing.T) int {
	if text := os.Getenv("CORDBOARD_CALLING_CASES"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return 20_000
}

var shippedIDs = func() (ids []string) {
	for _, r := range calling.Shipped().Rules() {
		ids = append(ids, r.ID)
	}
	return ids
}()

// Whatever the rules, the number, the zones, the history and the clock: nobody is called outside the hours, above a cap or
// against their will, and the next time is allowed while no minute before it is. A slow judge that knows only the drawn rules
// looks at the minutes.
func TestRandomCases(t *testing.T) {
	n, seed := cases(t), uint64(1)
	if text := os.Getenv("CORDBOARD_SEED"); text != "" {
		seed, _ = strconv.ParseUint(text, 10, 64)
	}
	const perPolicy = 2000
	for i := 0; i < n; i += perPolicy {
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		o, text := draw(r)
		p, problems := calling.Read("drawn.yaml", []byte(text))
		if problems != nil {
			t.Fatalf("seed %d, policy %d: %v\n%s", seed, i, problems, text)
		}
		for range min(perPolicy, n-i) {
			q, h := drawCase(t, r)
			if wrong := judge(r, o, &q, &h, p.Decide(q, h)); wrong != "" {
				t.Fatalf("seed %d, policy %d: %s\n%+v\n%+v\n%+v\n%s", seed, i, wrong, q, h, p.Decide(q, h), text)
			}
		}
	}
}

// judge says what is wrong with a verdict; "" when nothing is.
func judge(r *rand.Rand, o *oracle, q *calling.Question, h *calling.History, v calling.Verdict) string {
	laws := o.laws(q)
	zones := zonesOf(q, laws)
	if why := forbidden(q, h, laws, zones); why != "" || v.Next.IsZero() && v.Reason != calling.NoCommonHour {
		if v.Allowed || v.Reason != why || !v.Next.IsZero() {
			return "never, because of " + string(why)
		}
		return ""
	}
	allowed := func(t time.Time) bool { return rested(t, laws, h, q.Mode) && hourly(t, laws, zones) }
	if v.Allowed != allowed(q.At) || v.Allowed != (v.Reason == "") {
		return "allowed or not"
	}
	if v.Allowed {
		if !v.Next.Equal(q.At) {
			return "allowed, but not at once"
		}
		return ""
	}
	end := v.Next
	if end.IsZero() {
		end = q.At.Add(59 * 24 * time.Hour)
	} else if !allowed(end) || !end.Equal(end.Truncate(time.Minute)) || !end.After(q.At) {
		return "the next time is not allowed"
	}
	first := q.At.Truncate(time.Minute).Add(time.Minute)
	minutes := int(end.Sub(first) / time.Minute)
	if minutes <= 30 || r.IntN(200) == 0 {
		for m := range minutes {
			if t := first.Add(time.Duration(m) * time.Minute); allowed(t) {
				return "allowed before: " + t.String()
			}
		}
		return ""
	}
	for m := range 16 {
		t := end.Add(-time.Duration(m+1) * time.Minute)
		if m >= 4 {
			t = first.Add(time.Duration(r.IntN(minutes)) * time.Minute)
		}
		if allowed(t) {
			return "allowed before: " + t.String()
		}
	}
	return ""
}

var zonePool = []string{
	"America/New_York", "America/Chicago", "America/Los_Angeles", "America/Phoenix", "America/Indiana/Indianapolis", "America/St_Johns",
	"Australia/Lord_Howe", "Australia/Sydney", "Australia/Eucla", "Europe/London", "Europe/Berlin", "Europe/Dublin", "Africa/Casablanca",
	"Asia/Kathmandu", "Asia/Kolkata", "Pacific/Chatham", "Pacific/Apia", "Pacific/Kiritimati", "America/Scoresbysund", "America/Sao_Paulo", "Asia/Tehran",
	"Antarctica/Troll", "America/Havana", "Asia/Gaza", "UTC",
}

// located is a zone, found in another way than by the code under test; nil when it is none.
var located = func() func(string) *time.Location {
	known := map[string]*time.Location{}
	return func(name string) *time.Location {
		if zone, ok := known[name]; ok {
			return zone
		}
		zone, err := time.LoadLocation(name)
		if err != nil {
			zone = nil
		}
		known[name] = zone
		return zone
	}
}()

var numberPool = func() (all []calling.Number) {
	for _, text := range []string{
		"+12125550100", "+16025550123", "+13175550123", "+17095550123", "+18005550100", "+15555550100", "+61291234567", "+61412345678", "+442071234567",
		"+4915112345678", "+33612345678", "+80012345678", "+14165550123", "+79161234567", "+5511961234567", "+525512345678", "+9771234567",
	} {
		n, err := calling.ReadNumber(text, "")
		if err != nil {
			panic(err)
		}
		all = append(all, n)
	}
	return all
}()

// drawCase makes a question and a history up, often close to a change of the clock.
func drawCase(t *testing.T, r *rand.Rand) (calling.Question, calling.History) {
	t.Helper()
	q := calling.Question{
		Number: numberPool[r.IntN(len(numberPool))], At: time.Unix(1_700_000_000+r.Int64N(4*365*86400), 0).UTC(),
		Mode:    []call.Mode{"", call.Preview, call.Predictive, call.DirectPreview, call.Manual}[r.IntN(5)],
		Purpose: []calling.Purpose{"", calling.Sales, calling.Service, calling.Debt}[r.IntN(4)],
		Country: []string{"", "", "US", "CA", "AU", "DE"}[r.IntN(6)], State: []string{"", "", "NY"}[r.IntN(3)],
	}
	for range r.IntN(3) {
		q.Zones = append(q.Zones, zonePool[r.IntN(len(zonePool))])
	}
	if r.IntN(50) == 0 {
		q.Zones = append(q.Zones, "Nowhere/Land")
	}
	if r.IntN(3) == 0 {
		if _, change := q.At.In(located(zonePool[r.IntN(len(zonePool))])).ZoneBounds(); !change.IsZero() {
			q.At = change.UTC().Add(time.Duration(r.IntN(48*3600)-36*3600) * time.Second)
		}
	}
	if r.IntN(2) == 0 {
		q.At = q.At.Truncate(time.Minute)
	}
	h := calling.History{Submitted: make([]time.Time, r.IntN(8)), Consent: []calling.Consent{calling.NotAsked, calling.Given, calling.Given, calling.Given}[r.IntN(4)]}
	if r.IntN(40) == 0 {
		h.DoNotCall = "own list"
	}
	if r.IntN(40) == 0 {
		h.Consent = calling.Withdrawn
	}
	spread := []time.Duration{time.Hour, 24 * time.Hour, 10 * 24 * time.Hour, 40 * 24 * time.Hour}[r.IntN(4)]
	for range r.IntN(8) {
		kind := []calling.Kind{calling.Placed, calling.Placed, calling.Placed, calling.Offered, calling.Offered, calling.Talked, calling.Abandoned}[r.IntN(7)]
		ago := time.Duration(r.Int64N(int64(spread)))
		if r.IntN(4) == 0 {
			ago = ago.Truncate(time.Hour)
		}
		h.Attempts = append(h.Attempts, calling.Attempt{Kind: kind, At: q.At.Add(-ago)})
	}
	return q, h
}

func BenchmarkDecide(b *testing.B) {
	p := calling.Shipped()
	q := calling.Question{Number: numberPool[0], Purpose: calling.Sales, At: time.Date(2026, 11, 26, 2, 0, 0, 0, time.UTC)}
	h := calling.History{Attempts: []calling.Attempt{{Kind: calling.Placed, At: q.At.Add(-5 * time.Hour)}, {Kind: calling.Offered, At: q.At.Add(-6 * time.Hour)}}}
	for b.Loop() {
		if p.Decide(q, h).Allowed {
			b.Fatal("at night")
		}
	}
}
