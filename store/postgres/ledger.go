package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"cordboard/call"
	"cordboard/calling"
	"cordboard/store/internal/column"
)

var _ calling.Ledger = (*Store)(nil)

// attemptRows are attempts as columns.
type attemptRows struct {
	numbers, keys, contacts, kinds, campaigns, calls []string
	at                                               []int64
}

// add takes the attempts in the order of their keys, so that two nodes lock them in the same order.
func (r *attemptRows) add(entries []calling.Entry) {
	entries = slices.Clone(entries)
	slices.SortFunc(entries, func(a, b calling.Entry) int { return strings.Compare(a.Key, b.Key) })
	for i := range entries {
		e := &entries[i]
		r.numbers, r.keys, r.contacts = append(r.numbers, escape(e.Number)), append(r.keys, escape(e.Key)), append(r.contacts, escape(e.Contact))
		r.kinds, r.campaigns, r.calls = append(r.kinds, string(e.Kind)), append(r.campaigns, escape(e.Campaign)), append(r.calls, escape(string(e.Call)))
		r.at = append(r.at, column.Nanos(e.At))
	}
}

func (r *attemptRows) queue(b *pgx.Batch) {
	if len(r.keys) > 0 {
		b.Queue(`INSERT INTO attempts (number, key, contact, kind, at, campaign, call)
			SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[])
			ON CONFLICT DO NOTHING`, r.numbers, r.keys, r.contacts, r.kinds, r.at, r.campaigns, r.calls)
	}
}

// Record implements [calling.Ledger].
func (s *Store) Record(ctx context.Context, entries []calling.Entry) error {
	var rows attemptRows
	rows.add(entries)
	b := &pgx.Batch{}
	rows.queue(b)
	return s.change(ctx, "record attempts", b)
}

// change sends statements that belong to no connection's owner, in one transaction.
func (s *Store) change(ctx context.Context, doing string, b *pgx.Batch) error {
	if err := s.usable(); err != nil {
		return err
	}
	return s.judge(doing, s.keeper.SendBatch(ctx, b).Close())
}

// Past implements [calling.Ledger].
func (s *Store) Past(ctx context.Context, number, contact string, since time.Time) (h calling.History, err error) {
	err = s.view(ctx, s.keeper, "read the ledger", func(b *pgx.Batch) {
		b.Queue(`SELECT kind, at, key FROM attempts WHERE number = $1 AND $1 <> '' AND (at >= $3 OR kind = 'refused') AND kind <> 'submitted'
			UNION SELECT kind, at, key FROM attempts WHERE contact = $2 AND contact <> '' AND (at >= $3 OR kind = 'submitted')
			ORDER BY at`, escape(number), escape(contact), column.Nanos(since)).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var (
					kind, key string
					at        int64
				)
				if err := rows.Scan(&kind, &at, &key); err != nil {
					return err
				}
				h.Add(calling.Attempt{Kind: calling.Kind(kind), At: column.Moment(at)}, contact != "")
			}
			return rows.Err()
		})
		b.Queue("SELECT DISTINCT ON (topic) what FROM wishes WHERE topic IN ('calls', 'consent') AND number = $1 ORDER BY topic, at DESC", escape(number)).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var what calling.What
				if err := rows.Scan(&what); err != nil {
					return err
				}
				h.Wish(what)
			}
			return rows.Err()
		})
	})
	return h, err
}

// wishesAtOnce is how many wishes one transaction stores.
const wishesAtOnce = 5000

