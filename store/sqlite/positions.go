package sqlite

import (
	"context"
	"database/sql"
)

// Positions returns how far a connection has read, by what is read.
func (s *Store) Positions(ctx context.Context, connection string) (map[string]string, error) {
	out := map[string]string{}
	err := s.view(ctx, s.journal, "read positions", func(tx *sql.Tx) error {
		return each(ctx, tx, "SELECT name, position FROM positions WHERE connection = ?", []any{connection}, func(rows *sql.Rows) error {
			var name, position string
			err := rows.Scan(&name, &position)
			out[name] = position
			return err
		})
	})
	return out, err
}

// SetPositions replaces positions of a connection, all or none; an empty one is forgotten, and others stay.
func (s *Store) SetPositions(ctx context.Context, connection string, positions map[string]string) error {
	if len(positions) == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	return s.judge("set positions", s.writer.transact(ctx, func(ctx context.Context) error {
		for name, position := range positions {
			text, args := "DELETE FROM positions WHERE connection = ? AND name = ?", []any{connection, name}
			if position != "" {
				text, args = `INSERT INTO positions (connection, name, position) VALUES (?, ?, ?)
					ON CONFLICT DO UPDATE SET position = excluded.position`, append(args, position)
			}
			if _, err := s.writer.conn.ExecContext(ctx, text, args...); err != nil {
				return err
			}
		}
		return nil
	}))
}
