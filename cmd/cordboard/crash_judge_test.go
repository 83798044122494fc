package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cordboard/sim/browser"
	simsalesforce "cordboard/sim/salesforce"
)

// useful is how long after its event a pop is worth showing, as documented.
const useful = 15 * time.Second

// judgement is the look from the outside after everything is quiet. What must hold:
//
//   - of every event that is in the journal, every effect of the recommended tables is there exactly once: the record
//     and the page on the right agent's screen, the call log with its final fields and the right person;
//   - what the journal's API had shown before a kill is still there: no event, run or finished step went away;
//   - a call that began after the server was ready and of which a later message of the same agents was heard in the
//     same life is in the journal from its first message to its last: one session's messages come in order;
//   - a call that was up from before a start until the server was ready has its log: the snapshot shows it;
//   - what was heard of such a call is in the order in which it happened, leg by leg;
//   - everything is over: no open call, no unfinished step, nothing that needs a person.
//
// A call that began or moved while the server was down is known by the snapshot only: Finesse replays nothing.
type judgement struct {
	*crash
	tasks map[string][]simsalesforce.Record   // by call
	pops  map[string]map[string][]browser.Pop // by call and agent
	heard map[string][]time.Time              // when each agent's messages came
	found map[string]bool                     // calls that were judged

	whole, partial, unknown, late, logs, shown, alone int
	wrong                                             []string
}

func (r *crash) judge(total counts) {
	r.t.Helper()
	j := &judgement{crash: r, tasks: map[string][]simsalesforce.Record{}, pops: map[string]map[string][]browser.Pop{},
		heard: map[string][]time.Time{}, found: map[string]bool{}}
	j.look()
	stories := make([][]story, len(r.played))
	for i := range r.played {
		stories[i] = j.stories(&r.played[i])
	}
	for i := range r.played {
		j.call(&r.played[i], stories[i])
	}
	for id := range j.tasks {
		if !j.found[id] {
			s, _ := j.storyOf(id)
			j.say("call %s: has logs, but was never played%s", id, s.told())
		}
	}
	for id := range j.pops {
		if !j.found[id] {
			j.say("call %s: was popped, but never played", id)
		}
	}
	for _, d := range r.org.Duplicates() {
		j.say("records share the key %s: %v", d.Key, d.IDs)
	}
	if n := total.Steps["dead"]; n > 0 || total.Kept > 0 {
		j.say("%d steps are dead, %d messages could not be read", n, total.Kept)
	}
	j.wrong = append(j.wrong, r.acked.lost(r.world, total)...)
	r.t.Logf("%d calls: %d heard whole, %d in part, %d not at all; %d events, %d pops shown, %d logs, %d pops late; %d logs made before their pop and linked to nobody; %d samples of what was acknowledged",
		len(r.played), j.whole, j.partial, j.unknown, total.Events, j.shown, j.logs, j.late, j.alone, r.acked.samples)
	if j.alone*100 > j.logs { // what remains of it: see docs/proofs.md
		j.say("%d of %d logs were made before their pop and are linked to nobody", j.alone, j.logs)
	}
	for _, s := range j.wrong[:min(len(j.wrong), 40)] {
		r.t.Error(s)
	}
	if j.whole == 0 || j.partial == 0 {
		r.t.Error("the schedule tests nothing: calls must be heard both whole and in part")
	}
}

func (j *judgement) say(format string, args ...any) {
	j.wrong = append(j.wrong, fmt.Sprintf(format, args...))
}

// look takes in what the org and the browsers have.
func (j *judgement) look() {
	for _, task := range j.org.Records("Task") {
		id, _ := task["CallObject"].(string)
		j.tasks[id] = append(j.tasks[id], task)
	}
	for agent, b := range j.browsers {
		for _, p := range b.Pops() {
			if j.pops[p.Call] == nil {
				j.pops[p.Call] = map[string][]browser.Pop{}
			}
			j.pops[p.Call][agent] = append(j.pops[p.Call][agent], p)
		}
	}
}

