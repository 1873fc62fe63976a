-- What receivers are told. `previous` signs beside `secret` until `previous_until` (Unix seconds).
CREATE TABLE webhook_secrets (
    organisation TEXT PRIMARY KEY REFERENCES organisations (name),
    secret TEXT NOT NULL,
    previous TEXT,
    previous_until INTEGER
) STRICT;

-- `body` is sent byte for byte with every attempt. `tries` counts the attempts since it was last asked
-- for, `attempts` all. `next_at` is Unix milliseconds.
CREATE TABLE deliveries (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    organisation TEXT NOT NULL REFERENCES organisations (name),
    event TEXT NOT NULL,
    url TEXT NOT NULL,
    receiver TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX deliveries_due ON deliveries (next_at) WHERE state = 'pending';
CREATE INDEX deliveries_of_organisation ON deliveries (organisation, number);

-- `at` is Unix milliseconds; either `status` or `error` is there.
CREATE TABLE attempts (
    delivery TEXT NOT NULL REFERENCES deliveries (id),
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    status INTEGER,
    error TEXT,
    latency_ms INTEGER NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (delivery, number)
) STRICT;
