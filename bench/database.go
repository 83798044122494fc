package bench

import (
	"context"
	"strings"
	"time"

	"cordboard/store/postgres/pgcost"
)

// DatabaseCost is what a PostgreSQL server used in the measured time, for whomever.
type DatabaseCost struct {
	CPUPer1000  float64 `json:"cpu_seconds_per_1000_events"` // 0 when its processes are not on this machine
	CPUShare    float64 `json:"cpus_used"`
	WALPerEvent float64 `json:"wal_bytes_per_event"`
	// GrowthPerEvent is by how much the database became larger: of one that was measured with before, what is free is used
	// first.
	GrowthPerEvent float64 `json:"growth_bytes_per_event"`
}

// isDatabase reports whether a journal is a PostgreSQL database, by its address.
func isDatabase(store string) bool {
	return strings.HasPrefix(store, "postgres://") || strings.HasPrefix(store, "postgresql://")
}

// database asks the server of a journal for what it uses. The zero database is none, and uses nothing.
type database struct{ meter *pgcost.Meter }

func openDatabase(ctx context.Context, store string) (d database, err error) {
	if isDatabase(store) {
		d.meter, err = pgcost.Open(ctx, store)
	}
	return d, err
}

func (d database) used(ctx context.Context) (pgcost.Usage, error) {
	if d.meter == nil {
		return pgcost.Usage{}, nil
	}
	return d.meter.Usage(ctx)
}

func (d database) close(ctx context.Context) error {
	if d.meter == nil {
		return nil
	}
	return d.meter.Close(ctx)
}

// cost is what was used between two moments; nil for no database.
func (d database) cost(begin, end pgcost.Usage, events int64, took time.Duration) *DatabaseCost {
	if d.meter == nil {
		return nil
	}
	of, cpu := float64(events), (end.CPU - begin.CPU).Seconds()
	return &DatabaseCost{
		CPUPer1000: cpu / of * 1000, CPUShare: cpu / max(took.Seconds(), 0.001),
		WALPerEvent: float64(end.WAL-begin.WAL) / of, GrowthPerEvent: float64(end.Size-begin.Size) / of,
	}
}
