package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Positions returns how far a connection has read, by what is read.
func (s *Store) Positions(ctx context.Context, connection string) (map[string]string, error) {
	out := map[string]string{}
	err := s.view(ctx, s.keeper, "read positions", func(b *pgx.Batch) {
		b.Queue("SELECT name, position FROM positions WHERE connection = $1", escape(connection)).Query(func(rows pgx.Rows) error {
			return each2(rows, func(name, position string) { out[unescape(name)] = unescape(position) })
		})
	})
	return out, err
}

// SetPositions replaces positions of a connection, all or none; an empty one is forgotten, and others stay. It is refused on
// a node that owned the connection and does not any more.
func (s *Store) SetPositions(ctx context.Context, connection string, positions map[string]string) error {
	if len(positions) == 0 {
		return nil
	}
	if err := s.usable(); err != nil {
		return err
	}
	session, epochs := s.rights(map[string]struct{}{connection: {}})
	err := pgx.BeginFunc(ctx, s.keeper, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		b.Queue(alive, session)
		if epoch, leased := epochs[connection]; leased {
			b.Queue(`WITH mine AS (SELECT FROM leases WHERE name = $2 AND session = $1 AND epoch = $3 FOR SHARE)
				SELECT refuse('`+codeFenced+`', 'another node owns the connection') WHERE NOT EXISTS (SELECT FROM mine)`, session, escape(connection), epoch)
		}
		for name, position := range positions {
			if position == "" {
				b.Queue("DELETE FROM positions WHERE connection = $1 AND name = $2", escape(connection), escape(name))
				continue
			}
			b.Queue(`INSERT INTO positions (connection, name, position) VALUES ($1, $2, $3)
				ON CONFLICT (connection, name) DO UPDATE SET position = excluded.position`, escape(connection), escape(name), escape(position))
		}
		return tx.SendBatch(ctx, b).Close()
	})
	if err != nil {
		return s.judge(fmt.Sprintf("set positions of %s", connection), err)
	}
	return nil
}
