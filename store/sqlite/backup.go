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
		if err := copyPages(ctx, path, part); err != nil {
			return err
		}
		return verify(ctx, part)
	})
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return nil
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
	if info, err := os.Stat(abs + "-wal"); err == nil && info.Size() > 0 {
		return errors.New("there is a log (-wal) beside it: it is a copy of the files of a server, not a backup")
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
		for _, name := range []string{part, part + "-journal"} { // the second is SQLite's, of a copy that was cut off
			if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
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
