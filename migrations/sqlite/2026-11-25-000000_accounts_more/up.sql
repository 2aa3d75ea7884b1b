-- Which administrator answers for an account for machines.
CREATE TABLE service_accounts (
    user_id BIGINT PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- NULL: somebody whose account is gone. Those that the operator made have no row.
    owner_id BIGINT REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX service_accounts_by_owner ON service_accounts (owner_id);
