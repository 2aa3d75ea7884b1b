-- The mirror: what was taken from other indexes. None of it is in `projects`, `releases`, `files`.

-- The page of each project that another index answered with.
CREATE TABLE mirror_pages (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- Normalized.
    name TEXT NOT NULL UNIQUE,
    -- The base URL of the index it came from, without credentials.
    upstream TEXT NOT NULL,
    -- What the page says: JSON of our own, compressed by zstd.
    page BLOB NOT NULL,
    -- What the next question asks by; NULL: the index gave none.
    etag TEXT,
    -- When the index last said that this is its page.
    checked_at TIMESTAMP NOT NULL,
    -- When it last said anything else.
    changed_at TIMESTAMP NOT NULL
);

-- Files, and the metadata beside them, whose bytes are stored here.
CREATE TABLE mirror_files (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- Normalized.
    project TEXT NOT NULL,
    version TEXT NOT NULL,
    -- Equal for equal versions.
    version_key TEXT NOT NULL,
    filename TEXT NOT NULL,
    -- What stands behind `/packages/` in the URL.
    path TEXT NOT NULL UNIQUE,
    -- Where it came from.
    url TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    -- Where the bytes are stored.
    blake2_256 TEXT NOT NULL,
    size BIGINT NOT NULL,
    -- The metadata beside it, where it is stored too.
    metadata_blake2_256 TEXT,
    metadata_sha256 TEXT,
    stored_at TIMESTAMP NOT NULL,
    -- When it was last asked for: what nobody uses leaves first.
    used_at TIMESTAMP NOT NULL,
    -- Whether it never leaves to make room.
    is_pinned BOOLEAN NOT NULL
);
CREATE INDEX mirror_files_by_project ON mirror_files (project);
CREATE INDEX mirror_files_by_sha256 ON mirror_files (sha256);
CREATE INDEX mirror_files_by_use ON mirror_files (used_at);
CREATE INDEX mirror_files_by_blake2 ON mirror_files (blake2_256);
CREATE INDEX mirror_files_by_metadata ON mirror_files (metadata_blake2_256);

-- What administrators say about projects of other indexes.
CREATE TABLE mirror_rules (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- `quarantine`: not served; `release_early`: served although it is younger than others may be.
    action TEXT NOT NULL,
    -- Normalized.
    project TEXT NOT NULL,
    -- What of the project it is about; all NULL: all of it.
    version TEXT,
    filename TEXT,
    sha256 TEXT,
    reason TEXT NOT NULL,
    -- When it ends; NULL: when it is taken back.
    until TIMESTAMP,
    actor TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX mirror_rules_by_project ON mirror_rules (project);
CREATE INDEX mirror_rules_by_sha256 ON mirror_rules (sha256);

-- How processes learn that others changed what the mirror shows.
CREATE TABLE mirror_changes (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    -- Raised with each change of a rule, and of who may use which name.
    serial BIGINT NOT NULL,
    -- Raised with each project that comes to `mirror_pages` or leaves it.
    names BIGINT NOT NULL
);
INSERT INTO mirror_changes (id, serial, names) VALUES (1, 0, 0);