// Wish implements [calling.Ledger]. Many wishes are stored in several transactions; of one number and topic the last of them
// counts.
func (s *Store) Wish(ctx context.Context, wishes []calling.Wish) (changed int, err error) {
	if err := s.usable(); err != nil {
		return 0, err
	}
	for len(wishes) > 0 {
		some := wishes[:min(len(wishes), wishesAtOnce)]
		wishes = wishes[len(some):]
		var n int64
		err := pgx.BeginFunc(ctx, s.keeper, func(tx pgx.Tx) error {
			// One writer at a time: what is the newest wish must not change meanwhile.
			if _, err := tx.Exec(ctx, "LOCK TABLE wishes IN SHARE ROW EXCLUSIVE MODE"); err != nil {
				return err
			}
			tag, err := tx.Exec(ctx, `INSERT INTO wishes (topic, number, at, what, who, why)
				SELECT u.topic, u.number, greatest(u.at, coalesce(n.at + 1, u.at)), u.what, u.who, u.why
				FROM (SELECT DISTINCT ON (topic, number) * FROM
					unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[]) WITH ORDINALITY x (topic, number, at, what, who, why, before, i)
					ORDER BY topic, number, i DESC) u
				LEFT JOIN LATERAL (SELECT what, at FROM wishes w WHERE w.topic = u.topic AND w.number = u.number ORDER BY at DESC LIMIT 1) n ON true
				WHERE u.what <> coalesce(n.what, u.before)`, wishColumns(some)...)
			n = tag.RowsAffected()
			return err
		})
		if err != nil {
			return changed, s.judge("store wishes", err)
		}
		changed += int(n)
	}
	return changed, nil
}

func wishColumns(wishes []calling.Wish) []any {
	var topics, numbers, what, who, why, before []string
	var at []int64
	for i := range wishes {
		w := &wishes[i]
		topics, numbers, at = append(topics, w.What.Topic()), append(numbers, escape(w.Number)), append(at, column.Nanos(w.At))
		what, who, why = append(what, string(w.What)), append(who, escape(w.Who)), append(why, escape(w.Why))
		before = append(before, string(w.What.Before()))
	}
	return []any{topics, numbers, at, what, who, why, before}
}

// Listed implements [calling.Wishes].
func (s *Store) Listed(ctx context.Context, after string, max int) ([]calling.Wish, error) {
	return s.wishes(ctx, `SELECT number, what, at, who, why FROM wishes w WHERE topic = 'calls' AND number > $1 AND what = 'no-calls'
		AND NOT EXISTS (SELECT FROM wishes o WHERE o.topic = 'calls' AND o.number = w.number AND o.at > w.at) ORDER BY number LIMIT $2`, escape(after), max)
}

// WishesOf implements [calling.Wishes].
func (s *Store) WishesOf(ctx context.Context, number string) ([]calling.Wish, error) {
	return s.wishes(ctx, "SELECT number, what, at, who, why FROM wishes WHERE topic IN ('calls', 'consent') AND number = $1 ORDER BY at DESC, topic", escape(number))
}

func (s *Store) wishes(ctx context.Context, query string, args ...any) (all []calling.Wish, err error) {
	err = s.view(ctx, s.pages, "read wishes", func(b *pgx.Batch) {
		b.Queue(query, args...).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var (
					w  calling.Wish
					at int64
				)
				if err := rows.Scan(&w.Number, &w.What, &at, &w.Who, &w.Why); err != nil {
					return err
				}
				w.Number, w.Who, w.Why, w.At = unescape(w.Number), unescape(w.Who), unescape(w.Why), column.Moment(at)
				all = append(all, w)
			}
			return rows.Err()
		})
	})
	return all, err
}

// Refused implements [calling.Refusals].
func (s *Store) Refused(ctx context.Context, max int) (all []calling.Entry, err error) {
	err = s.view(ctx, s.keeper, "read refusals", func(b *pgx.Batch) {
		b.Queue("SELECT number, key, contact, at, campaign, call FROM attempts WHERE kind = 'refused' AND number <> '' LIMIT $1", max).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				e, at, id := calling.Entry{Attempt: calling.Attempt{Kind: calling.Refused}}, int64(0), ""
				if err := rows.Scan(&e.Number, &e.Key, &e.Contact, &at, &e.Campaign, &id); err != nil {
					return err
				}
				e.Number, e.Key, e.Contact, e.Campaign, e.Call, e.At = unescape(e.Number), unescape(e.Key), unescape(e.Contact), unescape(e.Campaign), call.ID(unescape(id)), column.Moment(at)
				all = append(all, e)
			}
			return rows.Err()
		})
	})
	return all, err
}

