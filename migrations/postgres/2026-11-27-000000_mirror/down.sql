DROP TABLE mirror_changes;
DROP TABLE mirror_rules;
DROP TABLE mirror_files;
DROP TABLE mirror_pages;
