package postgres

import "github.com/jackc/pgx/v5"

// The statements of a group. Each takes columns as arrays. A call is named by its id: what names none that is stored
// violates a NOT NULL.
const (
	insertCalls = `INSERT INTO calls (id, version, holder, connection, open, due, started, last, indexed, body)
		SELECT u.id, 1, $1, u.connection, u.open, nullif(u.due, -9223372036854775808), u.started, u.last, u.indexed, u.body
		FROM unnest($2::text[], $3::text[], $4::bool[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::text[])
			u (id, connection, open, due, started, last, indexed, body)`

	// A call's steps belong to its holder. An event takes the call over, because only the owner of a connection hears
	// its events; anybody may take what has nothing to do, or what nobody alive holds.
	updateCalls = `WITH u AS (
			SELECT * FROM unnest($2::text[], $3::bigint[], $4::bool[], $5::bool[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::text[])
				u (id, stored, heard, open, due, started, last, indexed, body)),
		moved AS (
			UPDATE calls c SET version = c.version + 1, holder = $1, open = u.open, due = nullif(u.due, -9223372036854775808),
				started = u.started, last = u.last, indexed = u.indexed, body = u.body
			FROM u JOIN calls o ON o.id = u.id
			WHERE c.n = o.n AND c.version = u.stored
				AND (c.holder = $1 OR u.heard OR c.due IS NULL OR c.holder NOT IN (SELECT live()))
			RETURNING o.holder AS was),
		lost AS (
			SELECT pg_notify($11 || '_' || was, 'lost') FROM (SELECT DISTINCT was FROM moved WHERE was <> $1) m WHERE was IN (SELECT live()))
		SELECT (SELECT count(*) FROM lost), CASE
			WHEN (SELECT count(*) FROM moved) = cardinality($2) THEN true
			WHEN EXISTS (SELECT FROM u JOIN calls c ON c.id = u.id AND c.version = u.stored WHERE c.holder <> $1 AND c.holder IN (SELECT live()))
			THEN refuse('` + codeFenced + `', 'another node performs the steps of a call')
			ELSE refuse('` + codeStale + `', 'a call was changed meanwhile') END`

	// Before the calls are changed: the tokens of calls whose tokens are not what they were.
	insertTokens = `INSERT INTO search (token, call)
		SELECT u.token, c.n FROM unnest($1::text[], $2::text[], $3::bigint[]) u (id, token, hash) JOIN calls c ON c.id = u.id AND c.indexed <> u.hash
		ON CONFLICT DO NOTHING`

	insertRefs = `INSERT INTO refs (ref, connection, call)
		SELECT u.ref, u.connection, c.n FROM unnest($1::text[], $2::text[], $3::text[]) u (ref, connection, id) LEFT JOIN calls c ON c.id = u.id
		ON CONFLICT (ref, connection) DO UPDATE SET call = excluded.call WHERE refs.call <> excluded.call`

	insertEvents = `INSERT INTO events (call, key, body, runs, packed)
		SELECT c.n, u.key, u.body, nullif(u.runs, ''), u.packed
		FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[]) WITH ORDINALITY u (id, key, body, runs, packed, i)
			LEFT JOIN calls c ON c.id = u.id
		ORDER BY u.i`

	upsertSteps = `INSERT INTO steps (id, call, seq, state, at, body)
		SELECT u.step, c.n, u.seq, u.state, u.at, u.body
		FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::text[]) u (step, id, seq, state, at, body)
			LEFT JOIN calls c ON c.id = u.id
		ON CONFLICT (call, id) DO UPDATE SET seq = excluded.seq, state = excluded.state, at = excluded.at, body = excluded.body`

	insertKept = `INSERT INTO kept (at, reason, message) SELECT u.at, u.reason, u.message
		FROM unnest($1::bigint[], $2::text[], $3::text[]) WITH ORDINALITY u (at, reason, message, i) ORDER BY u.i`
)

// queue queues the statements that a group needs.
func (r *rows) queue(b *pgx.Batch, session int64, channel string) {
	if c := &r.fresh; len(c.ids) > 0 {
		// A new call starts without tokens, so that the next statement writes them.
		b.Queue(insertCalls, session, c.ids, c.connections, c.open, c.due, c.started, c.last, make([]int64, len(c.ids)), c.bodies)
	}
	if t := &r.tokens; len(t.ids) > 0 {
		b.Queue(insertTokens, t.ids, t.tokens, t.hashes)
	}
	if c := &r.moved; len(c.ids) > 0 {
		b.Queue(updateCalls, session, c.ids, c.stored, c.heard, c.open, c.due, c.started, c.last, c.indexed, c.bodies, channel)
	}
	if x := &r.refs; len(x.refs) > 0 {
		b.Queue(insertRefs, x.refs, x.connections, x.calls)
	}
	if e := &r.events; len(e.keys) > 0 {
		b.Queue(insertEvents, e.calls, e.keys, e.bodies, e.runs, e.packed)
	}
	if t := &r.steps; len(t.ids) > 0 {
		b.Queue(upsertSteps, t.ids, t.calls, t.seqs, t.states, t.at, t.bodies)
	}
	if k := &r.kept; len(k.at) > 0 {
		b.Queue(insertKept, k.at, k.reasons, k.messages)
	}
}
