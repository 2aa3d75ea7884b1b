-- SQLite orders names by their bytes already; only PostgreSQL has to be told.
SELECT 1;
