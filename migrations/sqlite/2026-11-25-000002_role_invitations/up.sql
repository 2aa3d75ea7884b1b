-- Invitations to a role in a project, and for whom the names of deleted projects are kept.

CREATE TABLE role_invitations (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    -- Who is invited: an account, or whoever has an address.
    user_id BIGINT REFERENCES users (id) ON DELETE CASCADE,
    address TEXT,
    -- In lower case.
    address_key TEXT,
    -- Owner or Maintainer.
    role TEXT NOT NULL,
    invited_by BIGINT REFERENCES users (id) ON DELETE SET NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    UNIQUE (project_id, user_id),
    UNIQUE (project_id, address_key)
);
CREATE INDEX role_invitations_by_user ON role_invitations (user_id);
CREATE INDEX role_invitations_by_address ON role_invitations (address_key);
CREATE INDEX role_invitations_by_inviter ON role_invitations (invited_by);
CREATE INDEX role_invitations_by_end ON role_invitations (expires_at);

-- Names of projects that were deleted, until somebody who may creates them anew.
CREATE TABLE former_projects (
    normalized TEXT NOT NULL PRIMARY KEY,
    deleted_at TIMESTAMP NOT NULL
);

-- Who may, beside administrators: its owners at the end.
CREATE TABLE former_owners (
    normalized TEXT NOT NULL REFERENCES former_projects (normalized) ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (normalized, user_id)
);
CREATE INDEX former_owners_by_user ON former_owners (user_id);
