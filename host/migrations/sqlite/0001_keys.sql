-- Organisations, their API keys, and who changed what.
CREATE TABLE organisations (
    name TEXT PRIMARY KEY,
    plan TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Times are Unix seconds. `digest` is SHA-256 of the whole key. The lists are JSON arrays of texts; an
-- empty one does not restrict.
CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisations (name),
    digest BLOB NOT NULL,
    environment TEXT NOT NULL,
    scopes TEXT NOT NULL,
    endpoints TEXT NOT NULL,
    addresses TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    successor TEXT REFERENCES api_keys (id)
) STRICT;

CREATE TABLE audit (
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    subject TEXT NOT NULL
) STRICT;
