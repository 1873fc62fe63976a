-- Answers that identical requests get again. `key` is a digest of everything that the answer depends on.
CREATE TABLE results (
    key BLOB PRIMARY KEY,
    kept_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE INDEX results_by_age ON results (kept_at);
