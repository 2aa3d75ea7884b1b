CREATE TABLE throttle_kept (
    kind TEXT NOT NULL,
    -- Digest of whom or what is counted.
    key TEXT NOT NULL,
    minute TIMESTAMP NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (kind, key, minute)
);
INSERT INTO throttle_kept (kind, key, minute, count) SELECT kind, key, minute, count FROM throttle;
DROP TABLE throttle;
ALTER TABLE throttle_kept RENAME TO throttle;
CREATE INDEX sessions_by_end ON sessions (expires_at);
CREATE INDEX security_events_by_time ON security_events (at);
CREATE INDEX throttle_by_time ON throttle (minute);
DROP INDEX security_events_by_tag;
CREATE INDEX security_events_by_tag ON security_events (tag, id);
