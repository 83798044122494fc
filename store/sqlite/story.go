package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"cordboard/call"
	"cordboard/engine"
	"cordboard/store/internal/column"
)

// Story implements [engine.Reader].
func (s *Store) Story(ctx context.Context, id call.ID) (engine.Story, error) {
	var out engine.Story
	err := s.view(ctx, s.pages, "read a call", func(tx *sql.Tx) error {
		n, err := readCall(ctx, tx, id, &out.Call)
		if err != nil {
			return err
		}
		if out.Refs, err = readRefs(ctx, tx, n); err != nil {
			return err
		}
		if out.Events, out.Runs, err = readEvents(ctx, tx, n); err != nil {
			return err
		}
		out.Steps, err = readSteps(ctx, tx, "SELECT call, body FROM steps WHERE call = ? ORDER BY seq", n)
		return err
	})
	return out, err
}

func readCall(ctx context.Context, tx *sql.Tx, id call.ID, c *engine.Call) (int64, error) {
	w := works{}
	if err := each(ctx, tx, workColumns+"id = ?", []any{string(id)}, w.scan); err != nil {
		return 0, err
	}
	for n, item := range w {
		*c = item.Call
		return n, nil
	}
	return 0, engine.ErrNotFound
}

func readRefs(ctx context.Context, tx *sql.Tx, n int64) (out []call.Ref, err error) {
	err = each(ctx, tx, "SELECT connection, ref FROM refs WHERE call = ? ORDER BY connection, ref", []any{n}, func(rows *sql.Rows) error {
		var r call.Ref
		err := rows.Scan(&r.Connection, &r.Ref)
		out = append(out, r)
		return err
	})
	return out, err
}

// readEvents reads a call's events and the runs that they started.
func readEvents(ctx context.Context, tx *sql.Tx, n int64) (events []call.Event, all []engine.Run, err error) {
	err = each(ctx, tx, "SELECT body, runs, raw, packed FROM events WHERE call = ? ORDER BY seq", []any{n}, func(rows *sql.Rows) error {
		var (
			body, started, raw, packed []byte
			ev                         call.Event
			runs                       []engine.Run
		)
		if err := rows.Scan(&body, &started, &raw, &packed); err != nil {
			return err
		}
		if err := json.Unmarshal(body, &ev); err != nil {
			return fmt.Errorf("an event as stored: %w", err)
		}
		if len(started) > 0 {
			if err := json.Unmarshal(started, &runs); err != nil {
				return fmt.Errorf("runs as stored: %w", err)
			}
		}
		if ev.Raw, err = column.Message(raw, packed); err != nil {
			return err
		}
		events, all = append(events, ev), append(all, runs...)
		return nil
	})
	return events, all, err
}

// readSteps runs a query of the columns call and body.
func readSteps(ctx context.Context, tx *sql.Tx, query string, args ...any) (out []engine.Step, err error) {
	err = each(ctx, tx, query, args, func(rows *sql.Rows) error {
		_, st, err := scanStep(rows)
		out = append(out, st)
		return err
	})
	return out, err
}

// Step implements [engine.Reader].
func (s *Store) Step(ctx context.Context, ref engine.StepRef) (engine.Step, error) {
	var out []engine.Step
	err := s.view(ctx, s.pages, "read a step", func(tx *sql.Tx) (err error) {
		out, err = readSteps(ctx, tx, stepByRef, string(ref.Call), ref.Step)
		return err
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("sqlite: step: %w", engine.ErrNotFound)
	}
	if err != nil {
		return engine.Step{}, err
	}
	return out[0], nil
}

// Failures implements [engine.Reader].
func (s *Store) Failures(ctx context.Context, max int) (out []engine.Step, err error) {
	err = s.view(ctx, s.pages, "list failures", func(tx *sql.Tx) (err error) {
		out, err = readSteps(ctx, tx, "SELECT call, body FROM steps WHERE "+trouble+" AND state = 'dead' ORDER BY at DESC LIMIT ?", max)
		return err
	})
	return out, err
}

// KeptMessages implements [engine.Reader].
func (s *Store) KeptMessages(ctx context.Context, max int) (out []engine.KeptRow, err error) {
	err = s.view(ctx, s.pages, "list kept messages", func(tx *sql.Tx) error {
		return each(ctx, tx, "SELECT seq, at, reason, message FROM kept ORDER BY seq DESC LIMIT ?", []any{max}, func(rows *sql.Rows) error {
			var (
				row     engine.KeptRow
				at      int64
				message []byte
			)
			if err := rows.Scan(&row.ID, &at, &row.Reason, &message); err != nil {
				return err
			}
			if err := json.Unmarshal(message, &row.Message); err != nil {
				return fmt.Errorf("kept message %d as stored: %w", row.ID, err)
			}
			row.At = column.Moment(at)
			out = append(out, row)
			return nil
		})
	})
	return out, err
}

// Counts implements [engine.Reader].
func (s *Store) Counts(ctx context.Context) (engine.Counts, error) {
	var out engine.Counts
	err := s.view(ctx, s.pages, "count", func(tx *sql.Tx) error {
		var pending, retrying, parked, done, skipped, dead int64
		err := tx.QueryRowContext(ctx, `SELECT events, calls, runs, kept, pending, retrying, parked, done, skipped, dead,
			(SELECT count(*) FROM calls WHERE open = 1) FROM totals`).
			Scan(&out.Events, &out.Calls, &out.Runs, &out.Kept, &pending, &retrying, &parked, &done, &skipped, &dead, &out.Open)
		out.Steps = map[engine.StepState]int64{
			engine.Pending: pending, engine.Retrying: retrying, engine.Parked: parked,
			engine.Done: done, engine.Skipped: skipped, engine.Dead: dead,
		}
		return err
	})
	return out, err
}

// records returns the records of a call in the order in which they were written.
func records(byKey map[string]engine.RecordRef) []engine.RecordRef {
	if len(byKey) == 0 {
		return nil
	}
	out := slices.Collect(maps.Values(byKey))
	slices.SortFunc(out, func(a, b engine.RecordRef) int {
		if a.Seq != b.Seq {
			return a.Seq - b.Seq
		}
		return slices.Compare([]byte(a.ID), []byte(b.ID))
	})
	return out
}
