-- First answers to requests with an Idempotency-Key. `request` is a digest of what was asked.
CREATE TABLE first_answers (
    organisation TEXT NOT NULL REFERENCES organisations (name),
    key TEXT NOT NULL,
    request BLOB NOT NULL,
    kept_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (organisation, key)
) STRICT;

CREATE INDEX first_answers_by_age ON first_answers (kept_at);
