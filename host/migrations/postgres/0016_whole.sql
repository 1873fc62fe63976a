-- Everything that the migrations of SQLite up to 0016 make, in PostgreSQL; what the columns mean stands there.
-- Later numbers mean the same on both engines. Texts that are put in order are ordered by their bytes, as
-- SQLite does.

-- Lists are read in the same words as on SQLite: values that are bound are arrays here, kept lists are JSON.
CREATE FUNCTION json_each(list TEXT[]) RETURNS TABLE (value TEXT)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT unnest(list)';
CREATE FUNCTION json_each(list BIGINT[]) RETURNS TABLE (value BIGINT)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT unnest(list)';
CREATE FUNCTION json_each(list TEXT) RETURNS TABLE (value JSON)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT json_array_elements(list::json)';

-- A text in a JSON object of objects; NULL where there is none or the whole is no JSON. A NUL anywhere in it is
-- read as U+FFFD, since there is no text with a NUL here.
CREATE FUNCTION json_text(body TEXT, VARIADIC path TEXT[]) RETURNS TEXT
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN body::json #>> path;
EXCEPTION WHEN OTHERS THEN
    BEGIN
        RETURN replace(body, '\u0000', '\ufffd')::json #>> path;
    EXCEPTION WHEN OTHERS THEN
        RETURN NULL;
    END;
END $$;

