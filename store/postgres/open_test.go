package postgres_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cordboard/engine"
	"cordboard/engine/journaltest"
	"cordboard/store/postgres"
	"cordboard/store/postgres/pgtest"
)

// refused opens a store that must not open, and wants words in the error.
func refused(t *testing.T, url string, o postgres.Options, words ...string) error {
	t.Helper()
	s, err := postgres.Open(t.Context(), url, o)
	if err == nil {
		_ = s.Close()
		t.Fatal("the database opened")
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
	return err
}

func TestUnsafeServersAreRefused(t *testing.T) {
	for setting, words := range map[string]string{
		"fsync=off": "fsync is off", "full_page_writes=off": "full_page_writes is off", "synchronous_commit=off": "synchronous_commit is off",
	} {
		t.Run(setting, func(t *testing.T) {
			s := pgtest.Start(t, setting)
			if err := refused(t, s.URL("postgres"), postgres.Options{}, words, "127.0.0.1"); !errors.Is(err, postgres.ErrRefused) {
				t.Errorf("%v is no ErrRefused", err)
			}
		})
	}
}

// What is off for one user or database only is noticed, too, and so is what is set later: connections are checked one by one.
func TestUnsafeDatabasesAreRefused(t *testing.T) {
	s := running(t)
	s.Exec(t, "CREATE DATABASE hasty")
	n, err := postgres.Open(t.Context(), s.URL("hasty"), postgres.Options{Node: "north", TTL: time.Minute, Patience: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	s.Exec(t, "ALTER DATABASE hasty SET synchronous_commit = off")
	refused(t, s.URL("hasty"), postgres.Options{}, "synchronous_commit")
	s.Exec(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'hasty'")
	if err := n.Commit(t.Context(), journaltest.NewFeed(1, 0).Group(1)); err == nil {
		t.Error("a group was acknowledged without being on disk")
	}
	s.Exec(t, "ALTER DATABASE hasty SET synchronous_commit = local")
	if err := commit(t, n, journaltest.NewFeed(1, 0).Group(1)); err != nil {
		t.Error(err)
	}
	if err := n.Close(); err != nil {
		t.Error(err)
	}
	s.Exec(t, "ALTER DATABASE hasty SET default_transaction_read_only = on")
	refused(t, s.URL("hasty"), postgres.Options{}, "read_only")
	s.Exec(t, "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
	refused(t, s.URL("latin"), postgres.Options{}, "LATIN1", "UTF8")
}

// commit tries until the database answers again.
func commit(t *testing.T, j engine.Journal, g engine.Group) (err error) {
	t.Helper()
	for range 100 {
		if err = j.Commit(t.Context(), g); err == nil || errors.Is(err, engine.ErrStale) || errors.Is(err, engine.ErrBroken) {
			return err
		}
	}
	return err
}

func TestReplicasAreRefused(t *testing.T) {
	s := pgtest.Start(t, "hot_standby=on")
	s.Stop(syscall.SIGINT)
	standby := s.Command("sh", "-c", "touch data/standby.signal")
	standby.Path = "/bin/sh"
	if out, err := standby.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	refused(t, s.URL("postgres"), postgres.Options{}, "replica", "primary")
}

func TestNewerSchemaIsRefused(t *testing.T) {
	s, o := running(t), postgres.Options{Node: "north", Schema: newSchema()}
	n := open(t, s, o)
	if err := n.end(); err != nil {
		t.Fatal(err)
	}
	is := s.Count(t, "SELECT version FROM "+o.Schema+".cordboard")
	s.Exec(t, "UPDATE "+o.Schema+".cordboard SET version = 1000")
	refused(t, s.URL("postgres"), o, "schema 1000", "newer release")
	s.Exec(t, "UPDATE "+o.Schema+".cordboard SET version = $1", is)
	open(t, s, o)
}

func TestForeignTablesAreRefused(t *testing.T) {
	s, schema := running(t), newSchema()
	s.Exec(t, "CREATE SCHEMA "+schema+"; CREATE TABLE "+schema+".cats (name text)")
	refused(t, s.URL("postgres"), postgres.Options{Schema: schema}, "another program")
}

// Nodes that start together make the tables once.
func TestNodesStartTogether(t *testing.T) {
	s, schema := running(t), newSchema()
	var all sync.WaitGroup
	for _, name := range []string{"north", "south", "east", "west"} {
		all.Go(func() {
			n, err := postgres.Open(t.Context(), s.URL("postgres"), postgres.Options{Node: name, Schema: schema})
			if err != nil {
				t.Error(err)
				return
			}
			if err := n.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestOpenTellsNoSecret(t *testing.T) {
	for _, url := range []string{
		"postgres://cordboard:hunter2@127.0.0.1:1/journal", "postgres://cordboard:hunter2@127.0.0.1:99999999/journal?x=%zz", "hunter2 hunter2",
	} {
		if err := refused(t, url, postgres.Options{}); strings.Contains(err.Error(), "hunter2") {
			t.Error(err)
		}
	}
}

func TestOpenCancelled(t *testing.T) {
	s := running(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := postgres.Open(ctx, s.URL("postgres"), postgres.Options{Schema: newSchema()}); err == nil {
		t.Fatal("opened")
	}
}
