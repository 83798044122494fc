package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"cordboard/platform"
)

var _ platform.Leases = (*Store)(nil)

// Lease implements [platform.Leases]. The epoch counts the owners that name has had. All leases of a node end with its
// session, so keeping one keeps all.
func (s *Store) Lease(ctx context.Context, name string) (epoch int64, until time.Time, err error) {
	if err := s.usable(); err != nil {
		return 0, time.Time{}, err
	}
	if err := s.beat(ctx); err != nil {
		return 0, time.Time{}, err
	}
	session, _ := s.rights(nil)
	b := &pgx.Batch{}
	b.Queue("BEGIN ISOLATION LEVEL READ COMMITTED")
	b.Queue(alive, session)
	// A lease that is kept is not written.
	b.Queue(`INSERT INTO leases AS l (name, session, epoch) SELECT $2, $1, 1 WHERE NOT EXISTS (SELECT FROM leases WHERE name = $2 AND session = $1)
		ON CONFLICT (name) DO UPDATE SET session = $1, epoch = l.epoch + 1 WHERE l.session NOT IN (SELECT live())`, session, escape(name))
	var owner string
	b.Queue(`SELECT l.epoch, l.session = $1, coalesce(n.name, '') FROM leases l LEFT JOIN nodes n ON n.session = l.session WHERE l.name = $2`, session, escape(name)).
		QueryRow(func(row pgx.Row) error {
			var mine bool
			err := row.Scan(&epoch, &mine, &owner)
			if err == nil && !mine {
				err = fmt.Errorf("%w %q", platform.ErrHeld, unescape(owner))
			}
			return err
		})
	b.Queue("COMMIT").Exec(committed)
	conn, err := s.keeper.Acquire(ctx)
	if err != nil {
		return 0, time.Time{}, s.judge("lease", err)
	}
	err = conn.SendBatch(ctx, b).Close()
	within, cancel := s.within(ctx)
	defer cancel()
	end(within, conn)
	if errors.Is(err, platform.ErrHeld) {
		return 0, time.Time{}, err
	}
	if err != nil {
		return 0, time.Time{}, s.judge("lease", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.session != session {
		return 0, time.Time{}, errors.New("postgres: lease: this node starts over")
	}
	s.epochs[name] = epoch
	return epoch, s.until, nil
}

// Release implements [platform.Leases]. Events of the connection that are still on their way are refused from now on.
func (s *Store) Release(ctx context.Context, name string) error {
	session, _ := s.rights(nil)
	_, err := s.keeper.Exec(ctx, "UPDATE leases SET session = 0 WHERE name = $1 AND session = $2", escape(name), session)
	return s.judge("release", err)
}
