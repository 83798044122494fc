package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"cordboard/calling"
	"cordboard/store/internal/column"
)

var _ calling.Ledger = (*Store)(nil)

func attemptRows(entries []calling.Entry) (rows []any) {
	for i := range entries {
		e := &entries[i]
		rows = append(rows, e.Number, e.Key, e.Contact, string(e.Kind), column.Nanos(e.At), e.Campaign, string(e.Call))
	}
	return rows
}

// Record implements [calling.Ledger].
func (s *Store) Record(ctx context.Context, entries []calling.Entry) error {
	return s.change(ctx, "record attempts", func(ctx context.Context, w *writer) error {
		_, err := w.attempts.write(ctx, attemptRows(entries))
		return err
	})
}

// newest is the newest wish of a number about a topic.
const newest = "SELECT what FROM wishes WHERE topic = ? AND number = ? ORDER BY at DESC LIMIT 1"

// Past implements [calling.Ledger].
func (s *Store) Past(ctx context.Context, number, contact string, since time.Time) (h calling.History, err error) {
	err = s.view(ctx, s.journal, "read the ledger", func(tx *sql.Tx) error {
		err := each(ctx, tx, `SELECT kind, at, key FROM attempts WHERE number = ?1 AND ?1 <> '' AND (at >= ?3 OR kind = 'refused') AND kind <> 'submitted'
			UNION SELECT kind, at, key FROM attempts WHERE contact = ?2 AND contact <> '' AND (at >= ?3 OR kind = 'submitted')
			ORDER BY at`, []any{number, contact, column.Nanos(since)}, func(rows *sql.Rows) error {
			var (
				kind, key string
				at        int64
			)
			err := rows.Scan(&kind, &at, &key)
			h.Add(calling.Attempt{Kind: calling.Kind(kind), At: column.Moment(at)}, contact != "")
			return err
		})
		for _, topic := range []calling.What{calling.NoCalls, calling.Agreed} {
			if err != nil || number == "" {
				return err
			}
			err = each(ctx, tx, newest, []any{topic.Topic(), number}, func(rows *sql.Rows) error {
				var what calling.What
				err := rows.Scan(&what)
				h.Wish(what)
				return err
			})
		}
		return err
	})
	return h, err
}

// wishesAtOnce is how many wishes one transaction stores: commits wait for it.
const wishesAtOnce = 2000

// Wish implements [calling.Ledger]. Many wishes are stored in several transactions.
func (s *Store) Wish(ctx context.Context, wishes []calling.Wish) (changed int, err error) {
	for len(wishes) > 0 {
		some := wishes[:min(len(wishes), wishesAtOnce)]
		wishes = wishes[len(some):]
		n := 0
		err := s.change(ctx, "store wishes", func(ctx context.Context, w *writer) (err error) {
			n, err = w.wish(ctx, some)
			return err
		})
		if err != nil {
			return changed, err
		}
		changed += n
	}
	return changed, nil
}

func (w *writer) wish(ctx context.Context, wishes []calling.Wish) (changed int, err error) {
	stmt, err := w.conn.PrepareContext(ctx, `INSERT INTO wishes (topic, number, at, what, who, why)
		SELECT ?1, ?2, max(?3, coalesce((SELECT max(at) + 1 FROM wishes WHERE topic = ?1 AND number = ?2), ?3)), ?4, ?5, ?6
		WHERE ?4 <> coalesce((SELECT what FROM wishes WHERE topic = ?1 AND number = ?2 ORDER BY at DESC LIMIT 1), ?7)`)
	if err != nil {
		return 0, err
	}
	defer func() { err = cmp.Or(err, stmt.Close()) }()
	for i := range wishes {
		v := &wishes[i]
		result, err := stmt.ExecContext(ctx, v.What.Topic(), v.Number, column.Nanos(v.At), string(v.What), v.Who, v.Why, string(v.What.Before()))
		if err != nil {
			return changed, err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return changed, err
		}
		changed += int(n)
	}
	return changed, nil
}

// Listed implements [calling.Wishes].
func (s *Store) Listed(ctx context.Context, after string, max int) ([]calling.Wish, error) {
	return s.wishes(ctx, `SELECT number, what, at, who, why FROM wishes w WHERE topic = 'calls' AND number > ? AND what = 'no-calls'
		AND NOT EXISTS (SELECT 1 FROM wishes o WHERE o.topic = 'calls' AND o.number = w.number AND o.at > w.at) ORDER BY number LIMIT ?`, after, max)
}

// WishesOf implements [calling.Wishes].
func (s *Store) WishesOf(ctx context.Context, number string) ([]calling.Wish, error) {
	return s.wishes(ctx, "SELECT number, what, at, who, why FROM wishes WHERE topic IN ('calls', 'consent') AND number = ? ORDER BY at DESC, topic", number)
}

