ALTER TABLE projects ALTER COLUMN normalized TYPE TEXT COLLATE "default";
