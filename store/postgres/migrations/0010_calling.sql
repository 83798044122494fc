-- What was tried to reach people, over all connections; each attempt once by its key. kind 'submitted' is a contact that was
-- submitted to its list again; 'refused' a person whom an agent's wrap-up puts on the list of those not to call, which wishes will say.
CREATE TABLE attempts (
    number   text   COLLATE "C" NOT NULL,
    key      text   COLLATE "C" NOT NULL,
    contact  text   COLLATE "C" NOT NULL,
    kind     text   COLLATE "C" NOT NULL,
    at       bigint NOT NULL,
    campaign text   NOT NULL,
    call     text   NOT NULL,
    PRIMARY KEY (number, key)
);
CREATE INDEX attempts_contact ON attempts (contact) WHERE contact <> '';
CREATE INDEX attempts_at ON attempts (at);
CREATE INDEX attempts_refused ON attempts (kind) WHERE kind = 'refused';
-- What people wish, as it was written down: of one topic the newest counts, the others are its story.
CREATE TABLE wishes (
    topic  text   COLLATE "C" NOT NULL,
    number text   COLLATE "C" NOT NULL,
    at     bigint NOT NULL,
    what   text   COLLATE "C" NOT NULL,
    who    text   NOT NULL,
    why    text   NOT NULL,
    PRIMARY KEY (topic, number, at)
);
-- What was decided about calling somebody, with its reason.
CREATE TABLE decisions (
    n       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      bigint NOT NULL,
    number  text   COLLATE "C" NOT NULL,
    contact text   COLLATE "C" NOT NULL,
    body    text   NOT NULL
);
CREATE INDEX decisions_number ON decisions (number);
CREATE INDEX decisions_contact ON decisions (contact) WHERE contact <> '';
CREATE INDEX decisions_at ON decisions (at);
