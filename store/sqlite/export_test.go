package sqlite

import (
	"context"
	"os"
)

// Weaken takes the fsync out of commits. It is what nobody may ever do; the controls of the tests need it.
func (s *Store) Weaken(ctx context.Context) error {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	s.book.day.sync = func(*os.File) error { return nil }
	_, err := s.writer.conn.ExecContext(ctx, "PRAGMA synchronous = NORMAL")
	return err
}

// Rest posts and holds the writer back for a checkpoint, as a log that has grown long does: the next post begins the log anew.
func (s *Store) Rest(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.postAll(ctx); err != nil {
		return err
	}
	_, err := s.pass(ctx, s.tender, "PASSIVE")
	return err
}

// Thin makes the files of the daybook take turns after so many bytes.
func (s *Store) Thin(bytes int64) {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	s.book.day.full = bytes
}

// Forgive forgets that the storage failed.
func (s *Store) Forgive() { s.broken.Store(nil) }
