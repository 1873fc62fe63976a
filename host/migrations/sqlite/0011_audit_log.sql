-- Acts and analyses in one chain: `hash` is SHA-256 of an entry's canonical form, in which `previous`, the
-- hash of the entry before, stands. Numbers are 1, 2, 3 without a gap. Times are Unix seconds.
CREATE TABLE audit_log (
    number INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    organisation TEXT,
    detail TEXT NOT NULL,
    previous BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;

CREATE INDEX audit_log_of_administration ON audit_log (organisation, number) WHERE kind = 'administration';

CREATE TRIGGER audit_log_is_not_changed BEFORE UPDATE ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;

CREATE TRIGGER audit_log_is_not_shortened BEFORE DELETE ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;

CREATE TRIGGER audit_log_grows_at_its_end BEFORE INSERT ON audit_log
WHEN NEW.number <> (SELECT COALESCE(MAX(number), 0) + 1 FROM audit_log)
BEGIN SELECT RAISE(ABORT, 'the audit log grows at its end'); END;

-- The table `audit` of earlier versions is taken over by the program, which can hash, and is empty then.
