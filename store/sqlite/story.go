package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
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
		if out.Events, err = readEvents(ctx, tx, n); err != nil {
			return err
		}
		if out.Runs, err = readRuns(ctx, tx, n); err != nil {
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

func readEvents(ctx context.Context, tx *sql.Tx, n int64) (out []call.Event, err error) {
	err = each(ctx, tx, "SELECT body, raw FROM events WHERE call = ? ORDER BY seq", []any{n}, func(rows *sql.Rows) error {
		var (
			body, raw []byte
			ev        call.Event
		)
		if err := rows.Scan(&body, &raw); err != nil {
			return err
		}
		if err := json.Unmarshal(body, &ev); err != nil {
			return fmt.Errorf("an event as stored: %w", err)
		}
		ev.Raw = raw
		out = append(out, ev)
		return nil
	})
	return out, err
}

func readRuns(ctx context.Context, tx *sql.Tx, n int64) (out []engine.Run, err error) {
	err = each(ctx, tx, "SELECT body FROM runs WHERE call = ?", []any{n}, func(rows *sql.Rows) error {
		var (
			body []byte
			r    engine.Run
		)
		if err := rows.Scan(&body); err != nil {
			return err
		}
		if err := json.Unmarshal(body, &r); err != nil {
			return fmt.Errorf("a run as stored: %w", err)
		}
		out = append(out, r)
		return nil
	})
	slices.SortStableFunc(out, func(a, b engine.Run) int { return a.Started.Compare(b.Started) })
	return out, err
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

// StepByID implements [engine.Reader].
func (s *Store) StepByID(ctx context.Context, id string) (engine.Step, error) {
	var out []engine.Step
	err := s.view(ctx, s.pages, "read a step", func(tx *sql.Tx) (err error) {
		out, err = readSteps(ctx, tx, "SELECT call, body FROM steps WHERE id = ?", id)
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

// EventByKey returns one event, or engine.ErrNotFound.
func (s *Store) EventByKey(ctx context.Context, key string) (call.Event, error) {
	var ev call.Event
	err := s.view(ctx, s.pages, "read an event", func(tx *sql.Tx) error {
		var body, raw []byte
		err := tx.QueryRowContext(ctx, "SELECT body, raw FROM events WHERE key = ?", key).Scan(&body, &raw)
		if errors.Is(err, sql.ErrNoRows) {
			return engine.ErrNotFound
		}
		if err != nil {
			return err
		}
		if err := json.Unmarshal(body, &ev); err != nil {
			return fmt.Errorf("an event as stored: %w", err)
		}
		ev.Raw = raw
		return nil
	})
	return ev, err
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
	out := engine.Counts{Steps: map[engine.StepState]int64{}}
	totals := map[string]*int64{"events": &out.Events, "calls": &out.Calls, "runs": &out.Runs, "kept": &out.Kept}
	err := s.view(ctx, s.pages, "count", func(tx *sql.Tx) error {
		err := each(ctx, tx, "SELECT name, n FROM counts", nil, func(rows *sql.Rows) error {
			var (
				name string
				n    int64
			)
			if err := rows.Scan(&name, &n); err != nil {
				return err
			}
			if p, ok := totals[name]; ok {
				*p = n
			} else {
				out.Steps[engine.StepState(name)] = n
			}
			return nil
		})
		if err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, "SELECT count(*) FROM calls WHERE open = 1").Scan(&out.Open)
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
