package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"slices"
)

// migrations holds one SQL file per step of the schema, named by its number. They only ever add: an older release can
// be told apart by its number, and no file is edited once it was released.
//
//go:embed migrations/*.sql
var migrations embed.FS

// application marks the file as Cordboard's ("Cord" in ASCII), in the header field that SQLite keeps for this.
const application = 0x436f7264

// migrate brings the file to the newest schema, one transaction a step.
func migrate(ctx context.Context, conn *sql.Conn) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	slices.Sort(names)
	var id, version int
	if err := conn.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return err
	}
	if err := conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if err := ours(ctx, conn, id); err != nil {
		return err
	}
	if version > len(names) {
		return fmt.Errorf("the file has schema %d, this release knows schemas up to %d: it was written by a newer release; start that one, or restore a backup",
			version, len(names))
	}
	for i := version; i < len(names); i++ {
		text, err := migrations.ReadFile(names[i])
		if err != nil {
			return err
		}
		script := fmt.Sprintf("BEGIN IMMEDIATE;\n%s\nPRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT;", text, application, i+1)
		if _, err := conn.ExecContext(ctx, script); err != nil {
			_, _ = conn.ExecContext(ctx, "ROLLBACK")
			return fmt.Errorf("%s: %w", names[i], err)
		}
	}
	return nil
}

// ours refuses a database that some other program made.
func ours(ctx context.Context, conn *sql.Conn, id int) error {
	if id == application {
		return nil
	}
	var tables int
	if err := conn.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return err
	}
	if id != 0 || tables > 0 {
		return fmt.Errorf("the file is a database of another program (application id %#x)", id)
	}
	return nil
}
