package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
)

// backupPages is how many pages of 4 KiB a backup copies between two looks at its context.
const backupPages = 4096

// Backup writes a copy of the journal at path, as it is at one moment, to another path, which must not exist. The
// journal may be in use: commits go on meanwhile, and its write-ahead log grows until the pages are copied. The copy has
// passed SQLite's integrity check and is on disk when Backup returns nil; when it fails, nothing is left there.
func Backup(ctx context.Context, path, to string) error {
	if _, err := os.Stat(path); err != nil { // SQLite would make an empty one
		return fmt.Errorf("backup: %w", err)
	}
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("backup: %s exists already", to)
	}
	err := place(to, func(part string) error {
		if err := copyJournal(ctx, path, part); err != nil {
			return err
		}
		return verify(ctx, part)
	})
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return nil
}

// copyJournal copies all pages, and posts there what only the daybook has. The daybook is read first: what is posted meanwhile
// is in the pages.
func copyJournal(ctx context.Context, path, to string) error {
	path, err := realPath(path)
	if err != nil {
		return err
	}
	pages, err := loadDaybook(path)
	if err != nil {
		return err
	}
	if err := copyPages(ctx, path, to); err != nil {
		return err
	}
	return postCopy(ctx, to, pages)
}

// postCopy brings what is in the pages of a daybook into a copy of its journal.
func postCopy(ctx context.Context, path string, pages [][]byte) (err error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	c, err := newConnector(abs, false, 8<<10)
	if err != nil {
		return err
	}
	db := sql.OpenDB(c)
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	var has int // a journal that no server of this release has had open has no daybook
	if err := conn.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = 'daybook'").Scan(&has); err != nil || has == 0 {
		return err
	}
	w, err := newWriter(ctx, conn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	run, posted, err := w.daybook(ctx)
	if err != nil {
		return err
	}
	found := pick(pages, run, posted)
	all, err := entries(found[:unbroken(found, posted)]) // behind a gap is what was committed while the pages were read
	if err != nil {
		return err
	}
	return w.beginRun(ctx, 0, all)
}

// copyPages copies all pages as one reader sees them.
func copyPages(ctx context.Context, path, to string) error {
	c, err := newConnector(path, true, 8<<10)
	if err != nil {
		return err
	}
	db := sql.OpenDB(c)
	defer func() { _ = db.Close() }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	// The transaction keeps the view from moving on between the steps.
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := isJournal(ctx, tx); err != nil {
		return err
	}
	return conn.Raw(func(source any) error {
		b, err := source.(interface {
			NewBackup(to string) (*sqlite.Backup, error)
		}).NewBackup(to)
		if err != nil {
			return err
		}
		for more := true; more && err == nil; {
			if err = ctx.Err(); err == nil {
				more, err = b.Step(backupPages)
			}
		}
		return errors.Join(err, b.Finish())
	})
}

// asker is a connection or a transaction.
type asker interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// isJournal refuses a database that is none of ours. It reads, so that a transaction has its view from then on.
func isJournal(ctx context.Context, db asker) error {
	var id, tables int
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return err
	}
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return err
	}
	if id != application || tables == 0 {
		return errors.New("it is not a journal of Cordboard")
	}
	return nil
}

// verify wants a whole journal in a file that nobody has open and that has no log beside it.
func verify(ctx context.Context, path string) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if _, err := os.Stat(abs); err != nil {
		return err
	}
	for _, suffix := range [...]string{"-wal", "-day1", "-day2"} {
		if info, err := os.Stat(abs + suffix); err == nil && info.Size() > 0 {
			return fmt.Errorf("there is a log (%s) beside it: it is a copy of the files of a server, not a backup", suffix)
		}
	}
	c, err := sqlite.NewConnector((&url.URL{Scheme: "file", Path: abs, RawQuery: "mode=ro&immutable=1"}).String())
	if err != nil {
		return err
	}
	db := sql.OpenDB(c)
	defer func() { _ = db.Close() }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if err := isJournal(ctx, conn); err != nil {
		return err
	}
	return check(ctx, conn, "integrity_check")
}

// place makes a file that is either whole and on disk, or not there: make writes it under another name first.
func place(path string, make func(part string) error) (err error) {
	part := path + ".part"
	remove := func() error {
		for _, suffix := range []string{"", "-journal", "-wal", "-shm"} { // all but the first are SQLite's, of a copy that was cut off
			if err := os.Remove(part + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		return nil
	}
	if err := remove(); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = remove()
		}
	}()
	if err := make(part); err != nil {
		return err
	}
	if err := syncFile(part); err != nil {
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	return syncFile(filepath.Dir(path))
}

// syncFile makes a file, or the names in a folder, durable.
func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
