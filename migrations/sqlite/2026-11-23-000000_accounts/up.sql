-- What login in the browser needs: second factor, sessions, mailed links, limits, history.

-- The secret of the authenticator app, encrypted with the key of the index; NULL without one.
ALTER TABLE users ADD COLUMN totp_secret TEXT;
ALTER TABLE users ADD COLUMN totp_enabled_at TIMESTAMP;
-- The time step (30 seconds since 1970) of the last code that was taken: the next must be later.
ALTER TABLE users ADD COLUMN totp_last_step BIGINT;
ALTER TABLE users ADD COLUMN password_changed_at TIMESTAMP;
ALTER TABLE users ADD COLUMN last_login_at TIMESTAMP;
-- An account for machines: no address, no password, API tokens only.
ALTER TABLE users ADD COLUMN is_service BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE users SET password_changed_at = created_at WHERE password_hash IS NOT NULL;

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- SHA-256 of what the cookie carries.
    digest TEXT NOT NULL UNIQUE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TIMESTAMP NOT NULL,
    -- To the minute.
    last_seen_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    -- When the password was last typed in.
    confirmed_at TIMESTAMP NOT NULL,
    ip TEXT,
    user_agent TEXT,
    -- What pages keep for later ones, as JSON.
    data TEXT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- Browsers that need no second factor for a while.
CREATE TABLE remembered_devices (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    ip TEXT,
    user_agent TEXT
);
CREATE INDEX remembered_devices_by_user ON remembered_devices (user_id);
CREATE INDEX remembered_devices_by_end ON remembered_devices (expires_at);

CREATE TABLE recovery_codes (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Argon2id in PHC form; the codes of one set share their salt.
    hash TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP
);
CREATE INDEX recovery_codes_by_user ON recovery_codes (user_id);

-- Secrets that were handed out to be used once: mailed links, and the state between password and
-- second factor. A row goes when it is used.
CREATE TABLE links (
    digest TEXT NOT NULL PRIMARY KEY,
    -- verify-email, reset-password or second-factor.
    purpose TEXT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The address that it was mailed to.
    email_id BIGINT REFERENCES emails (id) ON DELETE CASCADE,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX links_by_user ON links (user_id);
CREATE INDEX links_by_email ON links (email_id);
CREATE INDEX links_by_end ON links (expires_at);

CREATE TABLE invitations (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    -- Whether it makes the first administrator of an index without accounts.
    first_admin BOOLEAN NOT NULL,
    -- NULL: the operator.
    created_by BIGINT REFERENCES users (id) ON DELETE SET NULL,
    note TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP,
    used_by BIGINT REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX invitations_by_creator ON invitations (created_by);
CREATE INDEX invitations_by_user ON invitations (used_by);
CREATE INDEX invitations_by_end ON invitations (expires_at);

CREATE TABLE security_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- The event stays when its account goes.
    user_id BIGINT REFERENCES users (id) ON DELETE SET NULL,
    username TEXT NOT NULL,
    tag TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    ip TEXT,
    user_agent TEXT,
    -- JSON.
    detail TEXT NOT NULL
);
CREATE INDEX security_events_by_user ON security_events (user_id, id);
CREATE INDEX security_events_by_tag ON security_events (tag, id);
CREATE INDEX security_events_by_time ON security_events (at);

-- How often something happened within a minute.
CREATE TABLE throttle (
    kind TEXT NOT NULL,
    -- Digest of whom or what is counted.
    key TEXT NOT NULL,
    minute TIMESTAMP NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (kind, key, minute)
);
CREATE INDEX throttle_by_time ON throttle (minute);
