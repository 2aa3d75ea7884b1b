-- Which version found out the registrable domains of the addresses: another one brings another
-- public suffix list, and looks at all of them again.
ALTER TABLE domain_totals ADD COLUMN collected_by TEXT;
