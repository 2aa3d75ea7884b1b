ALTER TABLE domain_totals DROP COLUMN collected_by;
