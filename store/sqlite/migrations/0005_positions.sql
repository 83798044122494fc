-- How far connections have read what they can read again, such as the shards of a stream.
CREATE TABLE positions (
    connection TEXT NOT NULL,
    name       TEXT NOT NULL,
    position   TEXT NOT NULL,
    PRIMARY KEY (connection, name)
) STRICT, WITHOUT ROWID;
