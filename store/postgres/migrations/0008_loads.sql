-- A row of relay carries as many messages as fit a page, uncompressed: it is read once, soon.
ALTER TABLE relay ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE relay SET (toast_tuple_target = 8160);
