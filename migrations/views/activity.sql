-- How many events of each type and version there are, and where.

CREATE TABLE activity (
    type TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    events INTEGER NOT NULL,
    first_position INTEGER NOT NULL,
    last_position INTEGER NOT NULL,
    last_recorded_at INTEGER NOT NULL,
    PRIMARY KEY (type, schema_version)
) STRICT, WITHOUT ROWID;
