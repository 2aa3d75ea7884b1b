CREATE INDEX sessions_by_end ON sessions (expires_at);
CREATE INDEX security_events_by_time ON security_events (at);
CREATE INDEX throttle_by_time ON throttle (minute);
DROP INDEX security_events_by_tag;
CREATE INDEX security_events_by_tag ON security_events (tag, id);
