-- What files had as SHA-256 when they were first fetched from an index that names no digest. It is
-- held to from then on, also when the bytes have left to make room.
CREATE TABLE mirror_digests (
    -- What stands behind `/packages/` in the URL.
    path TEXT NOT NULL PRIMARY KEY,
    sha256 TEXT NOT NULL
);
