-- Downloads: how often each file was on each day, and who it was on a private index.

-- What a file was that was ever downloaded. It outlives the file: who has got a file that had to be
-- removed is asked after its removal.
CREATE TABLE download_files (
    file_id BIGINT NOT NULL PRIMARY KEY,
    project_id BIGINT NOT NULL,
    -- Normalized.
    project TEXT NOT NULL,
    version TEXT NOT NULL,
    -- Equal for equal versions.
    version_key TEXT NOT NULL,
    filename TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    blake2_256 TEXT NOT NULL
);
CREATE INDEX download_files_by_project ON download_files (project);
CREATE INDEX download_files_by_filename ON download_files (filename);
CREATE INDEX download_files_by_sha256 ON download_files (sha256);
CREATE INDEX download_files_by_blake2 ON download_files (blake2_256);

CREATE TABLE download_days (
    file_id BIGINT NOT NULL REFERENCES download_files (file_id),
    -- Its beginning, UTC.
    day TIMESTAMP NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (file_id, day)
);

-- The sums of all files of a project, so that its page need not go through them.
CREATE TABLE download_sums (
    -- A later project of the same name is another one.
    project_id BIGINT NOT NULL,
    day TIMESTAMP NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (project_id, day)
);

-- Single downloads, by known callers of a private index. Names as they were then.
CREATE TABLE downloads (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    file_id BIGINT NOT NULL REFERENCES download_files (file_id),
    username TEXT NOT NULL,
    -- The API token that was used; NULL: a password or a session.
    token_id BIGINT,
    at TIMESTAMP NOT NULL,
    ip TEXT,
    user_agent TEXT
);
CREATE INDEX downloads_by_file ON downloads (file_id, id);
CREATE INDEX downloads_by_user ON downloads (username, id);
CREATE INDEX downloads_by_time ON downloads (at);