func (s *Store) wishes(ctx context.Context, query string, args ...any) (all []calling.Wish, err error) {
	err = s.look(ctx, s.pages, "read wishes", func(tx *sql.Tx) error {
		return each(ctx, tx, query, args, func(rows *sql.Rows) error {
			var (
				w  calling.Wish
				at int64
			)
			err := rows.Scan(&w.Number, &w.What, &at, &w.Who, &w.Why)
			w.At = column.Moment(at)
			all = append(all, w)
			return err
		})
	})
	return all, err
}

// Refused implements [calling.Refusals].
func (s *Store) Refused(ctx context.Context, max int) (all []calling.Entry, err error) {
	err = s.look(ctx, s.journal, "read refusals", func(tx *sql.Tx) error {
		return each(ctx, tx, "SELECT number, key, contact, at, campaign, call FROM attempts WHERE kind = 'refused' AND number <> '' LIMIT ?", []any{max}, func(rows *sql.Rows) error {
			e, at := calling.Entry{Attempt: calling.Attempt{Kind: calling.Refused}}, int64(0)
			err := rows.Scan(&e.Number, &e.Key, &e.Contact, &at, &e.Campaign, &e.Call)
			e.At = column.Moment(at)
			all = append(all, e)
			return err
		})
	})
	return all, err
}

// Settle implements [calling.Refusals].
func (s *Store) Settle(ctx context.Context, entries []calling.Entry) error {
	return s.change(ctx, "settle refusals", func(ctx context.Context, w *writer) error {
		for i := range entries {
			if _, err := w.run(ctx, "DELETE FROM attempts WHERE number = ? AND key = ? AND kind = 'refused'", entries[i].Number, entries[i].Key); err != nil {
				return err
			}
		}
		return nil
	})
}

// Keep implements [calling.Decisions].
func (s *Store) Keep(ctx context.Context, all []calling.Decision) error {
	bodies, err := column.Bodies(all, func(d *calling.Decision) string { return "a decision" })
	if err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	return s.change(ctx, "keep decisions", func(ctx context.Context, w *writer) error {
		for i := range all {
			q := &all[i].Question
			if _, err := w.run(ctx, "INSERT INTO decisions (at, number, contact, body) VALUES (?, ?, ?, ?)",
				column.Nanos(all[i].At), q.Number.E164, q.ContactKey(), bodies[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// DecisionsOf implements [calling.Decisions].
func (s *Store) DecisionsOf(ctx context.Context, number, contact string, max int) (all []calling.Decision, err error) {
	where, args := "true", []any{}
	if number != "" || contact != "" {
		where, args = "number = ? AND number <> '' OR contact = ? AND contact <> ''", []any{number, contact}
	}
	err = s.look(ctx, s.pages, "read decisions", func(tx *sql.Tx) error {
		return each(ctx, tx, "SELECT body FROM decisions WHERE "+where+" ORDER BY n DESC LIMIT ?", append(args, max), func(rows *sql.Rows) error {
			var (
				body []byte
				d    calling.Decision
			)
			if err := rows.Scan(&body); err != nil {
				return err
			}
			err := json.Unmarshal(body, &d)
			all = append(all, d)
			return err
		})
	})
	return all, err
}

// PruneAttempts deletes at most max attempts that are older than before. How often contacts were submitted again is kept.
func (s *Store) PruneAttempts(ctx context.Context, before time.Time, max int) (int, error) {
	return s.delete(ctx, "DELETE FROM attempts WHERE (number, key) IN (SELECT number, key FROM attempts WHERE at < ? AND kind NOT IN ('submitted', 'refused') ORDER BY at LIMIT ?)", before, max)
}

// PruneDecisions deletes at most max decisions that are older than before, and as many old notes that a contact was submitted again.
func (s *Store) PruneDecisions(ctx context.Context, before time.Time, max int) (int, error) {
	n, err := s.delete(ctx, "DELETE FROM decisions WHERE n IN (SELECT n FROM decisions WHERE at < ? ORDER BY at LIMIT ?)", before, max)
	if err != nil {
		return n, err
	}
	more, err := s.delete(ctx, "DELETE FROM attempts WHERE (number, key) IN (SELECT number, key FROM attempts WHERE at < ? AND kind = 'submitted' ORDER BY at LIMIT ?)", before, max)
	return n + more, err
}

func (s *Store) delete(ctx context.Context, text string, before time.Time, max int) (n int, err error) {
	err = s.change(ctx, "prune", func(ctx context.Context, w *writer) error {
		rows, err := w.run(ctx, text, column.Nanos(before), max)
		n = int(rows)
		return err
	})
	return n, err
}
