-- A login writes as few pages as it can. Events are in about the order of their ids, by which the old ones
-- are found; sessions and counters are so few that all are looked at.
-- (In the order in which a login writes to these tables, so that neither waits for the other for good.)
LOCK TABLE throttle, sessions, security_events IN ACCESS EXCLUSIVE MODE;
DROP INDEX sessions_by_end;
DROP INDEX security_events_by_time;
DROP INDEX throttle_by_time;
-- Nearly all events are logins: whoever asks for them finds them among the last ones.
DROP INDEX security_events_by_tag;
CREATE INDEX security_events_by_tag ON security_events (tag, id) WHERE tag <> 'account:login:success';
