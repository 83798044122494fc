package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"cordboard/store/internal/column"
	"cordboard/table"
)

// ledger gathers what changes write: the rows, and their places in the history.
type ledger struct {
	name, by string
	at       int64
	numbers  []int64 // drawn and not used yet

	ns                  []int64
	ids, keys           []string
	once, old, new      []*string
	putIDs, putKeys     []string
	putNs               []int64
	words, bodies, gone []string
}

// reserve draws numbers for so many changes, and looks at the database's clock.
func (l *ledger) reserve(ctx context.Context, tx pgx.Tx, n int) error {
	var at time.Time
	err := tx.QueryRow(ctx, "SELECT clock_timestamp(), array_agg(nextval('table_changes_n')) FROM generate_series(1, $1)", n).Scan(&at, &l.numbers)
	l.at = column.Nanos(at)
	return err
}

// draw is the number of the next change.
func (l *ledger) draw() int64 {
	n := l.numbers[0]
	l.numbers = l.numbers[1:]
	return n
}

// note keeps a place in the history.
func (l *ledger) note(n int64, id, key, once string, old, new table.Values) error {
	was, err := column.Cells(old)
	if err != nil {
		return err
	}
	is, err := column.Cells(new)
	if err != nil {
		return err
	}
	l.ns, l.ids, l.keys = append(l.ns, n), append(l.ids, escape(id)), append(l.keys, escape(key))
	l.once, l.old, l.new = append(l.once, orNull(escape(once))), append(l.old, orNull(was)), append(l.new, orNull(is))
	return nil
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// change keeps what a row becomes.
func (l *ledger) change(e *table.Effect) error {
	id, after := e.ID, e.After
	if err := l.note(after.Version, id, after.Key, e.Once, e.Before.Values, after.Values); err != nil {
		return err
	}
	if after.Values == nil {
		l.gone = append(l.gone, escape(id))
		return nil
	}
	body, err := column.Cells(after.Values)
	l.putIDs, l.putKeys, l.putNs = append(l.putIDs, escape(id)), append(l.putKeys, escape(after.Key)), append(l.putNs, after.Version)
	l.words, l.bodies = append(l.words, escape(column.Words(after.Key, after.Values))), append(l.bodies, body)
	return err
}

// write brings everything into the database.
func (l *ledger) write(ctx context.Context, tx pgx.Tx) error {
	if len(l.ns) == 0 {
		return nil
	}
	b := &pgx.Batch{}
	b.Queue(`INSERT INTO table_changes (n, tbl, id, key, at, who, once, old, new)
		SELECT c.n, $1, c.id, c.key, $2, $3, c.once, c.old, c.new
		FROM unnest($4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[]) AS c (n, id, key, once, old, new)`,
		l.name, l.at, l.by, l.ns, l.ids, l.keys, l.once, l.old, l.new)
	if len(l.putIDs) > 0 {
		b.Queue(`INSERT INTO table_rows (tbl, id, key, version, at, who, words, body)
			SELECT $1, r.id, r.key, r.version, $2, $3, r.words, r.body
			FROM unnest($4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[]) AS r (id, key, version, words, body)
			ON CONFLICT (tbl, id) DO UPDATE SET key = excluded.key, version = excluded.version, at = excluded.at, who = excluded.who,
			words = excluded.words, body = excluded.body`,
			l.name, l.at, l.by, l.putIDs, l.putKeys, l.putNs, l.words, l.bodies)
	}
	if len(l.gone) > 0 {
		b.Queue("DELETE FROM table_rows WHERE tbl = $1 AND id = ANY($2)", l.name, l.gone)
	}
	return tx.SendBatch(ctx, b).Close()
}
