ALTER TABLE projects DROP COLUMN held_reason;
ALTER TABLE projects DROP COLUMN held_status;
DROP TABLE prefix_holders;
DROP TABLE reserved_prefixes;
DROP TABLE site_flags;
DROP TABLE admin_acts;
