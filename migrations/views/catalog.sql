-- What there is, where it came from, and what is to be done: the tables that stages take their work from and that
-- people query. Columns that end in _position name the event that set them.

-- One row a version of a key. Its id is a hash: a table in the order of ids would be written to at another place for each
-- object, as would the indexes that hold the id; this one and they are in the order of events.
CREATE TABLE objects (
    id TEXT PRIMARY KEY,
    key_id INTEGER NOT NULL REFERENCES keys (id),
    version TEXT NOT NULL,
    size INTEGER NOT NULL,
    modified_at INTEGER,                     -- as the source says, microseconds since 1970-01-01 UTC
    etag TEXT,
    version_id TEXT,
    sequencer TEXT,
    announced_by TEXT,
    observed_at INTEGER NOT NULL,            -- when it was recorded last, microseconds
    state TEXT NOT NULL,                     -- observed, fetched, derived, quarantined, superseded, removed
    sha256 BLOB,
    waits INTEGER NOT NULL DEFAULT 0,        -- 1 while its content is to be derived under its partition's recipe
    wants INTEGER REFERENCES derivations (number), -- what it waits for, or waited for last
    revision INTEGER NOT NULL DEFAULT 0,     -- newest of its stream
    reason TEXT,                             -- of the quarantine
    message TEXT,
    failed_stage TEXT,                       -- that gave up on it
    dismissed_position INTEGER,              -- of the quarantine's dismissal
    observed_position INTEGER NOT NULL,
    fetched_position INTEGER,
    validated_position INTEGER,
    ended_position INTEGER,                  -- quarantined, superseded or removed
    ended_at INTEGER,                        -- when that was recorded, microseconds
    removed_at INTEGER,                      -- as the source says, microseconds
    removed_sequencer TEXT
) STRICT;
CREATE INDEX objects_by_key ON objects (key_id, observed_position);
CREATE INDEX objects_by_content ON objects (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX objects_by_derivation ON objects (wants) WHERE wants IS NOT NULL;
CREATE INDEX objects_by_state ON objects (state);
CREATE INDEX objects_that_wait ON objects (key_id) WHERE waits = 1 OR state = 'observed';

-- One row a key of a source, with its place in the dataset.
CREATE TABLE keys (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    partition TEXT NOT NULL,
    path TEXT NOT NULL,                      -- directory of its tiles inside the partition
    object TEXT NOT NULL,                    -- its newest version
    UNIQUE (source, bucket, key)
) STRICT;
CREATE INDEX keys_by_partition ON keys (partition, path);

-- Notices that could not be read as an object's.
CREATE TABLE notices (
    id TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    message TEXT NOT NULL,
    raw TEXT,
    position INTEGER NOT NULL,
    dismissed_position INTEGER
) STRICT, WITHOUT ROWID;

-- One row a dataset partition. Two sources that ask for the same name get one each.
CREATE TABLE partitions (
    name TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    bucket TEXT NOT NULL,
    component TEXT NOT NULL,                 -- what of a key makes it one of this partition's (DatasetPlace.component)
    changed_position INTEGER NOT NULL,       -- newest change of what it holds; 0 for none
    committed_through INTEGER NOT NULL,      -- newest change that is in a commit
    manifest TEXT,                           -- of the newest commit
    requested_position INTEGER,              -- by whom a commit of what is in none was asked for
    recipe BLOB,                             -- where it is another than the store's
    waiting INTEGER NOT NULL DEFAULT 0,      -- objects that are to be fetched or derived
    UNIQUE (source, bucket, component)
) STRICT, WITHOUT ROWID;

-- A partition is asked whether it is busy at each look of versioning, and may have a million keys.
CREATE TRIGGER object_begins AFTER INSERT ON objects WHEN new.waits = 1 OR new.state IN ('observed', 'fetched')
BEGIN
    UPDATE partitions SET waiting = waiting + 1 WHERE name = (SELECT partition FROM keys WHERE id = new.key_id);
END;
CREATE TRIGGER object_changes AFTER UPDATE OF state, waits ON objects
WHEN (old.waits = 1 OR old.state IN ('observed', 'fetched')) <> (new.waits = 1 OR new.state IN ('observed', 'fetched'))
BEGIN
    UPDATE partitions SET waiting = waiting + iif(new.waits = 1 OR new.state IN ('observed', 'fetched'), 1, -1)
    WHERE name = (SELECT partition FROM keys WHERE id = new.key_id);
END;

CREATE TABLE recipes (
    digest BLOB PRIMARY KEY,
    recipe TEXT NOT NULL,
    adopted_position INTEGER                 -- since when it is the store's; NULL when it never was
) STRICT, WITHOUT ROWID;

-- What one recipe makes of one content.
CREATE TABLE derivations (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    sha256 BLOB NOT NULL,
    recipe BLOB NOT NULL,
    wanted_position INTEGER NOT NULL,        -- what asked for it
    host TEXT,
    engine_revision INTEGER,
    started_position INTEGER,
    completed_position INTEGER,
    tiles INTEGER,
    tile_bytes INTEGER,
    skipped INTEGER,                         -- tiles left out as blank
    width INTEGER,
    height INTEGER,
    seconds REAL,
    index_bytes INTEGER,
    index_sha256 BLOB,
    index_md5 BLOB,
    failed_reason TEXT,                      -- why the content can't be cut under this recipe
    failed_message TEXT,
    lost_position INTEGER,                   -- since when its tiles count as gone, with nothing to make them of
    again_position INTEGER,                  -- its newest start since it was complete, as of tiles that were lost
    again_host TEXT,
    again_engine INTEGER,
    discarded TEXT                           -- the cancelled generation whose files are to be swept, this one's among them
) STRICT;
CREATE INDEX derivations_by_content ON derivations (sha256, recipe);
CREATE INDEX derivations_by_completion ON derivations (completed_position);
CREATE INDEX derivations_discarded ON derivations (discarded) WHERE discarded IS NOT NULL;

CREATE TABLE tiles (
    derivation INTEGER NOT NULL REFERENCES derivations (number),
    name TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    md5 BLOB NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (derivation, name)
) STRICT, WITHOUT ROWID;

-- Which derivations may hold a tile of a digest. An index over all digests would be written to at as many places as there
-- are tiles; here the tiles of one run of events stand together in 256 parts, and a search looks into one part of each run.
CREATE TABLE tile_digests (
    part INTEGER PRIMARY KEY,                -- the tile's position / 16384, times 256, plus the first byte of the digest
    entries BLOB NOT NULL                    -- of each SHA-256 and MD5 its next 4 bytes, and the derivation in 4 bytes
) STRICT;

-- Which derivation stands for a key in the dataset, from one position until before another: what any dataset version
-- held can be asked for ever.
CREATE TABLE entries (
    key_id INTEGER NOT NULL REFERENCES keys (id),
    derivation INTEGER NOT NULL REFERENCES derivations (number),
    object TEXT NOT NULL,
    from_position INTEGER NOT NULL,
    until_position INTEGER,
    PRIMARY KEY (key_id, from_position)
) STRICT, WITHOUT ROWID;
CREATE INDEX entries_by_derivation ON entries (derivation);
CREATE INDEX entries_by_beginning ON entries (from_position);
CREATE INDEX entries_by_end ON entries (until_position) WHERE until_position IS NOT NULL;

-- What was asked to be derived anew: one is under way at most, the others wait for it in their order.
CREATE TABLE generations (
    id TEXT PRIMARY KEY,
    recipe BLOB NOT NULL,
    partitions TEXT NOT NULL,                -- names, one a line; empty for all
    prefix TEXT,                             -- only keys that begin so
    since INTEGER,                           -- only objects observed then or later, microseconds
    incremental INTEGER NOT NULL,
    state TEXT NOT NULL,                     -- queued, deriving, cut-over, cancelled
    requested_position INTEGER NOT NULL,
    started_position INTEGER,
    ended_position INTEGER,
    objects INTEGER,                         -- this and the rest: of the successors while it is under way, then as it was cut over
    waiting INTEGER,
    failed INTEGER,
    tiles INTEGER                            -- of those that are derived
) STRICT, WITHOUT ROWID;
CREATE INDEX generations_that_wait ON generations (requested_position) WHERE state IN ('queued', 'deriving');

-- What is to stand for objects in the generation under way.
CREATE TABLE successors (
    object TEXT PRIMARY KEY,
    key_id INTEGER NOT NULL REFERENCES keys (id),
    derivation INTEGER NOT NULL REFERENCES derivations (number),
    state TEXT NOT NULL                      -- waits, derived, failed
) STRICT, WITHOUT ROWID;
CREATE INDEX successors_by_derivation ON successors (derivation);
CREATE INDEX successors_that_wait ON successors (object) WHERE state = 'waits';

CREATE TABLE commits (
    id TEXT PRIMARY KEY,
    partition TEXT NOT NULL,
    recipe BLOB NOT NULL,
    manifest TEXT NOT NULL,
    previous TEXT,
    files INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    added INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    from_position INTEGER NOT NULL,
    through_position INTEGER NOT NULL,
    remote TEXT,
    git_commit TEXT,
    log_size INTEGER,
    log_root BLOB,
    tag TEXT,
    git_remote TEXT,
    git_branch TEXT,
    started_position INTEGER NOT NULL,
    committed_position INTEGER,
    pushed_position INTEGER,
    shared_position INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX commits_by_partition ON commits (partition, started_position);

-- Objects that a look found missing or with other bytes than were recorded, and none has found right since.
CREATE TABLE damages (
    artifact TEXT NOT NULL,                  -- MD5, with .dir for a manifest
    place TEXT NOT NULL,                     -- cache, or the URL of a remote
    kind TEXT NOT NULL,                      -- tile, index or manifest
    partition TEXT NOT NULL,                 -- one that needs it
    path TEXT,                               -- in that partition; NULL for a manifest
    reason TEXT NOT NULL,                    -- missing or damaged
    message TEXT NOT NULL,
    position INTEGER NOT NULL,               -- of the event that said so last
    PRIMARY KEY (artifact, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX damages_by_partition ON damages (partition);

-- Hashes that git commits of versions had before they were made anew on top of others'.
CREATE TABLE former_commits (
    git_commit TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX former_commits_by_id ON former_commits (id);

CREATE TABLE notifications (
    id TEXT PRIMARY KEY,
    endpoint TEXT NOT NULL,                  -- its name
    sequence INTEGER,                        -- among the endpoint's, gapless from 1; NULL in the oldest logs
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    partition TEXT,                          -- those of one go to an endpoint in their order
    body TEXT NOT NULL,                      -- a CloudEvent in structured JSON
    state TEXT NOT NULL,                     -- queued, delivered, abandoned
    is_offered INTEGER NOT NULL DEFAULT 0,   -- 1 while it is on the work list
    attempts INTEGER NOT NULL,
    status INTEGER,                          -- of the last answer
    error TEXT,
    answer TEXT,                             -- beginning of its body
    attempted_at INTEGER,                    -- microseconds
    queued_at INTEGER NOT NULL,              -- microseconds
    queued_position INTEGER NOT NULL,
    ended_position INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX notifications_by_subject ON notifications (subject);
CREATE INDEX notifications_by_position ON notifications (queued_position);
CREATE INDEX notifications_that_wait ON notifications (endpoint, partition, queued_position) WHERE state = 'queued';
CREATE INDEX notifications_that_are_offered ON notifications (endpoint, partition) WHERE is_offered = 1;

-- Who is told of what.
CREATE TABLE endpoints (
    name TEXT PRIMARY KEY,
    place TEXT NOT NULL,
    kinds TEXT NOT NULL,                     -- types that it wants, one a line; empty for all
    partitions TEXT NOT NULL,                -- names, or the beginning of one and *, one a line; empty for all
    state TEXT NOT NULL,                     -- enabled, gone, not-configured
    last_sequence INTEGER NOT NULL DEFAULT 0,
    position INTEGER NOT NULL                -- of the event that said so
) STRICT, WITHOUT ROWID;

-- The work list: one row while a stage has something to do for an item.
CREATE TABLE work (
    stage TEXT NOT NULL,                     -- fetching, tiling, rederiving, cutting-over, sweeping, versioning, …
    item TEXT NOT NULL,
    position INTEGER NOT NULL,               -- the event that asked for it
    attempts INTEGER NOT NULL DEFAULT 0,     -- that failed
    failing_since INTEGER,                   -- when the first of them was recorded, microseconds
    crashes INTEGER NOT NULL DEFAULT 0,      -- agents in a row that died while they worked on it
    crash_position INTEGER,                  -- of the event that told of the last one
    not_before INTEGER NOT NULL DEFAULT 0,   -- microseconds since 1970-01-01 UTC
    reason TEXT,                             -- of the last failure
    message TEXT,
    PRIMARY KEY (stage, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX work_by_position ON work (stage, position);
CREATE INDEX work_that_waits ON work (stage, not_before) WHERE not_before > 0;

-- The limits of the agent that took the store last: one row.
CREATE TABLE limits (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    max_pixels INTEGER NOT NULL
) STRICT;

-- How the partitions of new keys are named: one row at most.
CREATE TABLE partitioning (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    template TEXT NOT NULL
) STRICT;

-- Stages that are paused as a whole, with the reason.
CREATE TABLE pauses (
    stage TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    message TEXT NOT NULL,
    position INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
