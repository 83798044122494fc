package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"cordboard/call"
)

// world is one simulated run: the core, and around it everything that it does not hold. One goroutine runs it all, and
// every choice comes from one seed.
type world struct {
	rng    *rand.Rand
	now    time.Time
	mutant string
	calm   bool // no more faults
	hits   map[string]int

	journal *simJournal
	crm     *simCRM
	desk    *simDesk
	lines   []*line
	acked   map[string]bool // event keys

	// The process: what a crash forgets.
	settler   *settler
	queue     []*input
	jobs      []*job2
	flight    *simFlight
	crashSoon bool

	redriven  map[string]bool
	cancelled map[string]bool // by somebody else
	stales    int
	problems  []string
}

// job2 is a step being performed.
type job2 struct {
	start
	run   *running
	phase int
	out   Outcome
	began time.Time
}

// simFlight is a group that is being stored.
type simFlight struct {
	group  *Group
	stored bool // or refused: err
	err    error
}

func newWorld(seed uint64, mutant string) *world {
	w := &world{
		rng: rand.New(rand.NewPCG(seed, 7)), now: simStart, mutant: mutant, hits: map[string]int{},
		acked: map[string]bool{}, redriven: map[string]bool{}, cancelled: map[string]bool{},
	}
	w.journal = &simJournal{newMemory(), w}
	w.crm = &simCRM{w, map[string][]map[string]string{}, map[call.ID][]effect{}, map[string]bool{}}
	w.desk = &simDesk{w, map[string]int{}, map[string]map[string]bool{}}
	for i := range 1 + w.rng.IntN(2) {
		t := &teller{rng: w.rng, conn: fmt.Sprint("line", i), at: simStart}
		w.lines = append(w.lines, &line{events: t.spoil(t.tell(1+w.rng.IntN(4)), w.hit)})
	}
	w.boot()
	return w
}

func (w *world) hit(what string) { w.hits[what]++ }

// fault says whether to do something bad now, once in about n times.
func (w *world) fault(what string, n int) bool {
	if w.calm || w.rng.IntN(n) > 0 {
		return false
	}
	w.hit(what)
	return true
}

func (w *world) problem(format string, args ...any) {
	w.problems = append(w.problems, fmt.Sprintf(format, args...))
}

// boot starts a process with nothing in memory.
func (w *world) boot() {
	c := newCore()
	c.rules, c.seed = rules(simRules), w.rng.Uint64()
	c.cap = []int{1, 2, 4, 100}[w.rng.IntN(4)]
	limit := []int{1, 2, 100}[w.rng.IntN(3)]
	c.limit = func(Lane, string) int { return limit }
	c.badRule = func(any) { w.hit("rule panics") }
	w.settler = &settler{core: c, journal: w.journal, tell: func(*draft) {}, trouble: w.trouble}
	w.queue, w.flight, w.crashSoon = nil, nil, false
	if w.mutant != "zombies" {
		w.jobs = nil
	}
	for _, l := range w.lines {
		l.flight = nil
	}
}

// trouble checks that a call is only found changed when somebody changed it.
func (w *world) trouble(err error) {
	if !errors.Is(err, ErrStale) {
		return
	}
	if w.stales++; w.stales > w.hits["stale"]+w.hits["commit answer lost"] && (w.mutant == "" || w.mutant == "nothing held back") {
		w.problem("%d groups were stale, more than there were reasons", w.stales)
	}
}

// step does one random thing.
func (w *world) step() {
	switch n := w.rng.IntN(100); {
	case n < 20:
		w.send()
	case n < 50:
		w.turn()
	case n < 85:
		w.perform()
	case n < 94:
		w.pass()
	case n < 97:
		w.order()
	case w.fault("crash", 4):
		w.die()
	case w.fault("clean stop", 6):
		w.stop()
	case w.fault("start over", 6):
		w.settler.startOver(w.now)
	case w.fault("cut", 2):
		w.cut()
	}
}

// send lets one connection pass its next events.
func (w *world) send() {
	l := w.lines[w.rng.IntN(len(w.lines))]
	if l.flight != nil || l.acked == len(l.events) {
		return
	}
	w.queue = append(w.queue, l.send(w.rng, w.now))
	if w.mutant == "ack before commit" {
		w.ack(l)
	}
}

func (w *world) ack(l *line) {
	for i := range l.size {
		w.acked[l.events[l.acked+i].Key()] = true
	}
	l.acked += l.size
	l.flight, l.size = nil, 0
}

// cut loses a connection: what is in flight may still arrive, and the platform tells some of it again.
func (w *world) cut() {
	l := w.lines[w.rng.IntN(len(w.lines))]
	l.flight = nil
	l.acked = max(0, l.acked-w.rng.IntN(6))
}

