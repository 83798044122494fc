package server

import (
	"context"
	"errors"
	"path/filepath"

	"cordboard/store/sqlite"
)

// errNoFile says who makes the backups of a journal that is in no file.
var errNoFile = errors.New("the journal is in a PostgreSQL database (store.url): use pg_dump and pg_restore, or the server's own backups")

// journalFile is where the journal is when it is a file.
func (c *Config) journalFile() (string, error) {
	if c.Store.URL != "" {
		return "", errNoFile
	}
	return filepath.Join(c.path(c.Data), "cordboard.db"), nil
}

// Backup writes a copy of the journal of a configuration to a file that does not exist yet, whether its server runs or
// not. See [sqlite.Backup].
func Backup(ctx context.Context, cfg Config, to string) error {
	file, err := cfg.journalFile()
	if err != nil {
		return err
	}
	return sqlite.Backup(ctx, file, to)
}

// Restore puts a backup in the place of the journal of a configuration, whose server must not run. It returns where the
// journal that was there is kept. See [sqlite.Restore].
func Restore(ctx context.Context, cfg Config, from string) (kept string, err error) {
	file, err := cfg.journalFile()
	if err != nil {
		return "", err
	}
	return sqlite.Restore(ctx, from, file)
}
