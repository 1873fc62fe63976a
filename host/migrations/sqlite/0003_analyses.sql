-- Finished analyses; `body` is the answer as it was sent.
CREATE TABLE analyses (
    request_id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisations (name),
    finished_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE INDEX analyses_of_organisation ON analyses (organisation, finished_at);
