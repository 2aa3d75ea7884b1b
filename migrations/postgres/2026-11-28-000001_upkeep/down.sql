DROP TABLE unused_copies;
DROP TABLE schema_level;
