-- How far deletions have come: the newest event whose message is gone.
CREATE TABLE swept (
    name text   COLLATE "C" PRIMARY KEY,
    n    bigint NOT NULL
);
INSERT INTO swept VALUES ('messages', 0);
CREATE INDEX events_seq ON events (seq);
