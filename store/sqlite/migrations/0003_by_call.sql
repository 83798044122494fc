-- Everything is found through its call: an index whose keys come in no order costs a page for every row, the more so the
-- larger it is. Rows of more than a kilobyte lie in tables with a rowid, where they are appended.

DROP VIEW event_list;
DROP VIEW step_list;

CREATE TABLE new_events (
    seq  INTEGER PRIMARY KEY,
    call INTEGER NOT NULL,
    key  TEXT    NOT NULL,
    body TEXT    NOT NULL,
    runs TEXT,                            -- what it started: a JSON array; NULL for nothing
    raw  BLOB                             -- the message as it came
) STRICT;
INSERT INTO new_events
    SELECT seq, call, key, body,
           (SELECT json_group_array(json(r.body)) FROM runs r WHERE r.call = e.call AND r.body ->> '$.event' = e.key HAVING count(*) > 0),
           raw
    FROM events e ORDER BY seq;
DROP TABLE events;
DROP TABLE runs;
ALTER TABLE new_events RENAME TO events;
CREATE UNIQUE INDEX events_call ON events (call, key);

CREATE TABLE new_steps (
    n     INTEGER PRIMARY KEY,
    call  INTEGER NOT NULL,
    id    TEXT    NOT NULL,
    seq   INTEGER NOT NULL,               -- order within the call
    state TEXT    NOT NULL,
    at    INTEGER NOT NULL,               -- when it ended or, until then, is due
    body  TEXT    NOT NULL
) STRICT;
INSERT INTO new_steps (call, id, seq, state, at, body) SELECT call, id, seq, state, at, body FROM steps ORDER BY call, seq;
DROP TABLE steps;
ALTER TABLE new_steps RENAME TO steps;
CREATE UNIQUE INDEX steps_call ON steps (call, id);
-- The steps that people look for; the others are only read with their call.
CREATE INDEX steps_trouble ON steps (state, at) WHERE state IN ('retrying', 'parked', 'dead');

-- Exact totals, so that nothing ever counts a large table: one row.
CREATE TABLE totals (
    events INTEGER NOT NULL, calls INTEGER NOT NULL, runs INTEGER NOT NULL, kept INTEGER NOT NULL,
    pending INTEGER NOT NULL, retrying INTEGER NOT NULL, parked INTEGER NOT NULL, done INTEGER NOT NULL,
    skipped INTEGER NOT NULL, dead INTEGER NOT NULL
) STRICT;
INSERT INTO totals
    SELECT sum(n) FILTER (WHERE name = 'events'), sum(n) FILTER (WHERE name = 'calls'),
           (SELECT coalesce(sum(json_array_length(runs)), 0) FROM events), sum(n) FILTER (WHERE name = 'kept'),
           sum(n) FILTER (WHERE name = 'pending'), sum(n) FILTER (WHERE name = 'retrying'), sum(n) FILTER (WHERE name = 'parked'),
           sum(n) FILTER (WHERE name = 'done'), sum(n) FILTER (WHERE name = 'skipped'), sum(n) FILTER (WHERE name = 'dead')
    FROM counts;
DROP TABLE counts;

-- For people with a SQL shell on a copy of the file.
CREATE VIEW event_list AS
    SELECT e.seq, c.id AS call, e.body ->> '$.connection' AS connection, e.body ->> '$.id' AS id,
           e.body ->> '$.leg' AS leg, e.body ->> '$.agent' AS agent, e.body ->> '$.call_type' AS call_type,
           e.body ->> '$.event' AS event, e.body ->> '$.phase' AS phase, e.body ->> '$.at' AS at,
           e.body ->> '$.received' AS received
    FROM events e JOIN calls c ON c.n = e.call;
CREATE VIEW run_list AS
    SELECT r.value ->> '$.id' AS id, c.id AS call, e.seq AS event, r.value ->> '$.workflow' AS workflow,
           r.value ->> '$.rule' AS rule, r.value ->> '$.revision' AS revision, r.value ->> '$.started' AS started
    FROM events e JOIN calls c ON c.n = e.call, json_each(e.runs) r;
CREATE VIEW step_list AS
    SELECT s.id, c.id AS call, s.seq, s.state, s.body ->> '$.kind' AS kind, s.body ->> '$.key' AS key,
           s.body ->> '$.due' AS due, s.body ->> '$.reason' AS reason, s.body ->> '$.detail' AS detail
    FROM steps s JOIN calls c ON c.n = s.call;
