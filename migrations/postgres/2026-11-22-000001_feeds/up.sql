-- The feeds list what is newest.
CREATE INDEX projects_by_time ON projects (created_at, id);
CREATE INDEX releases_by_time ON releases (created_at, id);

-- Out of the metadata of releases, to find them by.
CREATE TABLE release_classifiers (
    release_id BIGINT NOT NULL REFERENCES releases (id) ON DELETE CASCADE,
    classifier TEXT NOT NULL,
    PRIMARY KEY (classifier, release_id)
);
CREATE INDEX release_classifiers_by_release ON release_classifiers (release_id);

INSERT INTO release_classifiers (release_id, classifier)
SELECT DISTINCT releases.id, TRIM(listed.value)
FROM releases,
    json_array_elements_text(releases.metadata::json -> 'fields' -> 'classifier') AS listed (value)
WHERE TRIM(listed.value) NOT IN ('', 'UNKNOWN');
