-- Commits go into the daybook first, two files beside this one, and are posted from there into the tables. posted is the
-- newest entry that the tables have; run marks the entries of the process that has the file open: those of others are old.
CREATE TABLE daybook (
    run    INTEGER NOT NULL,
    posted INTEGER NOT NULL
) STRICT;
INSERT INTO daybook VALUES (0, 0);
