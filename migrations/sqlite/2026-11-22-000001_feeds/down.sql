DROP TABLE release_classifiers;
DROP INDEX releases_by_time;
DROP INDEX projects_by_time;
