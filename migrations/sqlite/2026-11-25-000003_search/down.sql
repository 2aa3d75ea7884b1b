DROP TABLE search_texts;
DROP TABLE search_heads;
DROP TABLE search_state;
DROP TABLE search_entries;