// turn is one turn of the engine's loop.
func (w *world) turn() {
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(crash); !ok {
				panic(p)
			}
			w.die()
		}
	}()
	w.land()
	n := min(len(w.queue), 1+w.rng.IntN(8))
	batch := w.queue[:n:n]
	w.queue = w.queue[n:]
	w.must("take", w.take(batch))
	w.must("poll", w.settler.poll(context.Background(), w.now))
	w.depart()
	at := w.now
	if w.mutant == "early timers" {
		at = at.Add(time.Hour)
	}
	for _, s := range w.settler.core.start(at) {
		w.begin(s)
	}
	w.answer(w.settler.told())
	w.measure()
	if w.crashSoon {
		w.die()
	}
}

func (w *world) must(doing string, err error) {
	if err != nil {
		w.problem("%s: %v", doing, err)
	}
}

// take passes inputs: as the loop does, or by themselves, as it does with reports that could not be stored.
func (w *world) take(batch []*input) error {
	if w.flight == nil && w.fault("alone", 10) {
		err := w.settler.alone(context.Background(), batch, w.now)
		w.answer(batch)
		return err
	}
	if w.mutant == "nothing held back" {
		f := &w.settler.flights
		flying := f.flying
		f.flying = nil
		defer func() { f.flying = flying }()
	}
	return w.settler.take(context.Background(), batch, w.now)
}

// depart lets the open group go, sooner or later. It may be stored at once or just before it lands.
func (w *world) depart() {
	if w.flight != nil || w.fault("departs later", 4) {
		return
	}
	if g := w.settler.depart(w.now); g != nil {
		w.flight = &simFlight{group: g}
		if w.calm || w.rng.IntN(2) == 0 {
			w.store()
		}
		if w.calm {
			w.land()
		}
	}
}

func (w *world) store() {
	w.flight.err, w.flight.stored = w.settler.journal.Commit(context.Background(), *w.flight.group), true
}

// land ends what is under way, sooner or later.
func (w *world) land() {
	if w.flight == nil || w.fault("lands later", 3) {
		return
	}
	if !w.flight.stored {
		w.store()
	}
	if len(w.settler.flights.held) > 0 {
		w.hit("held back")
	}
	err := w.flight.err
	w.flight = nil
	w.must("land", w.settler.land(context.Background(), err, w.now))
}

func (w *world) answer(batch []*input) {
	for _, in := range batch {
		w.checkAnswer(in)
		if !in.settled && w.mutant != "dropped reports" {
			w.queue = append(w.queue, in)
		}
		for _, l := range w.lines {
			if l.flight == nil || l.flight != in {
				continue
			}
			if in.err != nil {
				w.hit("refused events")
				l.flight = nil
				continue
			}
			w.ack(l)
		}
	}
}

// checkAnswer checks that what was answered is so.
func (w *world) checkAnswer(in *input) {
	switch {
	case !in.settled || w.crashSoon:
	case in.report != nil && in.report.outcome.State == Done:
		s := w.journal.steps[in.report.run.step.ID]
		if s.State != Done && !w.cancelled[s.ID] {
			w.problem("step %s was done and is stored as %s", s.ID, s.State)
		}
	case in.order != nil && errors.Is(in.err, ErrRunning):
		w.hit("order refused")
	}
}

// measure checks what must hold after every turn.
func (w *world) measure() {
	c := w.settler.core
	if n := len(c.hot) - len(c.busy); n > 2*c.cap+64 {
		w.problem("%d calls in memory, the cap is %d", n, c.cap)
	}
	for id := range w.journal.calls {
		if c.hot[id] == nil {
			w.hit("call only in the journal")
			return
		}
	}
}

func (w *world) job(step string) *job2 {
	for _, j := range w.jobs {
		if j.step.ID == step {
			return j
		}
	}
	return nil
}

// begin checks that a step may start, and starts it.
func (w *world) begin(s start) {
	st := s.step
	if st.Due.After(w.now) {
		w.problem("step %s started before it is due", st.ID)
	}
	if stored := w.journal.steps[st.ID]; stored.State.Final() {
		w.hit("step was finished by somebody else")
	}
	if old := w.job(st.ID); old != nil && w.mutant != "zombies" {
		w.problem("step %s is performed twice at once", st.ID)
	}
	for _, o := range w.journal.ofCall(st.Call) {
		if o.State == Done && o.Key == st.Key && s.known == nil {
			w.problem("step %s does not know its record", st.ID)
		}
	}
	if slices.Contains(st.plan.Needs, "pop") {
		w.checkPop(s)
	}
	if _, ok := s.results.Record["Task"]; !ok && slices.Contains(st.plan.Needs, "record") {
		w.hit("record was not written")
	}
	w.jobs = append(w.jobs, &job2{start: s, run: w.settler.core.running[st.ID], began: w.now})
}

