package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"cordboard/engine"
)

// Options are what Open takes beside the path. The zero value is fine.
type Options struct {
	// Log receives what an operator should know; nil discards it.
	Log *slog.Logger
	// CheckpointEvery is the pause between two looks at the daybook and at SQLite's log; zero means 100 ms.
	CheckpointEvery time.Duration
}

// Store is the journal in a file, and what pages read from it. It is safe for concurrent use.
type Store struct {
	path  string
	log   *slog.Logger
	every time.Duration
	lock  *os.File

	book book // where commits go

	mu     sync.Mutex // held while writer is used, and taken before the book's
	writer *writer
	tender *sql.Conn // checkpoints

	db      *sql.DB // may write: the writer, the checkpointer, a backup
	journal *sql.DB // what the engine reads
	pages   *sql.DB // what people read
	known   *known  // statements on journal

	broken atomic.Pointer[error]
}

var (
	_ engine.Journal = (*Store)(nil)
	_ engine.Reader  = (*Store)(nil)
)

// Open opens the file at path, and makes it if it is not there. It fails when another
// process has it open, when it was written by a newer release, and when a setting that keeps commits safe does not hold.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	s := &Store{log: o.Log, every: o.CheckpointEvery, book: book{slots: newSlots()}}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.every == 0 {
		s.every = 100 * time.Millisecond
	}
	if err := s.open(ctx, path); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, errors.Join(err, s.Close()))
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, path string) (err error) {
	if s.path, err = realPath(path); err != nil {
		return err
	}
	s.lock, err = lockFile(s.path + ".lock")
	if errors.Is(err, errLocked) {
		return errors.New("another Cordboard has this file open (it holds the lock file beside it); stop that one first")
	}
	if err != nil {
		return err
	}
	if s.db, err = s.pool(false, 3, 64<<10); err != nil {
		return err
	}
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	if err := s.prove(ctx, conn); err != nil {
		return errors.Join(err, conn.Close())
	}
	if err := migrate(ctx, conn); err != nil {
		return errors.Join(err, conn.Close())
	}
	if s.writer, err = newWriter(ctx, conn); err != nil {
		return err
	}
	if err := s.openBook(ctx); err != nil {
		return err
	}
	if s.tender, err = s.db.Conn(ctx); err != nil {
		return err
	}
	if s.journal, err = s.pool(true, 2, 16<<10); err != nil {
		return err
	}
	if s.pages, err = s.pool(true, 4, 8<<10); err != nil {
		return err
	}
	if err := errors.Join(fill(ctx, s.journal), fill(ctx, s.pages)); err != nil {
		return err
	}
	s.known, err = newKnown(ctx, s.journal)
	return err
}

// pool opens at most size connections to the file; they stay open.
func (s *Store) pool(readOnly bool, size, cacheKiB int) (*sql.DB, error) {
	c, err := newConnector(s.path, readOnly, cacheKiB)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db, nil
}

// fill opens all connections of a pool that only reads, with the files that they need. Later the process may have no
// descriptor left, and to SQLite that looks as if the file could not be opened: a reason to end.
func fill(ctx context.Context, db *sql.DB) error {
	var errs []error
	for range db.Stats().MaxOpenConnections {
		conn, err := db.Conn(ctx)
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		defer conn.Close()
		_, err = conn.ExecContext(ctx, "SELECT 1 FROM sqlite_schema") // this opens the log
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// realPath follows links, so that two names of one file share one lock.
func realPath(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		return real, nil
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(abs))
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, filepath.Base(abs)), nil
}

// Close ends the store; nobody may use it any more. After a storage failure the connections that write are left to the
// end of the process: closing them would write.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	errs := []error{s.closeBook()}
	if s.known != nil {
		errs = append(errs, s.known.close())
	}
	for _, db := range []*sql.DB{s.pages, s.journal} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if s.usable() == nil {
		if s.writer != nil {
			errs = append(errs, s.writer.close(), s.writer.conn.Close())
		}
		if s.tender != nil {
			errs = append(errs, s.tender.Close())
		}
	}
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}
