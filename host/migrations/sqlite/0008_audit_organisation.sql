-- Whom an act is about; NULL for acts of earlier versions.
ALTER TABLE audit ADD COLUMN organisation TEXT;
