-- Yanked releases and files (PEP 592): NULL where it is not yanked, else the reason, which may be
-- empty. A file counts as yanked where it or its release is.

ALTER TABLE releases ADD COLUMN yanked TEXT;
ALTER TABLE files ADD COLUMN yanked TEXT;
