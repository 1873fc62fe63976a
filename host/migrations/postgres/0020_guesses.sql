-- How far ahead of the clock unknown keys have put the address that sent them (Unix milliseconds).
CREATE UNLOGGED TABLE guesses (
    address TEXT PRIMARY KEY,
    paid_off BIGINT NOT NULL
);

CREATE INDEX guesses_by_time ON guesses (paid_off);
