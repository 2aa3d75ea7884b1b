-- Which programs may run on this schema, and whether it is a copy that nobody has used yet.

-- One row.
CREATE TABLE schema_level (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    -- The migration that a program must know at least to run on a newer schema than its own.
    oldest TEXT NOT NULL,
    -- The first version that does, and the version that changed the schema last: for people.
    oldest_version TEXT NOT NULL,
    upgraded_by TEXT NOT NULL
);
INSERT INTO schema_level (id, oldest, oldest_version, upgraded_by)
VALUES (1, '20261128000001', '0.1.0', '0.1.0');

-- One row in what `copy-to` made, until a server runs on it: until then it may be made anew.
CREATE TABLE unused_copies (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    made_at TIMESTAMP NOT NULL,
    -- Serial of the journal at which it was made.
    serial BIGINT NOT NULL,
    -- How many rows each table had, as a JSON object: others mean that somebody used it.
    counts TEXT NOT NULL
);
