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

INSERT OR IGNORE INTO release_classifiers (release_id, classifier)
SELECT releases.id, TRIM(listed.value)
FROM releases, json_each(releases.metadata, '$.fields.classifier') AS listed
WHERE TRIM(listed.value) NOT IN ('', 'UNKNOWN');
