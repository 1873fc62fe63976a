-- Who is signed in at the dashboard. `digest` is SHA-256 of the session's token, which only the browser
-- has; times are Unix seconds.
CREATE TABLE sessions (
    digest BLOB PRIMARY KEY,
    key_id TEXT NOT NULL REFERENCES api_keys (id),
    made_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL
) STRICT;
