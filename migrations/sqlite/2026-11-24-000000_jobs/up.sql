-- Periodic jobs: who may run which, and what became of each run. Mails on their way.

-- A row for each job that ever ran.
CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    -- Who runs the job; NULL: nobody.
    holder TEXT,
    -- Grows with every run: what a runner writes counts only while this is still its own.
    fencing BIGINT NOT NULL,
    -- From then on another one may take over; its holder moves it while it lives.
    expires_at TIMESTAMP NOT NULL
);

CREATE TABLE job_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    job TEXT NOT NULL,
    holder TEXT NOT NULL,
    -- That of the lease under which it runs.
    fencing BIGINT NOT NULL,
    started_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    -- done, failed, stopped or died; NULL while it runs.
    result TEXT,
    -- What was done, or what went wrong, in words.
    detail TEXT
);
CREATE INDEX job_runs_by_job ON job_runs (job, started_at);

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- NULL once it is sent: links in it are secrets.
    body TEXT,
    -- The same at every try, so that a mail that arrives twice is known as one.
    message_id TEXT NOT NULL,
    queued_at TIMESTAMP NOT NULL,
    attempts BIGINT NOT NULL,
    -- When it is tried next; NULL: never, as it is sent or given up.
    next_at TIMESTAMP,
    sent_at TIMESTAMP,
    failed_at TIMESTAMP,
    -- What went wrong the last time.
    last_error TEXT
);
CREATE INDEX outbox_by_next ON outbox (next_at);
