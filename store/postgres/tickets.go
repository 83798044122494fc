package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"cordboard/desk"
)

var _ desk.Safe = (*Store)(nil)

// PutTicket implements [desk.Safe].
func (s *Store) PutTicket(ctx context.Context, ticket [32]byte, agent string, life time.Duration) error {
	_, err := s.keeper.Exec(ctx, "INSERT INTO tickets (ticket, agent, until) VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3))",
		ticket[:], escape(agent), life.Seconds())
	return s.judge("keep a ticket", err)
}

// TakeTicket implements [desk.Safe].
func (s *Store) TakeTicket(ctx context.Context, ticket [32]byte) (agent string, err error) {
	var fresh bool
	err = s.keeper.QueryRow(ctx, "DELETE FROM tickets WHERE ticket = $1 RETURNING agent, until > clock_timestamp()", ticket[:]).Scan(&agent, &fresh)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && !fresh {
		return "", desk.ErrTicket
	}
	return unescape(agent), s.judge("take a ticket", err)
}
