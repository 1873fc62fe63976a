-- Where in the picture, packed (`analysis::stored_localisation`); `localisation` is its JSON of earlier versions.
ALTER TABLE analyses ADD COLUMN localised BYTEA;
ALTER TABLE results ADD COLUMN localised BYTEA;

-- It is packed already.
ALTER TABLE analyses ALTER COLUMN localised SET STORAGE EXTERNAL;
ALTER TABLE results ALTER COLUMN localised SET STORAGE EXTERNAL;
