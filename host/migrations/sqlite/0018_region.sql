-- Policies that are in force on every host: TOML, with the digest of what they said when they were put.
-- Times are Unix seconds.
CREATE TABLE policies (
    name TEXT PRIMARY KEY,
    text TEXT NOT NULL,
    digest TEXT NOT NULL,
    put_at INTEGER NOT NULL
) STRICT;

-- How often they were changed.
CREATE TABLE policy_turn (
    number INTEGER PRIMARY KEY CHECK (number = 1),
    turn INTEGER NOT NULL
) STRICT;

INSERT INTO policy_turn (number, turn) VALUES (1, 0);
