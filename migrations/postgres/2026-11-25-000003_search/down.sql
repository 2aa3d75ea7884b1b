DROP TABLE search_tokens;
DROP TABLE search_state;
DROP TABLE search_entries;
