-- Processes that do jobs. What one of them has taken up is its own until `lease_until` (Unix milliseconds),
-- which it puts off again and again.
CREATE TABLE hosts (
    id TEXT PRIMARY KEY,
    lease_until BIGINT NOT NULL
);

-- `host` is who has taken a job up. Jobs are taken up in the order of `turn`; `step` is how far each moves the
-- next turn of its organisation on.
ALTER TABLE jobs ADD COLUMN host TEXT;
ALTER TABLE jobs ADD COLUMN turn BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN step BIGINT NOT NULL DEFAULT 1;
UPDATE jobs SET state = 'queued' WHERE state = 'running';
UPDATE jobs SET step = 4 WHERE batch_id IS NOT NULL;

CREATE INDEX jobs_by_turn ON jobs (turn, number) WHERE state = 'queued';
CREATE INDEX jobs_by_step ON jobs (step, turn) WHERE state = 'queued';
CREATE INDEX jobs_of_organisation ON jobs (organisation, step, turn) WHERE state IN ('queued', 'running');

ALTER TABLE batches ADD COLUMN claim_host TEXT;
UPDATE batches SET claim_state = 'due' WHERE claim_state = 'running';

-- Who makes the next attempt of a delivery.
ALTER TABLE deliveries ADD COLUMN host TEXT;

CREATE INDEX deliveries_held ON deliveries (host) WHERE host IS NOT NULL;
