-- What administrators do: the log of their acts, switches of the whole site, reserved prefixes of
-- project names.

-- Kept for good: it outlives accounts and projects, and no job removes anything from it.
CREATE TABLE admin_acts (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    at TIMESTAMP NOT NULL,
    -- Who did it; NULL: a command of the operator, or an account that is gone.
    actor_id BIGINT REFERENCES users (id) ON DELETE SET NULL,
    -- The name of the account at that time, or `operator`.
    actor TEXT NOT NULL,
    -- From which address; NULL: by a command.
    ip TEXT,
    -- What was done, in a word.
    act TEXT NOT NULL,
    -- What it was done to: the name of an account, of a project, of a job…
    target TEXT NOT NULL,
    -- Why, in the words of who did it; empty where none were asked for.
    reason TEXT NOT NULL,
    -- What else there is to say, as a JSON object.
    detail TEXT NOT NULL
);
CREATE INDEX admin_acts_by_actor ON admin_acts (actor, id);
CREATE INDEX admin_acts_by_target ON admin_acts (target, id);

-- What holds for the whole site; a switch that is off has no row.
CREATE TABLE site_flags (
    -- read-only or banner.
    name TEXT NOT NULL PRIMARY KEY,
    -- What visitors read about it.
    words TEXT NOT NULL,
    set_at TIMESTAMP NOT NULL
);

-- Names that begin with these belong to their holders (PEP 752).
CREATE TABLE reserved_prefixes (
    -- A normalized name: it covers itself and all names that go on with a hyphen.
    prefix TEXT NOT NULL PRIMARY KEY,
    reason TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

-- Who may make projects under a prefix, beside administrators.
CREATE TABLE prefix_holders (
    prefix TEXT NOT NULL REFERENCES reserved_prefixes (prefix) ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (prefix, user_id)
);

-- The status that a quarantined project gets back when it is released; NULL: active.
ALTER TABLE projects ADD COLUMN held_status TEXT;
ALTER TABLE projects ADD COLUMN held_reason TEXT;
