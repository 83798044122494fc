package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"cordboard/call"
	"cordboard/engine"
)

const (
	workColumns = "SELECT c.n, c.version, c.due, c.body FROM calls c "
	// wanted are the numbers of the calls that an Ask names.
	wanted = `WITH wanted AS (
			SELECT n FROM calls WHERE id = ANY ($1::text[])
			UNION SELECT r.call FROM unnest($2::text[], $3::text[]) u (ref, connection) JOIN refs r USING (ref, connection)) `
	unfinished = "state IN ('pending', 'retrying', 'parked')"
)

// view sends a batch that only reads, in one consistent view and one message.
func (s *Store) view(ctx context.Context, db *pgxpool.Pool, doing string, fill func(b *pgx.Batch)) error {
	if err := s.usable(); err != nil {
		return err
	}
	b := &pgx.Batch{}
	b.Queue("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
	fill(b)
	b.Queue("COMMIT")
	conn, err := db.Acquire(ctx)
	if err != nil {
		return s.judge(doing, err)
	}
	err = conn.SendBatch(ctx, b).Close()
	within, cancel := s.within(ctx)
	defer cancel()
	end(within, conn)
	return s.judge(doing, err)
}

// Known implements [engine.Journal].
func (s *Store) Known(ctx context.Context, ask engine.Ask) (known engine.Known, err error) {
	err = s.outlast(ctx, func(ctx context.Context) (err error) {
		known, err = s.known(ctx, ask)
		return err
	})
	return known, err
}

func (s *Store) known(ctx context.Context, ask engine.Ask) (engine.Known, error) {
	out := engine.Known{Refs: map[call.Ref]call.ID{}, Calls: map[call.ID]engine.Work{}, Steps: map[engine.StepRef]engine.Step{}}
	if ask.Empty() {
		return out, s.usable()
	}
	work := &works{}
	refs, connections := make([]string, len(ask.Refs)), make([]string, len(ask.Refs))
	for i, r := range ask.Refs {
		refs[i], connections[i] = escape(r.Ref), escape(r.Connection)
	}
	if len(ask.Calls)+len(ask.Steps) == 0 {
		if some, err := s.anyRef(ctx, refs, connections); err != nil || !some {
			return out, err
		}
	}
	err := s.view(ctx, s.journal, "read the journal", func(b *pgx.Batch) {
		if len(ask.Refs) > 0 {
			b.Queue(`SELECT u.i, c.id FROM unnest($1::text[], $2::text[]) WITH ORDINALITY u (ref, connection, i)
				JOIN refs r USING (ref, connection) JOIN calls c ON c.n = r.call`, refs, connections).Query(func(rows pgx.Rows) error {
				return each2(rows, func(i int, id string) { out.Refs[ask.Refs[i-1]] = call.ID(unescape(id)) })
			})
		}
		calls, steps := make([]string, len(ask.Steps)), make([]string, len(ask.Steps))
		for i, ref := range ask.Steps {
			calls[i], steps[i] = escape(string(ref.Call)), escape(ref.Step)
		}
		if len(steps) > 0 {
			b.Queue(`SELECT s.call, s.body FROM unnest($1::text[], $2::text[]) u (call, step)
				JOIN calls c ON c.id = u.call JOIN steps s ON s.call = c.n AND s.id = u.step`, calls, steps).Query(func(rows pgx.Rows) error {
				return eachStep(rows, func(_ int64, st engine.Step) { out.Steps[st.Ref()] = st })
			})
		}
		ids := append(escaped(ask.Calls), calls...)
		if len(ids)+len(refs) > 0 {
			args := []any{ids, refs, connections}
			b.Queue(wanted+workColumns+"JOIN wanted USING (n)", args...).Query(work.scan)
			b.Queue(wanted+"SELECT s.call, s.body FROM steps s JOIN wanted ON wanted.n = s.call WHERE "+unfinished+" ORDER BY s.call, s.seq", args...).
				Query(work.scanSteps)
			b.Queue(wanted+"SELECT e.call, e.key FROM events e JOIN wanted ON wanted.n = e.call", args...).Query(work.scanEvents)
		}
	})
	for _, w := range work.list {
		out.Calls[w.Call.State.ID] = *w
	}
	return out, err
}

// anyRef reports whether any of the platform's ids has a call. Most that are asked for have none: they are of new calls.
func (s *Store) anyRef(ctx context.Context, refs, connections []string) (some bool, err error) {
	if err := s.usable(); err != nil {
		return false, err
	}
	err = s.journal.QueryRow(ctx, "SELECT EXISTS (SELECT FROM unnest($1::text[], $2::text[]) u (ref, connection) JOIN refs USING (ref, connection))",
		refs, connections).Scan(&some)
	return some, s.judge("read the journal", err)
}

// works are calls by number, and in the order in which they were read.
type works struct {
	byN  map[int64]*engine.Work
	list []*engine.Work
}

// scan reads rows of workColumns.
func (w *works) scan(rows pgx.Rows) error {
	w.byN = map[int64]*engine.Work{}
	for rows.Next() {
		var (
			n    int64
			due  *int64
			body []byte
			item engine.Work
		)
		if err := rows.Scan(&n, &item.Call.Stored, &due, &body); err != nil {
			return err
		}
		if err := json.Unmarshal(body, &item.Call); err != nil {
			return fmt.Errorf("call number %d as stored: %w", n, err)
		}
		if due != nil {
			item.Call.Due = time.Unix(0, *due).UTC()
		}
		w.byN[n] = &item
		w.list = append(w.list, &item)
	}
	return nil
}

// scanSteps reads the steps of calls that scan has read.
func (w *works) scanSteps(rows pgx.Rows) error {
	return eachStep(rows, func(n int64, st engine.Step) {
		if item := w.byN[n]; item != nil {
			item.Steps = append(item.Steps, st)
		}
	})
}

// scanEvents reads the keys of the events of calls that scan has read.
func (w *works) scanEvents(rows pgx.Rows) error {
	return each2(rows, func(n int64, key string) {
		if item := w.byN[n]; item != nil {
			item.Events = append(item.Events, unescape(key))
		}
	})
}

// eachStep reads rows of a call's number and a step's body.
func eachStep(rows pgx.Rows, take func(n int64, st engine.Step)) error {
	for rows.Next() {
		var (
			n    int64
			body []byte
			st   engine.Step
		)
		if err := rows.Scan(&n, &body); err != nil {
			return err
		}
		if err := json.Unmarshal(body, &st); err != nil {
			return fmt.Errorf("a step as stored: %w", err)
		}
		st.Stored = st.State
		take(n, st)
	}
	return nil
}

// each2 reads rows of two columns.
func each2[T, U any](rows pgx.Rows, take func(T, U)) error {
	for rows.Next() {
		var (
			v T
			u U
		)
		if err := rows.Scan(&v, &u); err != nil {
			return err
		}
		take(v, u)
	}
	return nil
}
