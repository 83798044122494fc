package postgres_test

import (
	"syscall"
	"testing"
	"time"

	"cordboard/engine/journaltest"
	"cordboard/store/postgres"
	"cordboard/store/postgres/pgtest"
)

// TestGrowth looks whether an event costs the same however many are stored; the server's processor time is in it.
func TestGrowth(t *testing.T) {
	srv := pgtest.Start(t, "shared_buffers=1GB", "max_wal_size=4GB")
	n := open(t, srv, postgres.Options{Node: "north", Schema: newSchema()})
	journaltest.Growth(t, n, func() time.Duration {
		server, err := srv.CPU()
		if err != nil {
			t.Fatal(err)
		}
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			t.Fatal(err)
		}
		return server + time.Duration(u.Utime.Nano()+u.Stime.Nano())
	})
}
