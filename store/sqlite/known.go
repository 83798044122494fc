package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"cordboard/call"
	"cordboard/engine"
)

// known holds the statements of what the engine reads.
type known struct {
	prepared
	callsByID, callsByN, steps, events *list
	slots, heard                       *list
	ref, step, due                     *sql.Stmt
}

const workColumns = "SELECT n, id, version, due, body FROM calls WHERE "

func newKnown(ctx context.Context, db *sql.DB) (*known, error) {
	k := &known{prepared: prepared{on: db}}
	for _, p := range []struct {
		list **list
		text string
	}{
		{&k.callsByID, workColumns + "id IN (?)"},
		{&k.callsByN, workColumns + "n IN (?)"},
		{&k.steps, `SELECT call, body FROM steps WHERE call IN (?) AND state IN ('pending', 'retrying', 'parked') ORDER BY call, seq`},
		{&k.slots, "SELECT id, n, version, indexed, due, open, started FROM calls WHERE id IN (?)"},
		{&k.heard, "SELECT call FROM refs WHERE ref IN (?)"},
		{&k.events, "SELECT call, key FROM events WHERE call IN (?)"},
	} {
		var err error
		if *p.list, err = newList(ctx, &k.prepared, p.text); err != nil {
			return nil, fmt.Errorf("%s: %w", p.text, err)
		}
	}
	for _, p := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&k.ref, "SELECT call FROM refs WHERE ref = ? AND connection = ?"},
		{&k.step, stepByRef},
		{&k.due, "SELECT n, id FROM calls WHERE due <= ? ORDER BY due, n"},
	} {
		var err error
		if *p.stmt, err = k.prepare(ctx, p.text); err != nil {
			return nil, fmt.Errorf("%s: %w", p.text, err)
		}
	}
	return k, nil
}

// stepByRef takes the id of a call and that of one of its steps.
const stepByRef = "SELECT call, body FROM steps WHERE call = (SELECT n FROM calls WHERE id = ?) AND id = ?"

// view runs do on one consistent view of db, in which everything is that was committed before. While the disk is full, pages
// are shown what the tables have.
func (s *Store) view(ctx context.Context, db *sql.DB, doing string, do func(tx *sql.Tx) error) error {
	if err := s.post(ctx); err != nil && (db != s.pages || !errors.Is(err, ErrFull)) {
		return err
	}
	return s.look(ctx, db, doing, do)
}

// look runs do on one consistent view of the tables.
func (s *Store) look(ctx context.Context, db *sql.DB, doing string, do func(tx *sql.Tx) error) error {
	if err := s.usable(); err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return s.judge(doing, err)
	}
	err = do(tx)
	_ = tx.Rollback() // it only read
	return s.judge(doing, err)
}

// Known implements [engine.Journal]. Most of what the engine asks for are calls that nobody has heard of: it is worth
// knowing that the daybook has nothing of them, because then the tables need not be brought up to it first.
func (s *Store) Known(ctx context.Context, ask engine.Ask) (engine.Known, error) {
	posted, pending := s.book.pendingOf(&ask)
	if pending {
		if err := s.post(ctx); err != nil {
			return engine.Known{}, err
		}
	}
	out, err := s.knownInTables(ctx, ask)
	if err != nil || pending || !s.book.changed(out.Calls, posted) {
		return out, err
	}
	if err := s.post(ctx); err != nil {
		return engine.Known{}, err
	}
	return s.knownInTables(ctx, ask)
}

// pendingOf reports whether something that is asked for is in the daybook only, and what is in the tables for sure.
func (b *book) pendingOf(ask *engine.Ask) (posted uint64, pending bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	posted = b.day.posted
	if len(b.pending) == 0 {
		return posted, false
	}
	waits := func(id call.ID) bool { return b.slots.all[id].entry > posted }
	return posted, slices.ContainsFunc(ask.Calls, waits) ||
		slices.ContainsFunc(ask.Refs, func(r call.Ref) bool { return b.slots.refs[r] > posted }) ||
		slices.ContainsFunc(ask.Steps, func(r engine.StepRef) bool { return waits(r.Call) })
}

// unheard notes that platform ids have no call: so there is none that is named after one of them ([call.Index.Resolve]), and a
// new one need not be looked for. Only this process stores, so that holds until it does. (No connection has a colon in its
// name, or two could have calls of one id.)
func (b *book) unheard(refs []call.Ref) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.slots.fresh) > slotsMost {
		clear(b.slots.fresh)
	}
	for _, r := range refs {
		if strings.Contains(r.Connection, ":") {
			continue
		}
		id := call.ID(r.Connection + ":" + r.Ref)
		if _, stored := b.slots.all[id]; !stored { // meanwhile
			b.slots.fresh[id] = struct{}{}
		}
	}
}

// changed reports whether an entry after the posted one changed one of the calls.
func (b *book) changed(calls map[call.ID]engine.Work, posted uint64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id := range calls {
		if b.slots.all[id].entry > posted {
			return true
		}
	}
	return false
}

// heard reports whether one of the platform ids has a call, as most that are asked for have not. It needs no view: when none
// is there, that is how it was before the first that may come. They are looked for without their connection, many at a time:
// one that another connection knows, too, is looked at more closely.
func (s *Store) heard(ctx context.Context, refs []call.Ref) (found bool, err error) {
	if err := s.usable(); err != nil {
		return false, err
	}
	keys := make([]any, len(refs))
	for i, r := range refs {
		keys[i] = r.Ref
	}
	err = s.known.heard.each(ctx, nil, keys, func(*sql.Rows) error {
		found = true
		return nil
	})
	return found, s.judge("read the journal", err)
}

