-- What a picture is recognised by, beside its analysis and as long as it. `body` is the whole fingerprint,
-- `digest` that of the file, `hash` the perceptual hash; its four quarters are looked up one by one.
CREATE TABLE fingerprints (
    number INTEGER PRIMARY KEY,
    request_id TEXT NOT NULL UNIQUE REFERENCES analyses (request_id) ON DELETE CASCADE,
    organisation TEXT NOT NULL,
    digest BLOB NOT NULL,
    hash INTEGER NOT NULL,
    quarter_a INTEGER NOT NULL,
    quarter_b INTEGER NOT NULL,
    quarter_c INTEGER NOT NULL,
    quarter_d INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

-- The look-up by quarters reads nothing but these.
CREATE INDEX fingerprints_of_organisation ON fingerprints (organisation);
CREATE INDEX fingerprints_by_digest ON fingerprints (organisation, digest);
CREATE INDEX fingerprints_by_quarter_a ON fingerprints (organisation, quarter_a, request_id, hash);
CREATE INDEX fingerprints_by_quarter_b ON fingerprints (organisation, quarter_b, request_id, hash);
CREATE INDEX fingerprints_by_quarter_c ON fingerprints (organisation, quarter_c, request_id, hash);
CREATE INDEX fingerprints_by_quarter_d ON fingerprints (organisation, quarter_d, request_id, hash);

-- What the digests of cameras' serial numbers are keyed with.
CREATE TABLE fingerprint_keys (
    organisation TEXT PRIMARY KEY REFERENCES organisations (name),
    key BLOB NOT NULL
) STRICT;

-- Answers kept by earlier versions have none: such a request is examined again.
DELETE FROM results;
ALTER TABLE results ADD COLUMN fingerprint BLOB;

-- A batch that is one claim: what is asked of it, JSON; `open` until its images are done, then `due`,
-- `running`, `made`; the claim, JSON.
ALTER TABLE batches ADD COLUMN claim_asked TEXT;
ALTER TABLE batches ADD COLUMN claim_state TEXT;
ALTER TABLE batches ADD COLUMN claim_attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE batches ADD COLUMN claim TEXT;

CREATE INDEX claims_to_make ON batches (claim_state) WHERE claim_state IN ('due', 'running');
