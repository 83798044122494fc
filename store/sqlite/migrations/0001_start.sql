-- The journal. Times are nanoseconds since 1970, UTC. Bodies are JSON. n numbers a call within this file.

CREATE TABLE calls (
    n          INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL UNIQUE,
    version    INTEGER NOT NULL,          -- counts commits
    connection TEXT    NOT NULL,
    open       INTEGER NOT NULL,          -- 1 while a leg may still bring events
    due        INTEGER,                   -- earliest unfinished step; NULL when there is none
    started    INTEGER NOT NULL,
    last       INTEGER NOT NULL,
    indexed    INTEGER NOT NULL,          -- a hash of the call's search tokens
    body       TEXT    NOT NULL
) STRICT;
CREATE INDEX calls_due ON calls (due) WHERE due IS NOT NULL;
CREATE INDEX calls_open ON calls (connection) WHERE open = 1;
CREATE INDEX calls_started ON calls (started);

CREATE TABLE refs (
    ref        TEXT    NOT NULL,
    connection TEXT    NOT NULL,
    call       INTEGER NOT NULL,
    PRIMARY KEY (ref, connection)
) STRICT, WITHOUT ROWID;
CREATE INDEX refs_call ON refs (call);

CREATE TABLE events (
    seq  INTEGER PRIMARY KEY,
    key  TEXT    NOT NULL UNIQUE,
    call INTEGER NOT NULL,
    body TEXT    NOT NULL,
    raw  BLOB                             -- the message as it came
) STRICT;
CREATE INDEX events_call ON events (call);

CREATE TABLE runs (
    call INTEGER NOT NULL,
    id   TEXT    NOT NULL,
    body TEXT    NOT NULL,
    PRIMARY KEY (call, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE steps (
    call  INTEGER NOT NULL,
    id    TEXT    NOT NULL,
    seq   INTEGER NOT NULL,               -- order within the call
    state TEXT    NOT NULL,
    at    INTEGER NOT NULL,               -- when it ended or, until then, is due
    body  TEXT    NOT NULL,
    PRIMARY KEY (call, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX steps_id ON steps (id);
-- The steps that people look for; the others are only read with their call.
CREATE INDEX steps_trouble ON steps (state, at) WHERE state IN ('retrying', 'parked', 'dead');

CREATE TABLE kept (
    seq     INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    reason  TEXT    NOT NULL,
    message TEXT    NOT NULL
) STRICT;

-- What a call is found by: tokens are written by the store (search.go).
CREATE TABLE search (
    token TEXT    NOT NULL,
    call  INTEGER NOT NULL,
    PRIMARY KEY (token, call)
) STRICT, WITHOUT ROWID;

-- Exact totals, so that nothing ever counts a large table.
CREATE TABLE counts (
    name TEXT PRIMARY KEY,
    n    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counts VALUES
    ('events', 0), ('calls', 0), ('runs', 0), ('kept', 0),
    ('pending', 0), ('retrying', 0), ('parked', 0), ('done', 0), ('skipped', 0), ('dead', 0);

CREATE TRIGGER steps_added AFTER INSERT ON steps BEGIN
    UPDATE counts SET n = n + 1 WHERE name = NEW.state;
END;
CREATE TRIGGER steps_moved AFTER UPDATE OF state ON steps WHEN OLD.state <> NEW.state BEGIN
    UPDATE counts SET n = n - 1 WHERE name = OLD.state;
    UPDATE counts SET n = n + 1 WHERE name = NEW.state;
END;
CREATE TRIGGER steps_removed AFTER DELETE ON steps BEGIN
    UPDATE counts SET n = n - 1 WHERE name = OLD.state;
END;

-- For people with a SQL shell on a copy of the file.
CREATE VIEW event_list AS
    SELECT e.seq, c.id AS call, e.body ->> '$.connection' AS connection, e.body ->> '$.id' AS id,
           e.body ->> '$.leg' AS leg, e.body ->> '$.agent' AS agent, e.body ->> '$.call_type' AS call_type,
           e.body ->> '$.event' AS event, e.body ->> '$.phase' AS phase, e.body ->> '$.at' AS at,
           e.body ->> '$.received' AS received
    FROM events e JOIN calls c ON c.n = e.call;
CREATE VIEW step_list AS
    SELECT s.id, c.id AS call, s.seq, s.state, s.body ->> '$.kind' AS kind, s.body ->> '$.key' AS key,
           s.body ->> '$.due' AS due, s.body ->> '$.reason' AS reason, s.body ->> '$.detail' AS detail
    FROM steps s JOIN calls c ON c.n = s.call;
