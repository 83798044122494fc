package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// numbers knows calls by their ids as they are stored: the number of each, and what it can be found by already. Guarded by
// Store.writing.
type numbers struct {
	calls map[string]numbered
	free  []int64 // that the database gave this node for new calls
}

// numbered is a call that this node has stored.
type numbered struct {
	n      int64
	tokens []string // sorted; none is ever taken away from a call
}

const (
	numbersMost   = 50_000 // calls that are remembered
	numbersAtOnce = 1024   // numbers that the database is asked for
)

// learn remembers the calls of a stored group.
func (k *numbers) learn(r *rows) {
	if len(k.calls)+len(r.numbers) > numbersMost {
		clear(k.calls)
	}
	for _, c := range []*callRows{&r.fresh, &r.moved} {
		for i, id := range c.ids {
			k.calls[id] = numbered{r.numbers[id], c.tokens[i]}
		}
	}
}

// forget drops the calls of a refused group: what is remembered of them may be the reason.
func (k *numbers) forget(r *rows) {
	for _, c := range []*callRows{&r.fresh, &r.moved} {
		for _, id := range c.ids {
			delete(k.calls, id)
		}
	}
}

// queueTokens queues what the group's calls can be found by from now on.
func (k *numbers) queueTokens(b *pgx.Batch, r *rows) {
	var tokens []string
	var calls []int64
	text := insertTokens
	for i, id := range r.fresh.ids {
		for _, t := range r.fresh.tokens[i] {
			tokens, calls = append(tokens, t), append(calls, r.numbers[id])
		}
	}
	for i, id := range r.moved.ids {
		before, ok := k.calls[id]
		if !ok {
			text = insertTokens + " ON CONFLICT DO NOTHING"
		}
		for _, t := range r.moved.tokens[i] {
			if _, there := slices.BinarySearch(before.tokens, t); !there {
				tokens, calls = append(tokens, t), append(calls, r.numbers[id])
			}
		}
	}
	if len(tokens) > 0 {
		b.Queue(text, tokens, calls)
	}
}

// number numbers the calls that a group names: those that are stored have one, new ones get one. One that the group changes and
// that is gone gets 0; any other that is not stored is an error.
func (s *Store) number(ctx context.Context, r *rows) error {
	r.numbers = make(map[string]int64, len(r.fresh.ids)+len(r.moved.ids))
	if err := s.reserve(ctx, len(r.fresh.ids)); err != nil {
		return err
	}
	for i, id := range r.fresh.ids {
		r.numbers[id] = s.numbers.free[i]
	}
	s.numbers.free = s.numbers.free[len(r.fresh.ids):]
	var unknown []string
	for _, id := range r.moved.ids {
		c, ok := s.numbers.calls[id]
		if r.numbers[id] = c.n; !ok {
			unknown = append(unknown, id)
		}
	}
	changed := len(unknown)
	for _, ids := range [][]string{r.refs.calls, r.events.calls, r.planned.calls, r.reported.calls} {
		for _, id := range ids {
			if _, ok := r.numbers[id]; !ok { // what is remembered is proved for calls that the group changes only
				r.numbers[id] = 0
				unknown = append(unknown, id)
			}
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	if err := s.look(ctx, unknown, r.numbers); err != nil {
		return err
	}
	for _, id := range unknown[changed:] {
		if r.numbers[id] == 0 {
			return fmt.Errorf("%w: %q", errNobody, unescape(id))
		}
	}
	return nil
}

// look reads the numbers of calls into a map.
func (s *Store) look(ctx context.Context, ids []string, into map[string]int64) error {
	rows, err := s.journal.Query(ctx, "SELECT id, n FROM calls WHERE id = ANY ($1::text[])", ids)
	if err != nil {
		return err
	}
	defer rows.Close()
	if err := each2(rows, func(id string, n int64) { into[id] = n }); err != nil {
		return err
	}
	rows.Close()
	return rows.Err()
}

// reserve makes sure that so many numbers are free.
func (s *Store) reserve(ctx context.Context, n int) error {
	if len(s.numbers.free) >= n {
		return nil
	}
	rows, err := s.journal.Query(ctx, "SELECT nextval(s.name) FROM (SELECT pg_get_serial_sequence('calls', 'n')::regclass AS name OFFSET 0) s, generate_series(1, $1)", n+numbersAtOnce)
	if err != nil {
		return err
	}
	more, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	s.numbers.free = append(s.numbers.free, more...)
	return err
}
