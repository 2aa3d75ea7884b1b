-- A login writes as few pages as it can. Events are in about the order of their ids, by which the old ones
-- are found; sessions and counters are so few that all are looked at.
DROP INDEX sessions_by_end;
DROP INDEX security_events_by_time;
DROP INDEX throttle_by_time;
-- Nearly all events are logins: whoever asks for them finds them among the last ones.
DROP INDEX security_events_by_tag;
CREATE INDEX security_events_by_tag ON security_events (tag, id) WHERE tag <> 'account:login:success';

-- The same table, kept in the order of its key and not in another one beside.
CREATE TABLE throttle_kept (
    kind TEXT NOT NULL,
    -- Digest of whom or what is counted.
    key TEXT NOT NULL,
    minute TIMESTAMP NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (kind, key, minute)
) WITHOUT ROWID;
INSERT INTO throttle_kept (kind, key, minute, count) SELECT kind, key, minute, count FROM throttle;
DROP TABLE throttle;
ALTER TABLE throttle_kept RENAME TO throttle;
