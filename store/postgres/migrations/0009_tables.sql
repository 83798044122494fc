-- Data tables that workflows and people read and write. Definitions and values are JSON.
CREATE TABLE tables (
    name text COLLATE "C" PRIMARY KEY,
    body text NOT NULL
);

CREATE TABLE table_rows (
    tbl     text   COLLATE "C" NOT NULL,
    id      text   COLLATE "C" NOT NULL,  -- what the key is compared by
    key     text   NOT NULL,              -- as it was written
    version bigint NOT NULL,              -- the number of the newest change
    at      bigint NOT NULL,
    who     text   NOT NULL,
    words   text   NOT NULL,              -- what a search looks through
    body    text   NOT NULL,
    PRIMARY KEY (tbl, id)
) WITH (fillfactor = 80);

-- The history. once is a change's own key, by which it is made once; an empty id is a change of the table itself. Numbers are
-- drawn before rows are written, because a row's number is its version.
CREATE SEQUENCE table_changes_n;
CREATE TABLE table_changes (
    n    bigint PRIMARY KEY,
    tbl  text   COLLATE "C" NOT NULL,
    id   text   COLLATE "C" NOT NULL,
    key  text   NOT NULL,
    at   bigint NOT NULL,
    who  text   NOT NULL,
    once text   COLLATE "C",
    old  text,
    new  text
);
CREATE INDEX table_changes_id ON table_changes (tbl, id, n);
CREATE UNIQUE INDEX table_changes_once ON table_changes (tbl, once) WHERE once IS NOT NULL;
