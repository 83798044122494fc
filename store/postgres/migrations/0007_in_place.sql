-- A call is changed with each of its events and a step once or twice, soon after they were made. Such a change stays on its
-- page and touches no index as long as no indexed column changes and there is room ("Heap-Only Tuples" in the PostgreSQL
-- documentation). So what changes often is found through small tables of its own, and pages are filled to a part only.

CREATE TABLE todo (                       -- calls.due, where it is not NULL
    due  bigint NOT NULL,
    call bigint NOT NULL,
    PRIMARY KEY (due, call)
);
INSERT INTO todo SELECT due, n FROM calls WHERE due IS NOT NULL;
DROP INDEX calls_due;

CREATE TABLE trouble (                    -- the steps that people look for: retrying, parked, dead
    call  bigint NOT NULL,
    step  text   COLLATE "C" NOT NULL,
    state text   COLLATE "C" NOT NULL,
    at    bigint NOT NULL,
    PRIMARY KEY (call, step)
);
CREATE INDEX trouble_state ON trouble (state, at);
INSERT INTO trouble SELECT call, id, state, at FROM steps WHERE state IN ('retrying', 'parked', 'dead');
DROP INDEX steps_trouble;

-- A body of one or two KB is not worth compressing, and not worth a table of its own.
ALTER TABLE calls SET (fillfactor = 40, toast_tuple_target = 8160);
ALTER TABLE steps SET (fillfactor = 50, toast_tuple_target = 8160);
ALTER TABLE events SET (toast_tuple_target = 8160);
