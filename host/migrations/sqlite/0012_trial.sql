-- One row that is written to see whether the database can be.
CREATE TABLE trial (
    number INTEGER PRIMARY KEY CHECK (number = 1),
    turn INTEGER NOT NULL
) STRICT;
