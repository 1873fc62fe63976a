-- What was accepted to be done later. Times are Unix seconds.
CREATE TABLE batches (
    batch_id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisations (name),
    reference_id TEXT,
    webhook_url TEXT,
    total INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL
) STRICT;

-- One image each. `number` is the order of acceptance, `finished` the place in the order of completion
-- within the batch, `task` what is asked, `outcome` the verdict or the error (both JSON).
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY,
    request_id TEXT NOT NULL UNIQUE,
    organisation TEXT NOT NULL REFERENCES organisations (name),
    batch_id TEXT REFERENCES batches (batch_id),
    reference_id TEXT,
    webhook_url TEXT,
    task TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    accepted_at INTEGER NOT NULL,
    finished INTEGER,
    label TEXT,
    outcome TEXT
) STRICT;

CREATE INDEX jobs_to_do ON jobs (state, number) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_of_batch ON jobs (batch_id, finished);

ALTER TABLE first_answers ADD COLUMN status INTEGER NOT NULL DEFAULT 200;

-- Where in the picture, JSON, for drawing it later.
ALTER TABLE analyses ADD COLUMN localisation TEXT;
ALTER TABLE results ADD COLUMN localisation TEXT;
