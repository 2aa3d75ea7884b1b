-- Mail domains that lapse: what is known of each, and what lost its verification by it.

-- The registrable domain of the address, in ASCII; empty where it has none; NULL until the sweep
-- has looked at it: SQL does not know the public suffixes.
ALTER TABLE emails ADD COLUMN domain TEXT;
-- When the address lost its verification.
ALTER TABLE emails ADD COLUMN unverified_at TIMESTAMP;
CREATE INDEX emails_by_domain ON emails (domain, verified_at);
CREATE INDEX emails_without_domain ON emails (id) WHERE domain IS NULL;
-- Since when the API tokens of an account stand still because of a lapsed domain.
ALTER TABLE users ADD COLUMN tokens_suspended_at TIMESTAMP;

-- The registrable domains of all addresses.
CREATE TABLE domains (
    name TEXT NOT NULL PRIMARY KEY,
    -- In which line it waits: 0 with the others, 1 to be asked again soon, 2 behind all others as
    -- it could not be asked, 3 trusted and never asked.
    queue BIGINT NOT NULL,
    -- In line 0: when its answer is too old; in line 1: not before then.
    next_due TIMESTAMP NOT NULL,
    -- When it was last asked, and when there was an answer.
    asked_at TIMESTAMP,
    answered_at TIMESTAMP,
    -- The last answer in the provider's own words.
    said TEXT,
    -- What that means: held, lapsed, doubtful or not-checkable.
    finding TEXT,
    registered_at TIMESTAMP,
    -- When the doubts began that have not been dispelled since.
    doubtful_since TIMESTAMP,
    -- How often in a row it could not be asked, and why.
    failures BIGINT NOT NULL,
    last_error TEXT,
    -- What must still be done about its addresses: lapsed or changed-hands.
    verdict TEXT,
    -- Since when the brake keeps that from being done.
    held_back_at TIMESTAMP,
    -- What was done last, in words, and when.
    acted_at TIMESTAMP,
    action TEXT
);
CREATE INDEX domains_by_due ON domains (queue, next_due, name);
CREATE INDEX domains_by_answer ON domains (answered_at);
CREATE INDEX domains_by_verdict ON domains (name) WHERE verdict IS NOT NULL;

-- One row: what sweeps have done so far, in all.
CREATE TABLE domain_totals (
    id BIGINT NOT NULL PRIMARY KEY,
    asked BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    unverified BIGINT NOT NULL
);
INSERT INTO domain_totals (id, asked, failed, unverified) VALUES (1, 0, 0, 0);