func (s *Store) knownInTables(ctx context.Context, ask engine.Ask) (engine.Known, error) {
	if len(ask.Calls)+len(ask.Steps) == 0 {
		found, err := s.heard(ctx, ask.Refs)
		if err != nil {
			return engine.Known{}, err
		}
		if !found {
			s.book.unheard(ask.Refs)
			return engine.Known{}, nil
		}
	}
	out := engine.Known{Refs: map[call.Ref]call.ID{}, Calls: map[call.ID]engine.Work{}, Steps: map[engine.StepRef]engine.Step{}}
	err := s.look(ctx, s.journal, "read the journal", func(tx *sql.Tx) error {
		refs, err := s.knownRefs(ctx, tx, ask.Refs)
		if err != nil {
			return err
		}
		also, err := s.knownSteps(ctx, tx, ask.Steps, out.Steps)
		if err != nil {
			return err
		}
		for _, n := range refs {
			also[n] = struct{}{}
		}
		work := works{}
		if err := s.known.callsByID.each(ctx, tx, args(ask.Calls), work.scan); err != nil {
			return err
		}
		if err := s.known.callsByN.each(ctx, tx, work.missing(also), work.scan); err != nil {
			return err
		}
		if err := s.fill(ctx, tx, work); err != nil {
			return err
		}
		for _, w := range work {
			out.Calls[w.Call.State.ID] = *w
		}
		for r, n := range refs {
			if w, ok := work[n]; ok {
				out.Refs[r] = w.Call.State.ID
			}
		}
		return nil
	})
	return out, err
}

func (s *Store) knownRefs(ctx context.Context, tx *sql.Tx, refs []call.Ref) (map[call.Ref]int64, error) {
	found := map[call.Ref]int64{}
	stmt := tx.StmtContext(ctx, s.known.ref)
	for _, r := range refs {
		err := scan(ctx, stmt, []any{r.Ref, r.Connection}, func(rows *sql.Rows) error {
			var n int64
			err := rows.Scan(&n)
			found[r] = n
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// knownSteps reads the asked steps and returns the numbers of their calls.
func (s *Store) knownSteps(ctx context.Context, tx *sql.Tx, refs []engine.StepRef, found map[engine.StepRef]engine.Step) (map[int64]struct{}, error) {
	calls := map[int64]struct{}{}
	stmt := tx.StmtContext(ctx, s.known.step)
	for _, ref := range refs {
		err := scan(ctx, stmt, []any{string(ref.Call), ref.Step}, func(rows *sql.Rows) error {
			n, st, err := scanStep(rows)
			found[ref] = st
			calls[n] = struct{}{}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return calls, nil
}

// scanStep reads the number of a step's call and the step.
func scanStep(rows *sql.Rows) (n int64, st engine.Step, err error) {
	var body []byte
	if err := rows.Scan(&n, &body); err != nil {
		return 0, st, err
	}
	if err := json.Unmarshal(body, &st); err != nil {
		return 0, st, fmt.Errorf("a step as stored: %w", err)
	}
	st.Stored = st.State
	return n, st, nil
}

// args makes arguments of a query.
func args[T ~string](keys []T) []any {
	out := make([]any, len(keys))
	for i, k := range keys {
		out[i] = string(k)
	}
	return out
}

// works are calls by number.
type works map[int64]*engine.Work

func (w works) scan(rows *sql.Rows) error {
	var (
		n    int64
		id   string
		due  sql.NullInt64
		body []byte
		item engine.Work
	)
	if err := rows.Scan(&n, &id, &item.Call.Stored, &due, &body); err != nil {
		return err
	}
	if err := json.Unmarshal(body, &item.Call); err != nil {
		return fmt.Errorf("call %q as stored: %w", id, err)
	}
	if due.Valid {
		item.Call.Due = time.Unix(0, due.Int64).UTC()
	}
	w[n] = &item
	return nil
}

// missing returns the numbers that are not here yet.
func (w works) missing(numbers map[int64]struct{}) []any {
	var out []any
	for _, n := range slices.Sorted(maps.Keys(numbers)) {
		if _, ok := w[n]; !ok {
			out = append(out, n)
		}
	}
	return out
}

// fill reads the steps that are not final, and the keys of all events.
func (s *Store) fill(ctx context.Context, tx *sql.Tx, work works) error {
	numbers := make([]any, 0, len(work))
	for _, n := range slices.Sorted(maps.Keys(work)) {
		numbers = append(numbers, n)
	}
	err := s.known.steps.each(ctx, tx, numbers, func(rows *sql.Rows) error {
		n, st, err := scanStep(rows)
		if err != nil {
			return err
		}
		work[n].Steps = append(work[n].Steps, st)
		return nil
	})
	if err != nil {
		return err
	}
	return s.known.events.each(ctx, tx, numbers, func(rows *sql.Rows) error {
		var (
			n   int64
			key string
		)
		if err := rows.Scan(&n, &key); err != nil {
			return err
		}
		work[n].Events = append(work[n].Events, key)
		return nil
	})
}
