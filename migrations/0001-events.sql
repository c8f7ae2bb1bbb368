-- The log: one row an event, appended and never touched again.

CREATE TABLE events (
    position INTEGER PRIMARY KEY,            -- gapless from 1; commit order is position order
    event_id BLOB NOT NULL UNIQUE CHECK (length(event_id) = 16),
    stream TEXT NOT NULL,
    revision INTEGER NOT NULL CHECK (revision > 0),
    type TEXT NOT NULL,
    schema_version INTEGER NOT NULL CHECK (schema_version > 0),
    recorded_at INTEGER NOT NULL,            -- microseconds since 1970-01-01 UTC
    actor TEXT NOT NULL,
    causation INTEGER CHECK (causation < position),
    correlation INTEGER CHECK (correlation <= position),
    salt BLOB NOT NULL CHECK (length(salt) = 16),
    payload TEXT NOT NULL,                   -- canonical JSON
    leaf BLOB NOT NULL CHECK (length(leaf) = 32),
    UNIQUE (stream, revision)
) STRICT;

CREATE TRIGGER events_gapless BEFORE INSERT ON events
WHEN NEW.position IS NOT (SELECT ifnull(max(position), 0) + 1 FROM events)
BEGIN
    SELECT RAISE(ABORT, 'events are appended without gaps');
END;

-- INSERT OR REPLACE would delete the row that is in the way, and no delete trigger would fire.
CREATE TRIGGER events_no_replace BEFORE INSERT ON events
WHEN EXISTS (SELECT 1 FROM events WHERE event_id = NEW.event_id)
    OR EXISTS (SELECT 1 FROM events WHERE stream = NEW.stream AND revision = NEW.revision)
BEGIN
    SELECT RAISE(ABORT, 'events are never replaced');
END;

CREATE TRIGGER events_no_update BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'events are never updated');
END;

CREATE TRIGGER events_no_delete BEFORE DELETE ON events
BEGIN
    SELECT RAISE(ABORT, 'events are never deleted');
END;

-- Roots of the complete subtrees of 256, 65536, … leaves. What lies between them is hashed again from at most 255
-- nodes a level, so the tree costs the log one row in 255 and an append no read.

CREATE TABLE merkle_nodes (
    level INTEGER NOT NULL CHECK (level > 0 AND level % 8 = 0),
    number INTEGER NOT NULL,                 -- covers the leaves number << level up to the next one's
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, number)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER merkle_nodes_no_replace BEFORE INSERT ON merkle_nodes
WHEN EXISTS (SELECT 1 FROM merkle_nodes WHERE level = NEW.level AND number = NEW.number)
BEGIN
    SELECT RAISE(ABORT, 'tree nodes are never replaced');
END;

CREATE TRIGGER merkle_nodes_no_update BEFORE UPDATE ON merkle_nodes
BEGIN
    SELECT RAISE(ABORT, 'tree nodes are never updated');
END;

CREATE TRIGGER merkle_nodes_no_delete BEFORE DELETE ON merkle_nodes
BEGIN
    SELECT RAISE(ABORT, 'tree nodes are never deleted');
END;