// checkPop checks that a step that refers to a pop starts when the pop's result is there.
func (w *world) checkPop(s start) {
	for _, o := range w.journal.ofCall(s.step.Call) {
		if o.Kind != popKind || o.Agent != s.step.Agent || o.Seq > s.step.Seq {
			continue
		}
		run := w.settler.core.running[o.ID]
		early := run != nil && run.early != nil
		if early {
			w.hit("early result used")
		}
		if !o.State.Final() && !early && !w.redriven[o.ID] {
			w.problem("step %s started before the pop %s told its result", s.step.ID, o.ID)
		}
		if o.State == Done && len(s.results.Pop) == 0 {
			w.problem("step %s does not see the result of the pop %s", s.step.ID, o.ID)
		}
	}
}

// perform moves one running step on: look up, do it, report.
func (w *world) perform() {
	if len(w.jobs) == 0 {
		return
	}
	i := w.rng.IntN(len(w.jobs))
	j := w.jobs[i]
	j.phase++
	switch {
	case j.phase == 1:
		if j.step.Kind == popKind && w.rng.IntN(2) == 0 {
			w.settler.core.early(j.step.ID, popResult(&j.step.Step), w.now)
		}
	case j.phase == 2:
		j.out = w.act(j)
		if j.run.early != nil {
			j.out.Result = nil // it was told already
		}
	default:
		w.jobs = slices.Delete(w.jobs, i, i+1)
		w.queue = append(w.queue, &input{report: &report{run: j.run, outcome: j.out, at: j.began, took: w.now.Sub(j.began)}})
	}
}

func (w *world) act(j *job2) Outcome {
	what, _ := j.step.plan.Args["what"].(string)
	s := &j.step.Step
	if w.cancelled[s.ID] {
		if w.mutant == "no versions" {
			w.problem("step %s is performed although somebody else cancelled it", s.ID)
		}
		w.hit("cancelled elsewhere, performed here")
	}
	if s.Lane == ScreenLane {
		return w.desk.do(s, what)
	}
	return w.crm.do(s, what)
}

// pass lets time pass.
func (w *world) pass() {
	d := time.Duration(w.rng.IntN(2000)) * time.Millisecond
	switch w.rng.IntN(20) {
	case 0:
		d = time.Duration(w.rng.IntN(3600)) * time.Second
	case 1:
		if w.fault("days pass", 10) {
			d = 30 * time.Hour
		}
	}
	w.now = w.now.Add(d)
}

// order lets a person cancel a step or drive it again.
func (w *world) order() {
	ids := w.ids()
	if len(ids) == 0 || w.calm {
		return
	}
	id := ids[w.rng.IntN(len(ids))]
	s := w.journal.steps[id]
	o := &order{step: s.Ref(), who: "ann"}
	switch {
	case s.State == Dead:
		w.hit("dead letter driven again")
		delete(w.crm.invalid, id)
		if w.rng.IntN(2) == 0 {
			o.args, _ = json.Marshal(map[string]any{"call": string(s.Call), "what": "edited/" + id})
		}
	case !s.State.Final() && w.rng.IntN(3) == 0:
		w.hit("cancelled")
		o.cancel = true
	case s.State != Done && w.rng.IntN(3) == 0:
		w.hit("driven again")
	default:
		return
	}
	if !o.cancel {
		w.redriven[id] = true // even if the answer is lost
	}
	w.queue = append(w.queue, &input{order: o})
}

// ids are the ids of all stored steps, in an order that does not change.
func (w *world) ids() []string {
	ids := make([]string, 0, len(w.journal.steps))
	for id := range w.journal.steps {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// die loses everything that is not stored.
func (w *world) die() {
	for _, j := range w.jobs {
		if j.phase >= 2 && j.out.State == Done {
			w.hit("crash between effect and outcome")
		}
	}
	w.hit("restart")
	w.boot()
}

// stop ends the process as an operator would: only what is done is stored.
func (w *world) stop() {
	var last []*input
	for _, j := range w.jobs {
		if j.phase >= 2 && j.out.State == Done {
			last = append(last, &input{report: &report{run: j.run, outcome: j.out, at: j.began}})
		}
	}
	w.finish(last)
	w.die()
}

// finish stores what was taken in, and the last reports.
func (w *world) finish(last []*input) {
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(crash); !ok {
				panic(p)
			}
		}
	}()
	for w.flight != nil {
		w.land()
	}
	for _, batch := range [][]*input{w.settler.rest(w.now), last} {
		if len(batch) > 0 {
			w.must("the end", w.settler.settle(context.Background(), batch, w.now))
			w.answer(batch)
		}
	}
	w.answer(w.settler.told())
}
