package calling

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"
	"time"
	_ "time/tzdata" // a bare machine has no zones of its own

	"cordboard/config"
)

//go:embed policy.yaml
var shipped []byte

// Policy is the rules for calling people, in one version. It never changes and is safe for concurrent use.
type Policy struct {
	version string
	rules   []Rule // from general to special
	places  *places
}

// policyFile is what a policy file holds.
type policyFile struct {
	// Version is what people call this state of the rules, such as a date.
	Version string       `yaml:"version" config:"required"`
	Rules   []config.Raw `yaml:"rules"`
}

// Shipped returns the policy that Cordboard comes with.
func Shipped() *Policy {
	p, problems := Read("", nil)
	if problems != nil {
		panic(problems) // it is part of the program, and a test reads it
	}
	return p
}

// Read returns the shipped policy with an administrator's on top: a rule with the id of a shipped one replaces it, others are
// added. File names the source in problems. With problems there is no policy.
func Read(file string, own []byte) (*Policy, config.Problems) {
	p := &Policy{places: &places{}}
	hash := sha256.New()
	for _, source := range []struct {
		file string
		text []byte
	}{{"policy.yaml", shipped}, {file, own}} {
		if len(source.text) == 0 {
			continue
		}
		version, rules, problems := readFile(source.file, source.text)
		if problems == nil {
			problems = p.add(rules)
		}
		if problems != nil {
			return nil, problems
		}
		if p.version != "" {
			p.version += "+"
		}
		p.version += version
		hash.Write(source.text)
	}
	p.version += "." + hex.EncodeToString(hash.Sum(nil)[:4])
	slices.SortStableFunc(p.rules, func(a, b Rule) int { return a.weight() - b.weight() })
	return p, nil
}

// placed is a rule and where it stands.
type placed struct {
	Rule
	raw config.Raw
}

func readFile(file string, src []byte) (version string, rules []placed, problems config.Problems) {
	var f policyFile
	if problems = config.Decode(file, src, &f); problems != nil {
		return "", nil, problems
	}
	for _, raw := range f.Rules {
		r := placed{raw: raw}
		problems = append(problems, raw.Decode(&r.Rule)...)
		for _, other := range rules {
			if other.ID == r.ID {
				problems = append(problems, raw.Problem("a second rule %q", r.ID))
			}
		}
		rules = append(rules, r)
	}
	return f.Version, rules, problems
}

// add puts the rules of a file on top of the ones there are.
func (p *Policy) add(rules []placed) (problems config.Problems) {
	for _, r := range rules {
		p.rules = slices.DeleteFunc(p.rules, func(old Rule) bool { return old.ID == r.ID })
		p.rules = append(p.rules, r.Rule)
	}
	for _, r := range rules { // only now is it known which shipped ones remain
		for i := range p.rules {
			if o := &p.rules[i]; o.ID != r.ID && o.scope() == r.scope() {
				problems = append(problems, r.raw.Problem("%q is for the same calls as the rule %q: give it that id to replace it", r.ID, o.ID))
			}
		}
	}
	return problems
}

// Version names the policy: the versions of its files, and a hash of their text, so that two policies never share one.
func (p *Policy) Version() string { return p.version }

// Rules are the policy's rules from general to special. Callers do not change them.
func (p *Policy) Rules() []Rule { return p.rules }

// setting is a value and the rule that it comes from; "" when no rule says.
type setting[T any] struct {
	value T
	by    string
}

func (s *setting[T]) set(value T, by string) { s.value, s.by = value, by }

// duty is what all rules together say about calls of one country, state and purpose.
type duty struct {
	rule                           string // the most special one
	week                           setting[*week]
	closed                         setting[[]date]
	perDay, perWeek, perMonth      setting[int]
	retries                        setting[int]
	gap, afterTalk, afterAbandoned setting[time.Duration]
	consent                        setting[bool]
	broad                          setting[string]
}

// duty folds the rules that cover such calls, the special ones over the general ones.
func (p *Policy) duty(country, state string, purpose Purpose) duty {
	d := duty{week: setting[*week]{value: &week{}}} // without rules nobody is called
	for i := range p.rules {
		if r := &p.rules[i]; r.covers(country, state, purpose) {
			d.take(r)
		}
	}
	return d
}

func (d *duty) take(r *Rule) {
	d.rule = r.ID
	if r.week != nil {
		d.week.set(r.week, r.ID)
	}
	if r.Closed != nil {
		d.closed.set(r.closed, r.ID)
	}
	for _, c := range []struct {
		into *setting[int]
		from *int
	}{{&d.perDay, r.PerDay}, {&d.perWeek, r.PerWeek}, {&d.perMonth, r.PerMonth}, {&d.retries, r.Retries}} {
		if c.from != nil {
			c.into.set(*c.from, r.ID)
		}
	}
	for _, s := range []struct {
		into *setting[time.Duration]
		from *config.Duration
	}{{&d.gap, r.Gap}, {&d.afterTalk, r.AfterTalk}, {&d.afterAbandoned, r.AfterAbandoned}} {
		if s.from != nil {
			s.into.set(s.from.Std(), r.ID)
		}
	}
	if r.Consent != nil {
		d.consent.set(*r.Consent, r.ID)
	}
	if r.BroadNumbers != "" {
		d.broad.set(r.BroadNumbers, r.ID)
	}
}

// duties are those of every country that the person may be in and every purpose that the call may have.
func (p *Policy) duties(q *Question) []duty {
	countries := [][2]string{{q.Country, q.State}}
	if own := q.Number.Country; own != "" && own != q.Country {
		countries = append(countries, [2]string{own, ""})
		if q.Country == "" {
			countries = [][2]string{{own, q.State}}
		}
	}
	purposes := []Purpose{q.Purpose}
	if !slices.Contains(Purposes(), q.Purpose) {
		purposes = Purposes()
	}
	var all []duty
	for _, c := range countries {
		for _, purpose := range purposes {
			all = append(all, p.duty(c[0], c[1], purpose))
		}
	}
	return all
}

// places are the time zones that were looked up; reading one takes much longer than a decision.
type places struct{ byName sync.Map }

func (p *places) find(name string) (*time.Location, error) {
	if known, ok := p.byName.Load(name); ok {
		return known.(*time.Location), nil
	}
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("%q is no time zone", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%q is no time zone", name)
	}
	p.byName.Store(name, loc)
	return loc, nil
}
