// Package postgres keeps the journal in a PostgreSQL database that several nodes share.
//
// A [Store] is one node's door to it. Each commit of the engine is one transaction that leaves in one message and comes
// back in one answer; the first statement proves that the node is still alive, the database's unique constraints and the
// calls' versions decide everything else. Reads are one message, too.
//
// A node lives as long as its session: a row with a time, by the database's clock, that [Store.Run] keeps pushing ahead.
// Everything a node holds hangs on that session: the connections it owns ([Store.Lease]) and the calls whose steps it
// performs (those it committed last or that [Store.Due] handed it). A session that ran out never comes back, so whoever was
// paused for too long finds its writes refused ([engine.ErrFenced]), in the same transaction, and starts over with a new
// one. Others then take over what it held.
//
// While the database is away, a commit or a question of the engine waits, for as long as the store is patient: a restart or
// a failover of the server is no error as long as the session outlives it.
//
// A COMMIT whose answer was lost is looked up by the group's number in the session's row. The same lookup makes sure that
// the lost transaction cannot come true afterwards.
//
// What PostgreSQL has acknowledged is only as safe as its settings: [Open], and every connection after it, refuses a server
// with fsync or full_page_writes off, a session with synchronous_commit off, and a replica. A failover to a replica that
// follows asynchronously loses the newest commits all the same: keep it synchronous. Backups are pg_dump's or the server's.
// A pooler between node and server must keep a connection to one session: prepared statements and LISTEN need it.
package postgres
