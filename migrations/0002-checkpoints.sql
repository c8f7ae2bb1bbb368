-- Heads of the log that its key has signed, as C2SP signed notes. One that was handed out stands for ever.

CREATE TABLE checkpoints (
    size INTEGER PRIMARY KEY CHECK (size > 0),   -- events that it covers
    signed_at INTEGER NOT NULL,                  -- microseconds since 1970-01-01 UTC
    note TEXT NOT NULL
) STRICT;

CREATE TRIGGER checkpoints_no_replace BEFORE INSERT ON checkpoints
WHEN EXISTS (SELECT 1 FROM checkpoints WHERE size = NEW.size)
BEGIN
    SELECT RAISE(ABORT, 'checkpoints are never replaced');
END;

CREATE TRIGGER checkpoints_no_update BEFORE UPDATE ON checkpoints
BEGIN
    SELECT RAISE(ABORT, 'checkpoints are never updated');
END;

CREATE TRIGGER checkpoints_no_delete BEFORE DELETE ON checkpoints
BEGIN
    SELECT RAISE(ABORT, 'checkpoints are never deleted');
END;