// Settle implements [calling.Refusals].
func (s *Store) Settle(ctx context.Context, entries []calling.Entry) error {
	var rows attemptRows
	rows.add(entries)
	b := &pgx.Batch{}
	b.Queue("DELETE FROM attempts a USING unnest($1::text[], $2::text[]) u (number, key) WHERE a.number = u.number AND a.key = u.key AND a.kind = 'refused'", rows.numbers, rows.keys)
	return s.change(ctx, "settle refusals", b)
}

// Keep implements [calling.Decisions].
func (s *Store) Keep(ctx context.Context, all []calling.Decision) error {
	bodies, err := column.Bodies(all, func(d *calling.Decision) string { return "a decision" })
	if err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	b := &pgx.Batch{}
	for i := range all {
		q := &all[i].Question
		b.Queue("INSERT INTO decisions (at, number, contact, body) VALUES ($1, $2, $3, $4)",
			column.Nanos(all[i].At), escape(q.Number.E164), escape(q.ContactKey()), bodies[i])
	}
	return s.change(ctx, "keep decisions", b)
}

// DecisionsOf implements [calling.Decisions].
func (s *Store) DecisionsOf(ctx context.Context, number, contact string, max int) (all []calling.Decision, err error) {
	err = s.view(ctx, s.pages, "read decisions", func(b *pgx.Batch) {
		text, args := "SELECT body FROM decisions ORDER BY n DESC LIMIT $1", []any{max}
		if number != "" || contact != "" {
			text, args = `SELECT body FROM decisions WHERE number = $2 AND number <> '' OR contact = $3 AND contact <> ''
				ORDER BY n DESC LIMIT $1`, []any{max, escape(number), escape(contact)}
		}
		b.Queue(text, args...).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var (
					body []byte
					d    calling.Decision
				)
				if err := rows.Scan(&body); err != nil {
					return err
				}
				if err := json.Unmarshal(body, &d); err != nil {
					return fmt.Errorf("a decision as stored: %w", err)
				}
				all = append(all, d)
			}
			return rows.Err()
		})
	})
	return all, err
}

// PruneAttempts deletes at most max attempts that are older than before. How often contacts were submitted again is kept.
func (s *Store) PruneAttempts(ctx context.Context, before time.Time, max int) (int, error) {
	return s.delete(ctx, "DELETE FROM attempts WHERE (number, key) IN (SELECT number, key FROM attempts WHERE at < $1 AND kind NOT IN ('submitted', 'refused') ORDER BY at LIMIT $2)", before, max)
}

// PruneDecisions deletes at most max decisions that are older than before, and as many old notes that a contact was submitted again.
func (s *Store) PruneDecisions(ctx context.Context, before time.Time, max int) (int, error) {
	n, err := s.delete(ctx, "DELETE FROM decisions WHERE n IN (SELECT n FROM decisions WHERE at < $1 ORDER BY at LIMIT $2)", before, max)
	if err != nil {
		return n, err
	}
	more, err := s.delete(ctx, "DELETE FROM attempts WHERE (number, key) IN (SELECT number, key FROM attempts WHERE at < $1 AND kind = 'submitted' ORDER BY at LIMIT $2)", before, max)
	return n + more, err
}

func (s *Store) delete(ctx context.Context, text string, before time.Time, max int) (int, error) {
	if err := s.usable(); err != nil {
		return 0, err
	}
	tag, err := s.keeper.Exec(ctx, text, column.Nanos(before), max)
	return int(tag.RowsAffected()), s.judge("prune", err)
}
