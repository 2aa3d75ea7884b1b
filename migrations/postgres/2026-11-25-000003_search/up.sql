-- What the search looks in: derived from the projects, by following the journal. Emptying
-- search_entries and search_tokens and setting the serial to 0 has it made anew.

-- What is shown of a project that is found, and what it is ranked by.
CREATE TABLE search_entries (
    -- Serial of the last change of the project that is in here: a later change, a larger id.
    id BIGINT NOT NULL PRIMARY KEY,
    normalized TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- Of the release that stands for the project.
    version TEXT NOT NULL,
    summary TEXT NOT NULL,
    keywords TEXT NOT NULL,
    requires_python TEXT,
    -- active, archived or deprecated.
    status TEXT NOT NULL,
    -- When its newest release came.
    updated_at TIMESTAMP NOT NULL,
    -- The tokens of classifiers and Python versions, each with a blank before and behind it.
    marks TEXT NOT NULL
);
CREATE INDEX search_entries_by_time ON search_entries (updated_at, id);

-- Up to which serial of the journal all of that is made.
CREATE TABLE search_state (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    serial BIGINT NOT NULL
);
INSERT INTO search_state (id, serial) VALUES (1, 0);

-- Their tokens are made by the program and are words already. `heads` has those of names,
-- summaries, keywords and the marks, `letters` pieces of names, `texts` the words of all texts and
-- the marks. The ids are those of search_entries.
CREATE TABLE search_tokens (
    id BIGINT NOT NULL PRIMARY KEY,
    heads TSVECTOR NOT NULL,
    letters TSVECTOR NOT NULL,
    texts TSVECTOR NOT NULL
);
-- Without a list of pending entries, through which every search would have to go: what is slow to
-- write here is written behind the uploads.
CREATE INDEX search_tokens_by_heads ON search_tokens USING gin (heads) WITH (fastupdate = off);
CREATE INDEX search_tokens_by_letters ON search_tokens USING gin (letters) WITH (fastupdate = off);
CREATE INDEX search_tokens_by_texts ON search_tokens USING gin (texts) WITH (fastupdate = off);
