-- Images that an organisation has submitted on a day (days since 1970-01-01, UTC).
CREATE TABLE usage (
    organisation TEXT NOT NULL REFERENCES organisations (name),
    day INTEGER NOT NULL,
    images INTEGER NOT NULL,
    PRIMARY KEY (organisation, day)
) STRICT;
