-- Answers that were given again under other names: whose result it is, and the client's own name for it.
CREATE TABLE repeats (
    request_id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL,
    first TEXT NOT NULL,
    reference_id TEXT,
    finished_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A kept result is from now on everything behind the two names of its first answer.
DELETE FROM results;
ALTER TABLE results ADD COLUMN first TEXT NOT NULL DEFAULT '';
