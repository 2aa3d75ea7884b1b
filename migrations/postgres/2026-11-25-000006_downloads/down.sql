DROP TABLE downloads;
DROP TABLE download_sums;
DROP TABLE download_days;
DROP TABLE download_files;