// stories are the calls of the journal that a played call's dialogs belong to.
func (j *judgement) stories(p *played) []story {
	var all []story
	for _, dialog := range []string{p.ids.Reservation, p.ids.Main, p.ids.Consult} {
		if dialog == "" {
			continue
		}
		s, ok := j.storyOf(j.connectionOf(p.agents[0]) + ":" + dialog)
		if !ok {
			continue
		}
		all = append(all, s)
		j.found[s.Call.ID] = true
		for i := range s.Timeline {
			ev := &s.Timeline[i].Event
			if !ev.Reconciled {
				j.heard[ev.Agent] = append(j.heard[ev.Agent], ev.Received)
			}
		}
	}
	return all
}

// call judges one played call.
func (j *judgement) call(p *played, stories []story) {
	logs, pops := 0, map[string]int{}
	for i := range stories {
		l, shown := j.story(p, &stories[i])
		logs += l
		for agent, n := range shown {
			pops[agent] += n
		}
	}
	switch {
	case j.complete(p):
		j.whole++
		for i := range stories {
			j.order(p, &stories[i])
		}
		want := wholes[p.script]
		if logs != want.logs {
			j.say("%s: was heard whole and has %d logs, want %d%s", name(p), logs, want.logs, told(stories))
		}
		for place, agent := range p.agents {
			if pops[agent] != want.pops[place] {
				j.say("%s: was heard whole and agent %d saw %d pops, want %d", name(p), place+1, pops[agent], want.pops[place])
			}
		}
	case len(stories) == 0:
		j.unknown++
	default:
		j.partial++
	}
	if at, ok := j.upOverStart(p); ok && logs != 1 {
		j.say("%s: was up when the server started at %s, and has %d logs", name(p), at.Format("15:04:05.000"), logs)
	}
}

func told(stories []story) string {
	var all strings.Builder
	for i := range stories {
		all.WriteString(stories[i].told())
	}
	return all.String()
}

func name(p *played) string {
	return fmt.Sprintf("%s %s%v began %s", p.script, p.ids.Main, p.agents, p.began.Format("15:04:05.000"))
}

// story compares one call of the journal with what it led to.
func (j *judgement) story(p *played, s *story) (logs int, pops map[string]int) {
	pops = map[string]int{}
	fired := map[string]bool{}
	for i := range s.Timeline {
		m := &s.Timeline[i]
		if e, ok := effectOf(m); ok && !fired[m.Event.Leg+"/"+e.rule] {
			fired[m.Event.Leg+"/"+e.rule] = true
			if e.pop {
				pops[m.Event.Agent]++
			}
			if e.log {
				logs++
			}
		}
		j.steps(p, m.Steps)
	}
	j.screens(p, s, pops)
	if n := len(j.tasks[s.Call.ID]); n != logs {
		j.say("%s: call %s has %d logs, want %d", name(p), s.Call.ID, n, logs)
	}
	for _, task := range j.tasks[s.Call.ID] {
		j.logs++
		j.log(p, s, task)
	}
	for _, leg := range s.Call.Legs {
		if n := len(leg.Moments); n == 0 || leg.Moments[n-1].Event != "DROPPED" {
			j.say("%s: leg %s of call %s has no end", name(p), leg.ID, s.Call.ID)
		}
	}
	return logs, pops
}

// order looks whether what the platform told of each leg of a dialog was stored in the order in which it happened. Where a
// session begins, the snapshot may come before what leads to it.
func (j *judgement) order(p *played, s *story) {
	newest := map[string]*moment{}
	for i := range s.Timeline {
		m := &s.Timeline[i]
		if m.Event.Reconciled { // made up by the connector, later
			continue
		}
		dialog := m.Event.Leg + " " + m.Event.Ref
		if before := newest[dialog]; before != nil && m.Event.At.Before(before.Event.At) {
			j.say("%s: %s of leg %s was stored after %s%s", name(p), m.Event.Name, m.Event.Leg, before.Event.Name, s.told())
		}
		newest[dialog] = m
	}
}

