package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/jackc/pgx/v5"
)

// migrations holds one SQL file per step of the schema, named by its number. They only ever add: an older release can
// be told apart by its number, and no file is edited once it was released.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema to its newest form in one transaction. Nodes that start together wait for each other.
func migrate(ctx context.Context, conn *pgx.Conn, schema string) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	slices.Sort(names)
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtextextended('cordboard schema ' || $1, 0))", schema); err != nil {
			return err
		}
		version, err := readSchema(ctx, tx, schema)
		if err != nil {
			return err
		}
		if version > len(names) {
			return fmt.Errorf("the database has schema %d, this release knows schemas up to %d: it was written by a newer release; start that one, or restore a backup",
				version, len(names))
		}
		for _, name := range names[version:] {
			text, err := migrations.ReadFile(name)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, string(text), pgx.QueryExecModeSimpleProtocol); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		if version < len(names) {
			_, err = tx.Exec(ctx, "UPDATE cordboard SET version = $1", len(names))
		}
		return err
	})
}

// readSchema returns the number of the schema that is there, and makes an empty one, numbered 0, when there is none.
func readSchema(ctx context.Context, tx pgx.Tx, schema string) (version int, err error) {
	var exists, ours bool
	var tables int
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1),
		count(*), coalesce(bool_or(tablename = 'cordboard'), false) FROM pg_tables WHERE schemaname = $1`, schema).Scan(&exists, &tables, &ours)
	if err != nil {
		return 0, err
	}
	if ours {
		err = tx.QueryRow(ctx, "SELECT version FROM cordboard").Scan(&version)
		if errors.Is(err, pgx.ErrNoRows) {
			err = errors.New("the schema's number is gone: restore a backup")
		}
		return version, err
	}
	if tables > 0 {
		return 0, fmt.Errorf("the schema %q holds the tables of another program", schema)
	}
	if !exists {
		if _, err := tx.Exec(ctx, "CREATE SCHEMA "+pgx.Identifier{schema}.Sanitize()); err != nil {
			return 0, err
		}
	}
	_, err = tx.Exec(ctx, "CREATE TABLE cordboard (version integer NOT NULL); INSERT INTO cordboard VALUES (0)", pgx.QueryExecModeSimpleProtocol)
	return 0, err
}
