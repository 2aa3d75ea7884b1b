-- The list of all projects is kept in stretches of names, so the database has to order names by
-- their bytes, whatever its locale.

ALTER TABLE projects ALTER COLUMN normalized TYPE TEXT COLLATE "C";