// screens compares what the browsers showed of a call with what they should have.
func (j *judgement) screens(p *played, s *story, want map[string]int) {
	late := map[string]int{} // by agent and kind
	for _, m := range s.Timeline {
		for _, st := range m.Steps {
			if st.State == "skipped" && (st.Reason == "late" || st.Reason == "no-desk") {
				if up := j.upWithin(st.Heard, st.Heard.Add(useful)); up > useful/2 {
					j.say("%s: the %s of agent %s was skipped as %s, though the server was up for %v of its time", name(p), st.Kind, st.Agent, st.Reason, up)
				}
				late[st.Agent+st.Kind]++
				j.late++
			}
		}
	}
	for _, agent := range j.agents {
		shown := map[string]int{}
		for _, pop := range j.pops[s.Call.ID][agent] {
			j.shown++
			if pop.Kind == "page" {
				shown["page"]++
				continue
			}
			shown["pop"]++
			if pop.Record != nil && pop.Record.ID != p.person.ID {
				j.say("%s: agent %s saw %s, want %s", name(p), agent, pop.Record.ID, p.person.ID)
			}
		}
		for _, kind := range []string{"pop", "page"} {
			if shown[kind]+late[agent+kind] != want[agent] {
				j.say("%s: call %s showed agent %s %d %ss and %d came late, want %d", name(p), s.Call.ID, agent, shown[kind], kind, late[agent+kind], want[agent])
			}
		}
	}
}

// log looks at one call log.
func (j *judgement) log(p *played, s *story, task simsalesforce.Record) {
	if task["Status"] != "Completed" {
		j.say("%s: the log %v of call %s is %v%s", name(p), task["Subject"], s.Call.ID, task["Status"], s.told())
	}
	who, _ := task["WhoId"].(string)
	if who != "" && who != p.person.ID {
		j.say("%s: the log is linked to %s, want %s", name(p), who, p.person.ID)
	}
	if agent := p.agents[0]; who == "" && len(p.agents) == 1 && slices.ContainsFunc(j.pops[s.Call.ID][agent], func(pop browser.Pop) bool { return pop.Record != nil }) {
		if s.loggedFirst() {
			j.alone++
		} else {
			j.say("%s: the log is linked to nobody, though the agent saw who it was%s", name(p), s.told())
		}
	}
	if key, _ := task["Cordboard_Key__c"].(string); len(j.org.ByKey("Task", key)) != 1 {
		j.say("%s: %d logs have the key %q", name(p), len(j.org.ByKey("Task", key)), key)
	}
}

// steps looks at how a call's steps ended.
func (j *judgement) steps(p *played, steps []stepRow) {
	for _, st := range steps {
		switch {
		case st.State == "done", st.State == "skipped" && st.Kind != "create":
		default:
			j.say("%s: step %s (%s) is %s: %s %s", name(p), st.ID, st.Kind, st.State, st.Reason, st.Detail)
		}
	}
}

// complete reports whether the server must have heard the call whole: it began when the server was ready, and in the
// same life something was heard of each of its agents after it was over.
func (j *judgement) complete(p *played) bool {
	lives := j.hearing(p.agents[0])
	i := slices.IndexFunc(lives, func(l life) bool {
		return !l.ready.IsZero() && !p.began.Before(l.ready) && (l.ended.IsZero() || p.began.Before(l.ended))
	})
	if i < 0 {
		return false
	}
	l := lives[i]
	if l.ended.IsZero() {
		return true
	}
	for _, agent := range p.agents {
		if !slices.ContainsFunc(j.heard[agent], func(at time.Time) bool { return at.After(p.ended) && at.Before(l.ended) }) {
			return false
		}
	}
	return true
}

// upOverStart reports whether the customer talked from before a start of the server until it was ready.
func (j *judgement) upOverStart(p *played) (time.Time, bool) {
	for _, l := range j.hearing(p.agents[0]) {
		if !p.talking.IsZero() && !l.ready.IsZero() && p.talking.Before(l.born) && l.ready.Before(p.talkedTill) {
			return l.born, true
		}
	}
	return time.Time{}, false
}

// upWithin is how long the server was ready between two moments.
func (j *judgement) upWithin(from, to time.Time) (sum time.Duration) {
	for _, l := range j.lives {
		if l.ready.IsZero() {
			continue
		}
		begin, end := l.ready, l.ended
		if begin.Before(from) {
			begin = from
		}
		if end.IsZero() || end.After(to) {
			end = to
		}
		sum += max(0, end.Sub(begin))
	}
	return sum
}
