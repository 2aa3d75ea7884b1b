-- Accounts, projects, releases, files, and the journal of every change that a reader can see.

CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    username TEXT NOT NULL,
    -- Lower case: names are unique without regard to case.
    username_key TEXT NOT NULL UNIQUE,
    full_name TEXT NOT NULL,
    -- Argon2id in PHC form; NULL where the account has no password.
    password_hash TEXT,
    is_admin BOOLEAN NOT NULL,
    disabled_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE emails (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    address_key TEXT NOT NULL UNIQUE,
    is_primary BOOLEAN NOT NULL,
    verified_at TIMESTAMP,
    unverify_reason TEXT,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX emails_by_user ON emails (user_id);
CREATE UNIQUE INDEX emails_one_primary ON emails (user_id) WHERE is_primary;

CREATE TABLE projects (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- As its owner spells it.
    name TEXT NOT NULL,
    normalized TEXT NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL,
    -- Serial of the last journal row about this project.
    last_serial BIGINT NOT NULL,
    -- Equal for names that people take for one another.
    confusable TEXT NOT NULL,
    -- active, archived or quarantined (PEP 792), and why.
    status TEXT NOT NULL,
    status_reason TEXT,
    -- Bytes; NULL: what the configuration says.
    max_file_size BIGINT,
    max_project_size BIGINT
);
CREATE INDEX projects_by_confusable ON projects (confusable);
CREATE INDEX projects_by_serial ON projects (last_serial);

CREATE TABLE roles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Owner or Maintainer.
    role TEXT NOT NULL,
    UNIQUE (project_id, user_id)
);
CREATE INDEX roles_by_user ON roles (user_id);

CREATE TABLE tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    label TEXT NOT NULL,
    -- SHA-256 of the token.
    digest TEXT NOT NULL UNIQUE,
    -- upload (which may read too) or read.
    scope TEXT NOT NULL,
    -- Whether it speaks for all projects of its account, or for those in token_projects only.
    all_projects BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP,
    expires_at TIMESTAMP,
    revoked_at TIMESTAMP
);
CREATE INDEX tokens_by_user ON tokens (user_id);

CREATE TABLE token_projects (
    token_id BIGINT NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
    -- The project itself and not its name: a later project of the same name is not covered.
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    PRIMARY KEY (token_id, project_id)
);

CREATE TABLE releases (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    -- Normal form as in the file that made the release.
    version TEXT NOT NULL,
    -- Equal for equal versions: 1.0 and 1.0.0 are one release.
    version_key TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    -- Core metadata as JSON, and the package type of the file it was read from: a release's first
    -- wheel, else its source distribution.
    metadata TEXT NOT NULL,
    metadata_from TEXT NOT NULL,
    -- Out of the metadata, for lists.
    summary TEXT NOT NULL,
    UNIQUE (project_id, version_key)
);

CREATE TABLE files (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    release_id BIGINT NOT NULL REFERENCES releases (id) ON DELETE CASCADE,
    filename TEXT NOT NULL UNIQUE,
    package_type TEXT NOT NULL,
    python_version TEXT NOT NULL,
    requires_python TEXT,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    md5 TEXT NOT NULL,
    -- Address of the bytes in storage and in URLs.
    blake2_256 TEXT NOT NULL,
    -- The METADATA of a wheel, served beside it: its address in storage and its SHA-256.
    metadata_blake2_256 TEXT,
    metadata_sha256 TEXT,
    uploaded_at TIMESTAMP NOT NULL,
    uploaded_by BIGINT REFERENCES users (id) ON DELETE SET NULL,
    -- token, password or import.
    uploaded_via TEXT NOT NULL
);
CREATE INDEX files_by_release ON files (release_id);
CREATE INDEX files_by_blake2 ON files (blake2_256);
CREATE INDEX files_by_metadata ON files (metadata_blake2_256);

-- Every file name that was ever published, also after its file is gone: never to be used again.
CREATE TABLE file_names (
    filename TEXT NOT NULL PRIMARY KEY,
    -- Normalized name of its project, which may be gone.
    project TEXT NOT NULL,
    first_used_at TIMESTAMP NOT NULL
);

-- Names that no new project may have.
CREATE TABLE prohibited_names (
    normalized TEXT NOT NULL PRIMARY KEY,
    reason TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE journal (
    -- Strictly increasing in the order of commits, without gaps.
    serial BIGINT NOT NULL PRIMARY KEY,
    project TEXT NOT NULL,
    normalized TEXT NOT NULL,
    version TEXT,
    action TEXT NOT NULL,
    actor TEXT,
    at TIMESTAMP NOT NULL
);
CREATE INDEX journal_by_project ON journal (normalized, serial);

-- One row: the last serial. Taken as the last statement of a transaction, its lock puts serials
-- into the order of commits.
CREATE TABLE journal_counter (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    last_serial BIGINT NOT NULL
);
INSERT INTO journal_counter (id, last_serial) VALUES (1, 0);
