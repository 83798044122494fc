package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"cordboard/call"
	"cordboard/engine"
	"cordboard/platform"
	"cordboard/store/internal/column"
)

// Story implements [engine.Reader].
func (s *Store) Story(ctx context.Context, id call.ID) (engine.Story, error) {
	var out engine.Story
	const of = " = (SELECT n FROM calls WHERE id = $1) "
	work, key := &works{}, escape(string(id))
	err := s.view(ctx, s.pages, "read a call", func(b *pgx.Batch) {
		b.Queue(workColumns+"WHERE c.id = $1", key).Query(work.scan)
		b.Queue("SELECT connection, ref FROM refs WHERE call"+of+"ORDER BY connection, ref", key).Query(func(rows pgx.Rows) error {
			return each2(rows, func(connection, ref string) {
				out.Refs = append(out.Refs, call.Ref{Connection: unescape(connection), Ref: unescape(ref)})
			})
		})
		b.Queue("SELECT body, runs, raw, packed FROM events WHERE call"+of+"ORDER BY seq", key).Query(func(rows pgx.Rows) (err error) {
			out.Events, out.Runs, err = readEvents(rows)
			return err
		})
		b.Queue("SELECT call, body FROM steps WHERE call"+of+"ORDER BY seq", key).Query(takeSteps(&out.Steps))
	})
	if err == nil && len(work.list) == 0 {
		err = fmt.Errorf("postgres: call: %w", engine.ErrNotFound)
	}
	if err != nil {
		return engine.Story{}, err
	}
	out.Call = work.list[0].Call
	return out, nil
}

// readEvents reads events and the runs that they started.
func readEvents(rows pgx.Rows) (events []call.Event, all []engine.Run, err error) {
	for rows.Next() {
		var (
			body, started, raw, packed []byte
			ev                         call.Event
			runs                       []engine.Run
		)
		if err := rows.Scan(&body, &started, &raw, &packed); err != nil {
			return nil, nil, err
		}
		if err := json.Unmarshal(body, &ev); err != nil {
			return nil, nil, fmt.Errorf("an event as stored: %w", err)
		}
		if len(started) > 0 {
			if err := json.Unmarshal(started, &runs); err != nil {
				return nil, nil, fmt.Errorf("runs as stored: %w", err)
			}
		}
		if ev.Raw, err = column.Message(raw, packed); err != nil {
			return nil, nil, err
		}
		events, all = append(events, ev), append(all, runs...)
	}
	return events, all, nil
}

func takeSteps(out *[]engine.Step) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		return eachStep(rows, func(_ int64, st engine.Step) { *out = append(*out, st) })
	}
}

// Step implements [engine.Reader].
func (s *Store) Step(ctx context.Context, ref engine.StepRef) (engine.Step, error) {
	var out []engine.Step
	err := s.view(ctx, s.pages, "read a step", func(b *pgx.Batch) {
		b.Queue("SELECT call, body FROM steps WHERE call = (SELECT n FROM calls WHERE id = $1) AND id = $2", escape(string(ref.Call)), escape(ref.Step)).
			Query(takeSteps(&out))
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("postgres: step: %w", engine.ErrNotFound)
	}
	if err != nil {
		return engine.Step{}, err
	}
	return out[0], nil
}

// Failures implements [engine.Reader].
func (s *Store) Failures(ctx context.Context, max int) (out []engine.Step, err error) {
	err = s.view(ctx, s.pages, "list failures", func(b *pgx.Batch) {
		b.Queue("SELECT s.call, s.body FROM trouble t JOIN steps s ON s.call = t.call AND s.id = t.step WHERE t.state = 'dead' ORDER BY t.at DESC LIMIT $1", max).Query(takeSteps(&out))
	})
	return out, err
}

// KeptMessages implements [engine.Reader].
func (s *Store) KeptMessages(ctx context.Context, max int) (out []engine.KeptRow, err error) {
	err = s.view(ctx, s.pages, "list kept messages", func(b *pgx.Batch) {
		b.Queue("SELECT seq, at, reason, message FROM kept ORDER BY seq DESC LIMIT $1", max).Query(func(rows pgx.Rows) error {
			for rows.Next() {
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
				row.At, row.Reason = column.Moment(at), unescape(row.Reason)
				out = append(out, row)
			}
			return nil
		})
	})
	return out, err
}

// Counts implements [engine.Reader].
func (s *Store) Counts(ctx context.Context) (engine.Counts, error) {
	var (
		out                                            engine.Counts
		pending, retrying, parked, done, skipped, dead int64
	)
	err := s.view(ctx, s.pages, "count", func(b *pgx.Batch) {
		b.Queue(`SELECT sum(events)::bigint, sum(calls)::bigint, sum(runs)::bigint, sum(kept)::bigint, sum(pending)::bigint, sum(retrying)::bigint,
			sum(parked)::bigint, sum(done)::bigint, sum(skipped)::bigint, sum(dead)::bigint, (SELECT count(*) FROM calls WHERE open) FROM nodes`).
			QueryRow(func(row pgx.Row) error {
				return row.Scan(&out.Events, &out.Calls, &out.Runs, &out.Kept, &pending, &retrying, &parked, &done, &skipped, &dead, &out.Open)
			})
	})
	out.Steps = map[engine.StepState]int64{engine.Pending: pending, engine.Retrying: retrying, engine.Parked: parked,
		engine.Done: done, engine.Skipped: skipped, engine.Dead: dead}
	return out, err
}

// OpenLegs returns the legs of a connection's calls that have not ended as far as we know.
func (s *Store) OpenLegs(ctx context.Context, connection string) (out []platform.OpenLeg, err error) {
	err = s.view(ctx, s.journal, "read open legs", func(b *pgx.Batch) {
		b.Queue("SELECT n, body FROM calls WHERE connection = $1 AND open ORDER BY n", escape(connection)).Query(func(rows pgx.Rows) error {
			return eachCall(rows, func(_ int64, row engine.CallRow) { out = append(out, platform.OpenLegsOf(&row.State)...) })
		})
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
