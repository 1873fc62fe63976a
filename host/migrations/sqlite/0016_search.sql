-- What analyses are looked for by, out of their answers. What is no JSON has none of it.
ALTER TABLE analyses ADD COLUMN label TEXT
    AS (CASE WHEN json_valid(body) THEN body ->> '$.verdict.label' END);
ALTER TABLE analyses ADD COLUMN risk_level TEXT
    AS (CASE WHEN json_valid(body) THEN body ->> '$.verdict.risk_level' END);
ALTER TABLE analyses ADD COLUMN reference_id TEXT
    AS (CASE WHEN json_valid(body) THEN body ->> '$.reference_id' END);
ALTER TABLE analyses ADD COLUMN sha256 TEXT
    AS (CASE WHEN json_valid(body) THEN body ->> '$.image_info.sha256' END);

-- Whoever filters a list reads this and no answer.
CREATE INDEX analyses_by_time ON analyses (organisation, finished_at, request_id, label, risk_level);
DROP INDEX analyses_of_organisation;
CREATE INDEX analyses_by_reference ON analyses (organisation, reference_id)
    WHERE reference_id IS NOT NULL;
CREATE INDEX analyses_by_picture ON analyses (organisation, sha256);

CREATE INDEX batches_of_organisation ON batches (organisation);
