-- What nodes tell each other's desks: also where a desk hangs since when. Nothing in it is worth keeping.
DROP TABLE relay;
CREATE UNLOGGED TABLE relay (
    seq     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session bigint NOT NULL,              -- for whom
    sender  bigint NOT NULL,
    kind    text   NOT NULL,
    agent   text   NOT NULL,
    key     text   NOT NULL,
    body    bytea  NOT NULL,
    since   timestamptz,                  -- of the desk that came
    until   timestamptz NOT NULL
);
CREATE INDEX relay_session ON relay (session, seq);

-- One-time tickets for desks, by their SHA-256: one is made on one node and used on another.
CREATE UNLOGGED TABLE tickets (
    ticket bytea  PRIMARY KEY,
    agent  text   NOT NULL,
    until  timestamptz NOT NULL
);
CREATE INDEX tickets_until ON tickets (until);
