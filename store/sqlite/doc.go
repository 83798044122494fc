// Package sqlite keeps the journal in one SQLite file: no set-up, no server, one process.
//
// A [Store] writes each commit of the engine into a daybook first, two files beside the database: one write and one fsync a
// group, and what it acknowledged is on disk. [Store.Run] posts what gathers there into the tables, many groups in one
// transaction: a call that ten of them changed is written once. Whoever reads the tables posts first, so nobody sees less
// than what was acknowledged, and the next start posts what a crash has left.
//
// One connection writes the tables (WAL, synchronous=FULL); a second one checkpoints, so that the writer never
// does. Others read: a pair for the engine, a few for pages. Every connection is checked when it is opened, because
// synchronous belongs to a connection, not to a file: one that lost it would silently lose posts at a power cut.
//
// Checkpoints beside commits are only safe since SQLite 3.51.3, which fixed the WAL-reset bug; [Open] refuses to run on
// anything older. For the same reason do not open the live file with another, older sqlite3: use [Backup].
//
// After the first I/O error nothing is written any more ([engine.ErrBroken]): when an fsync failed, the operating system
// may have dropped what it could not write, and a later fsync that succeeds proves nothing. A full disk is told apart
// ([ErrFull]): nothing of the group was stored, and it goes on once there is space.
//
// The rows hold what the engine committed as JSON, beside the few columns that a query needs. The views of the schema
// spell them out for people with a SQL shell on a copy.
package sqlite
