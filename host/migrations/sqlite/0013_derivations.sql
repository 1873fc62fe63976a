-- What a verdict can be re-derived from, JSON: the detectors' answers to the last bit, what was asked and
-- the decoder's revision. NULL for analyses of earlier versions.
ALTER TABLE analyses ADD COLUMN derivation TEXT;
ALTER TABLE results ADD COLUMN derivation TEXT;
