-- Messages are packed (S2 blocks, github.com/klauspost/compress), which leaves the database nothing to compress; raw holds
-- those of earlier releases as they came.
ALTER TABLE events ADD COLUMN packed bytea;
ALTER TABLE events ALTER COLUMN packed SET STORAGE EXTERNAL;
