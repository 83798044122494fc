-- Data tables that workflows and people read and write. Definitions and values are JSON.
CREATE TABLE tables (
    name TEXT PRIMARY KEY,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE table_rows (
    tbl     TEXT    NOT NULL,
    id      TEXT    NOT NULL,  -- what the key is compared by
    key     TEXT    NOT NULL,  -- as it was written
    version INTEGER NOT NULL,  -- the number of the newest change
    at      INTEGER NOT NULL,
    who     TEXT    NOT NULL,
    words   TEXT    NOT NULL,  -- what a search looks through
    body    TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX table_rows_id ON table_rows (tbl, id);

-- The history. once is a change's own key, by which it is made once; an empty id is a change of the table itself.
CREATE TABLE table_changes (
    n    INTEGER PRIMARY KEY AUTOINCREMENT,
    tbl  TEXT    NOT NULL,
    id   TEXT    NOT NULL,
    key  TEXT    NOT NULL,
    at   INTEGER NOT NULL,
    who  TEXT    NOT NULL,
    once TEXT,
    old  TEXT,
    new  TEXT
) STRICT;
CREATE INDEX table_changes_id ON table_changes (tbl, id, n);
CREATE UNIQUE INDEX table_changes_once ON table_changes (tbl, once) WHERE once IS NOT NULL;
