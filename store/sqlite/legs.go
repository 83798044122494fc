package sqlite

import (
	"cmp"
	"context"
	"database/sql"

	"cordboard/call"
	"cordboard/platform"
)

// OpenLegs returns the legs of a connection's calls that have not ended as far as we know.
func (s *Store) OpenLegs(ctx context.Context, connection string) ([]platform.OpenLeg, error) {
	var out []platform.OpenLeg
	err := s.view(ctx, s.journal, "read open legs", func(tx *sql.Tx) error {
		return each(ctx, tx, "SELECT n, body FROM calls WHERE connection = ? AND open = 1 ORDER BY n", []any{connection}, func(rows *sql.Rows) error {
			_, row, err := scanCallRow(rows)
			out = appendOpen(out, &row.State)
			return err
		})
	})
	return out, err
}

func appendOpen(out []platform.OpenLeg, st *call.State) []platform.OpenLeg {
	for i := range st.Legs {
		l := &st.Legs[i]
		if !l.Open() {
			continue
		}
		o := platform.OpenLeg{
			Call: st.ID, Leg: l.ID, Ref: l.Ref, Agent: l.Agent, Extension: l.Extension, Role: l.Role,
			Mode: st.Mode, Campaign: st.Campaign, Customer: st.Customer,
		}
		if len(l.Moments) == 0 {
			out = append(out, o)
		}
		for _, m := range l.Present() {
			o.Ref, o.Role, o.CallType, o.Name, o.At = m.Ref, cmp.Or(m.Role, l.Role), m.CallType, m.Name, m.At
			out = append(out, o)
		}
	}
	return out
}
