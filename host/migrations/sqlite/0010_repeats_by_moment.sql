-- Names of answers given again, those of an organisation's moment in one row: [request, first, reference].
CREATE TABLE moments (
    organisation TEXT NOT NULL,
    moment TEXT NOT NULL,
    names TEXT NOT NULL,
    finished_at INTEGER NOT NULL
) STRICT;

INSERT INTO moments (organisation, moment, names, finished_at)
SELECT organisation, substr(request_id, 1, 14), json_group_array(json_array(request_id, first, reference_id)),
    max(finished_at)
FROM repeats GROUP BY organisation, substr(request_id, 1, 14);

DROP TABLE repeats;
ALTER TABLE moments RENAME TO repeats;
CREATE INDEX repeats_by_moment ON repeats (organisation, moment);
