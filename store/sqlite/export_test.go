package sqlite

import "context"

// Weaken takes the fsync out of commits, as a connection would that never asked for synchronous=FULL. It is what Open
// refuses; the controls of the tests need it.
func (s *Store) Weaken(ctx context.Context) error {
	_, err := s.writer.conn.ExecContext(ctx, "PRAGMA synchronous = NORMAL")
	return err
}

// Rest holds the writer back for a checkpoint, as a log that has grown long does: the next commit begins the log anew.
func (s *Store) Rest(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.pass(ctx, s.tender, "PASSIVE")
	return err
}

// Forgive forgets that the storage failed.
func (s *Store) Forgive() { s.broken.Store(nil) }