CREATE TABLE organisations (
    name TEXT PRIMARY KEY,
    plan TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE api_keys (
    rowid BIGINT GENERATED ALWAYS AS IDENTITY,
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisations (name),
    digest BYTEA NOT NULL,
    environment TEXT NOT NULL,
    scopes TEXT NOT NULL,
    endpoints TEXT NOT NULL,
    addresses TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    successor TEXT REFERENCES api_keys (id)
);

CREATE TABLE usage (
    organisation TEXT NOT NULL REFERENCES organisations (name),
    day BIGINT NOT NULL,
    images BIGINT NOT NULL,
    PRIMARY KEY (organisation, day)
);

CREATE TABLE analyses (
    request_id TEXT COLLATE "C" PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisations (name),
    finished_at BIGINT NOT NULL,
    body TEXT NOT NULL,
    localisation TEXT,
    derivation TEXT,
    label TEXT GENERATED ALWAYS AS (json_text(body, 'verdict', 'label')) STORED,
    risk_level TEXT GENERATED ALWAYS AS (json_text(body, 'verdict', 'risk_level')) STORED,
    reference_id TEXT COLLATE "C" GENERATED ALWAYS AS (json_text(body, 'reference_id')) STORED,
    sha256 TEXT GENERATED ALWAYS AS (json_text(body, 'image_info', 'sha256')) STORED
);

CREATE INDEX analyses_by_time ON analyses (organisation, finished_at, request_id, label, risk_level);
CREATE INDEX analyses_by_reference ON analyses (organisation, reference_id) WHERE reference_id IS NOT NULL;
CREATE INDEX analyses_by_picture ON analyses (organisation, sha256);

CREATE TABLE results (
    key BYTEA PRIMARY KEY,
    kept_at BIGINT NOT NULL,
    body TEXT NOT NULL,
    localisation TEXT,
    first TEXT NOT NULL DEFAULT '',
    derivation TEXT,
    fingerprint BYTEA
);

CREATE INDEX results_by_age ON results (kept_at);

CREATE TABLE first_answers (
    organisation TEXT NOT NULL REFERENCES organisations (name),
    key TEXT NOT NULL,
    request BYTEA NOT NULL,
    kept_at BIGINT NOT NULL,
    body TEXT NOT NULL,
    status BIGINT NOT NULL DEFAULT 200,
    PRIMARY KEY (organisation, key)
);

CREATE INDEX first_answers_by_age ON first_answers (kept_at);

CREATE TABLE batches (
    rowid BIGINT GENERATED ALWAYS AS IDENTITY,
    batch_id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisations (name),
    reference_id TEXT,
    webhook_url TEXT,
    total BIGINT NOT NULL,
    accepted_at BIGINT NOT NULL,
    claim_asked TEXT,
    claim_state TEXT,
    claim_attempts BIGINT NOT NULL DEFAULT 0,
    claim TEXT
);

CREATE INDEX batches_of_organisation ON batches (organisation, rowid);
CREATE INDEX claims_to_make ON batches (claim_state) WHERE claim_state IN ('due', 'running');

CREATE TABLE jobs (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id TEXT NOT NULL UNIQUE,
    organisation TEXT NOT NULL REFERENCES organisations (name),
    batch_id TEXT REFERENCES batches (batch_id),
    reference_id TEXT,
    webhook_url TEXT,
    task TEXT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    accepted_at BIGINT NOT NULL,
    finished BIGINT,
    label TEXT COLLATE "C",
    outcome TEXT
);

CREATE INDEX jobs_to_do ON jobs (state, number) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_of_batch ON jobs (batch_id, finished);

CREATE TABLE webhook_secrets (
    organisation TEXT PRIMARY KEY REFERENCES organisations (name),
    secret TEXT NOT NULL,
    previous TEXT,
    previous_until BIGINT
);

CREATE TABLE deliveries (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    organisation TEXT NOT NULL REFERENCES organisations (name),
    event TEXT NOT NULL,
    url TEXT NOT NULL,
    receiver TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    tries BIGINT NOT NULL DEFAULT 0,
    attempts BIGINT NOT NULL DEFAULT 0,
    next_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX deliveries_due ON deliveries (next_at) WHERE state = 'pending';
CREATE INDEX deliveries_of_organisation ON deliveries (organisation, number);

CREATE TABLE attempts (
    delivery TEXT NOT NULL REFERENCES deliveries (id),
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    status BIGINT,
    error TEXT,
    latency_ms BIGINT NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (delivery, number)
);

CREATE TABLE repeats (
    organisation TEXT NOT NULL,
    moment TEXT NOT NULL,
    names TEXT NOT NULL,
    finished_at BIGINT NOT NULL
);

CREATE INDEX repeats_by_moment ON repeats (moment, organisation);

CREATE TABLE audit_log (
    number BIGINT PRIMARY KEY,
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    organisation TEXT,
    detail TEXT NOT NULL,
    previous BYTEA NOT NULL,
    hash BYTEA NOT NULL
);

CREATE INDEX audit_log_of_administration ON audit_log (organisation, number) WHERE kind = 'administration';

CREATE FUNCTION audit_log_only_grows() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log only grows';
END $$;

CREATE FUNCTION audit_log_grows_at_its_end() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.number <> (SELECT COALESCE(MAX(number), 0) + 1 FROM audit_log) THEN
        RAISE EXCEPTION 'the audit log grows at its end';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER audit_log_is_not_changed BEFORE UPDATE ON audit_log
FOR EACH ROW EXECUTE FUNCTION audit_log_only_grows();

CREATE TRIGGER audit_log_is_not_shortened BEFORE DELETE ON audit_log
FOR EACH ROW EXECUTE FUNCTION audit_log_only_grows();

CREATE TRIGGER audit_log_is_not_emptied BEFORE TRUNCATE ON audit_log
FOR EACH STATEMENT EXECUTE FUNCTION audit_log_only_grows();

CREATE TRIGGER audit_log_grows_at_its_end BEFORE INSERT ON audit_log
FOR EACH ROW EXECUTE FUNCTION audit_log_grows_at_its_end();

CREATE TABLE trial (
    number BIGINT PRIMARY KEY CHECK (number = 1),
    turn BIGINT NOT NULL
);

CREATE TABLE sessions (
    digest BYTEA PRIMARY KEY,
    key_id TEXT NOT NULL REFERENCES api_keys (id),
    made_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL
);

CREATE TABLE fingerprints (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id TEXT NOT NULL UNIQUE REFERENCES analyses (request_id) ON DELETE CASCADE,
    organisation TEXT NOT NULL,
    digest BYTEA NOT NULL,
    hash BIGINT NOT NULL,
    quarter_a BIGINT NOT NULL,
    quarter_b BIGINT NOT NULL,
    quarter_c BIGINT NOT NULL,
    quarter_d BIGINT NOT NULL,
    body BYTEA NOT NULL
);

CREATE INDEX fingerprints_of_organisation ON fingerprints (organisation, number);
CREATE INDEX fingerprints_by_digest ON fingerprints (organisation, digest);
CREATE INDEX fingerprints_by_quarter_a ON fingerprints (organisation, quarter_a) INCLUDE (request_id, hash);
CREATE INDEX fingerprints_by_quarter_b ON fingerprints (organisation, quarter_b) INCLUDE (request_id, hash);
CREATE INDEX fingerprints_by_quarter_c ON fingerprints (organisation, quarter_c) INCLUDE (request_id, hash);
CREATE INDEX fingerprints_by_quarter_d ON fingerprints (organisation, quarter_d) INCLUDE (request_id, hash);

CREATE TABLE fingerprint_keys (
    organisation TEXT PRIMARY KEY REFERENCES organisations (name),
    key BYTEA NOT NULL
);
