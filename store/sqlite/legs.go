package sqlite

import (
	"context"
	"database/sql"

	"cordboard/platform"
)

// OpenLegs returns the legs of a connection's calls that have not ended as far as we know.
func (s *Store) OpenLegs(ctx context.Context, connection string) ([]platform.OpenLeg, error) {
	var out []platform.OpenLeg
	err := s.view(ctx, s.journal, "read open legs", func(tx *sql.Tx) error {
		return each(ctx, tx, "SELECT n, body FROM calls WHERE connection = ? AND open = 1 ORDER BY n", []any{connection}, func(rows *sql.Rows) error {
			_, row, err := scanCallRow(rows)
			out = append(out, platform.OpenLegsOf(&row.State)...)
			return err
		})
	})
	return out, err
}
