-- What was tried to reach people, over all connections; each attempt once by its key. kind 'submitted' is a contact that was
-- submitted to its list again; 'refused' a person whom an agent's wrap-up puts on the list of those not to call, which wishes will say.
CREATE TABLE attempts (
    number   TEXT    NOT NULL,
    key      TEXT    NOT NULL,
    contact  TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    campaign TEXT    NOT NULL,
    call     TEXT    NOT NULL,
    PRIMARY KEY (number, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_contact ON attempts (contact) WHERE contact <> '';
CREATE INDEX attempts_at ON attempts (at);
CREATE INDEX attempts_refused ON attempts (kind) WHERE kind = 'refused';
-- What people wish, as it was written down: of one topic the newest counts, the others are its story.
CREATE TABLE wishes (
    topic  TEXT    NOT NULL,
    number TEXT    NOT NULL,
    at     INTEGER NOT NULL,
    what   TEXT    NOT NULL,
    who    TEXT    NOT NULL,
    why    TEXT    NOT NULL,
    PRIMARY KEY (topic, number, at)
) STRICT, WITHOUT ROWID;
-- What was decided about calling somebody, with its reason.
CREATE TABLE decisions (
    n       INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    number  TEXT    NOT NULL,
    contact TEXT    NOT NULL,
    body    TEXT    NOT NULL
) STRICT;
CREATE INDEX decisions_number ON decisions (number);
CREATE INDEX decisions_contact ON decisions (contact) WHERE contact <> '';
CREATE INDEX decisions_at ON decisions (at);
