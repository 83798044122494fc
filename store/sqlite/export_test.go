package sqlite

import "context"

// Weaken takes the fsync out of commits, as a connection would that never asked for synchronous=FULL. It is what Open
// refuses; the controls of the tests need it.
func (s *Store) Weaken(ctx context.Context) error {
	_, err := s.writer.conn.ExecContext(ctx, "PRAGMA synchronous = NORMAL")
	return err
}
