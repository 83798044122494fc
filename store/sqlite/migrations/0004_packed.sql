-- Messages are packed (S2 blocks, github.com/klauspost/compress); raw holds those of earlier releases as they came.
ALTER TABLE events ADD COLUMN packed BLOB;
