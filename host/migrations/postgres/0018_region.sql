-- Policies that are in force on every host: TOML, with the digest of what they said when they were put.
-- Times are Unix seconds.
CREATE TABLE policies (
    name TEXT PRIMARY KEY,
    text TEXT NOT NULL,
    digest TEXT NOT NULL,
    put_at BIGINT NOT NULL
);

-- How often they were changed.
CREATE TABLE policy_turn (
    number BIGINT PRIMARY KEY CHECK (number = 1),
    turn BIGINT NOT NULL
);

INSERT INTO policy_turn (number, turn) VALUES (1, 0);

-- What is of no use after a crash of the server is not written to its log.

-- Requests of organisations in one minute (Unix seconds / 60).
CREATE UNLOGGED TABLE minutes (
    organisation TEXT PRIMARY KEY,
    minute BIGINT NOT NULL,
    requests BIGINT NOT NULL
);

-- Which host works on what only one may work on at a time, and until when (Unix milliseconds).
CREATE UNLOGGED TABLE host_turns (
    key BYTEA PRIMARY KEY,
    host TEXT NOT NULL,
    number BIGINT NOT NULL,
    until BIGINT NOT NULL
);

CREATE INDEX host_turns_of_host ON host_turns (host);
