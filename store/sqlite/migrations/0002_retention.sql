-- How far deletions have come: the newest event whose message is gone.
CREATE TABLE swept (
    name TEXT    PRIMARY KEY,
    n    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO swept VALUES ('messages', 0);
