-- Where in the picture, packed (`analysis::stored_localisation`); `localisation` is its JSON of earlier versions.
ALTER TABLE analyses ADD COLUMN localised BLOB;
ALTER TABLE results ADD COLUMN localised BLOB;
