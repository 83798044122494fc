-- How far connections have read what they can read again, such as the shards of a stream.
CREATE TABLE positions (
    connection text COLLATE "C" NOT NULL,
    name       text COLLATE "C" NOT NULL,
    position   text NOT NULL,
    PRIMARY KEY (connection, name)
) WITH (fillfactor = 50);
