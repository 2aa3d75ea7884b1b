DROP TABLE mirror_digests;
