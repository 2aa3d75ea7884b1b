DROP TABLE domain_totals;
DROP TABLE domains;
ALTER TABLE users DROP COLUMN tokens_suspended_at;
DROP INDEX emails_without_domain;
DROP INDEX emails_by_domain;
ALTER TABLE emails DROP COLUMN unverified_at;
ALTER TABLE emails DROP COLUMN domain;
