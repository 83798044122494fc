package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// mark leaves a note beside the file that storage failed, so that the next start checks the file before it trusts it. It is
// best effort: the disk that failed may refuse the note too.
func (s *Store) mark() {
	f, err := os.OpenFile(s.note(), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		s.log.Warn("could not note the storage failure beside the file", "error", err)
		return
	}
	_ = f.Close()
}

func (s *Store) note() string { return s.path + ".failed" }

// prove checks the file when the last process ended by a storage failure. Recovery of the write-ahead log has happened by then: it is part of
// opening.
func (s *Store) prove(ctx context.Context, conn *sql.Conn) error {
	if _, err := os.Stat(s.note()); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	s.log.Warn("storage failed in the last run: checking the file", "path", s.path)
	if err := check(ctx, conn, "quick_check"); err != nil {
		return err
	}
	return os.Remove(s.note())
}

// check runs one of SQLite's own checks and returns what it found as an error.
func check(ctx context.Context, conn *sql.Conn, pragma string) error {
	var found string
	if err := conn.QueryRowContext(ctx, "PRAGMA "+pragma+"(1)").Scan(&found); err != nil {
		return fmt.Errorf("%s: %w", pragma, err)
	}
	if found != "ok" {
		return fmt.Errorf("the file is damaged (%s: %s): restore a backup", pragma, found)
	}
	return nil
}
