package postgres

import "github.com/jackc/pgx/v5"

// The statements of a group. Each takes columns as arrays; calls are named by their numbers.
const (
	insertCalls = `INSERT INTO calls (n, id, version, holder, connection, open, due, started, last, indexed, body) OVERRIDING SYSTEM VALUE
		SELECT u.n, u.id, 1, $1, u.connection, u.open, nullif(u.due, -9223372036854775808), u.started, u.last, u.indexed, u.body
		FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bool[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::text[])
			u (n, id, connection, open, due, started, last, indexed, body)`

	insertTodo = `INSERT INTO todo (due, call) SELECT u.due, u.n FROM unnest($1::bigint[], $2::bigint[]) u (due, n)
		WHERE u.due <> -9223372036854775808`

	// A call's steps belong to its holder. An event takes the call over, because only the owner of a connection hears
	// its events; anybody may take what has nothing to do, or what nobody alive holds.
	updateCalls = `WITH u AS (
			SELECT * FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::bool[], $6::bool[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::text[])
				u (n, id, stored, heard, open, due, started, last, indexed, body)),
		moved AS (
			UPDATE calls c SET version = c.version + 1, holder = $1, open = u.open, due = nullif(u.due, -9223372036854775808),
				started = u.started, last = u.last, indexed = u.indexed, body = u.body
			FROM u JOIN calls o ON o.n = u.n
			WHERE c.n = u.n AND c.id = u.id AND c.version = u.stored
				AND (c.holder = $1 OR u.heard OR c.due IS NULL OR c.holder NOT IN (SELECT live()))
			RETURNING c.n, o.holder AS was, o.due AS before, c.due AS after),
		done AS (DELETE FROM todo t USING moved m WHERE t.due = m.before AND t.call = m.n AND m.before IS DISTINCT FROM m.after),
		planned AS (INSERT INTO todo (due, call) SELECT after, n FROM moved WHERE after IS NOT NULL AND before IS DISTINCT FROM after),
		lost AS (
			SELECT pg_notify($12 || '_' || was, 'lost') FROM (SELECT DISTINCT was FROM moved WHERE was <> $1) m WHERE was IN (SELECT live()))
		SELECT (SELECT count(*) FROM lost), CASE
			WHEN (SELECT count(*) FROM moved) = cardinality($2) THEN true
			WHEN EXISTS (SELECT FROM u JOIN calls c ON c.n = u.n AND c.version = u.stored WHERE c.holder <> $1 AND c.holder IN (SELECT live()))
			THEN refuse('` + codeFenced + `', 'another node performs the steps of a call')
			ELSE refuse('` + codeStale + `', 'a call was changed meanwhile') END`

	insertTokens = "INSERT INTO search (token, call) SELECT * FROM unnest($1::text[], $2::bigint[])"

	insertRefs = `INSERT INTO refs (ref, connection, call) SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
		ON CONFLICT (ref, connection) DO UPDATE SET call = excluded.call WHERE refs.call <> excluded.call`

	insertEvents = `INSERT INTO events (call, key, body, runs, packed) SELECT u.call, u.key, u.body, nullif(u.runs, ''), u.packed
		FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bytea[]) u (call, key, body, runs, packed)`

	insertSteps = `INSERT INTO steps (call, id, seq, state, at, body)
		SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::text[])`

	updateSteps = `WITH u AS (
			SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::text[]) u (call, id, seq, state, at, body)),
		moved AS (UPDATE steps s SET seq = u.seq, state = u.state, at = u.at, body = u.body FROM u WHERE s.call = u.call AND s.id = u.id RETURNING 1)
		SELECT refuse('` + codeStale + `', 'a step is gone') WHERE (SELECT count(*) FROM moved) <> cardinality($1)`

	insertTrouble = `INSERT INTO trouble (call, step, state, at) SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[])
		ON CONFLICT (call, step) DO UPDATE SET state = excluded.state, at = excluded.at`

	deleteTrouble = "DELETE FROM trouble t USING unnest($1::bigint[], $2::text[]) u (call, step) WHERE t.call = u.call AND t.step = u.step"

	insertKept = `INSERT INTO kept (at, reason, message) SELECT u.at, u.reason, u.message
		FROM unnest($1::bigint[], $2::text[], $3::text[]) WITH ORDINALITY u (at, reason, message, i) ORDER BY u.i`
)

// of are the numbers of calls.
func (r *rows) of(ids []string) []int64 {
	out := make([]int64, len(ids))
	for i, id := range ids {
		out[i] = r.numbers[id]
	}
	return out
}

// queueCalls queues the statements that a group's calls need.
func (r *rows) queueCalls(b *pgx.Batch, session int64, channel string) {
	if c := &r.fresh; len(c.ids) > 0 {
		n := r.of(c.ids)
		b.Queue(insertCalls, session, n, c.ids, c.connections, c.open, c.due, c.started, c.last, c.indexed, c.bodies)
		b.Queue(insertTodo, c.due, n)
	}
	if c := &r.moved; len(c.ids) > 0 {
		b.Queue(updateCalls, session, r.of(c.ids), c.ids, c.stored, c.heard, c.open, c.due, c.started, c.last, c.indexed, c.bodies, channel)
	}
	if x := &r.refs; len(x.refs) > 0 {
		b.Queue(insertRefs, x.refs, x.connections, r.of(x.calls))
	}
}

// queueBodies queues the statements that need what write writes, and the end of the transaction.
func (r *rows) queueBodies(b *pgx.Batch) {
	if e := &r.events; len(e.keys) > 0 {
		b.Queue(insertEvents, r.of(e.calls), e.keys, e.bodies, e.runs, e.packed)
	}
	r.queueSteps(b)
	if k := &r.kept; len(k.at) > 0 {
		b.Queue(insertKept, k.at, k.reasons, k.messages)
	}
	r.attempts.queue(b)
	b.Queue("COMMIT").Exec(committed)
}

func (r *rows) queueSteps(b *pgx.Batch) {
	if t := &r.planned; len(t.ids) > 0 {
		b.Queue(insertSteps, r.of(t.calls), t.ids, t.seqs, t.states, t.at, t.bodies)
	}
	if t := &r.reported; len(t.ids) > 0 {
		b.Queue(updateSteps, r.of(t.calls), t.ids, t.seqs, t.states, t.at, t.bodies)
	}
	if t := &r.trouble; len(t.ids) > 0 {
		b.Queue(insertTrouble, r.of(t.calls), t.ids, t.states, t.at)
	}
	if t := &r.trouble; len(t.over) > 0 {
		b.Queue(deleteTrouble, r.of(t.overCalls), t.over)
	}
}
