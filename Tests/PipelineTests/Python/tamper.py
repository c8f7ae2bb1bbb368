"""Changes a log by hand, as somebody with the file and no scruples would: tamper.py LOG KIND"""
import importlib.machinery
import importlib.util
import pathlib
import sqlite3
import sys


def leaf_hash(position):
    """What the independent verifier computes for an event."""
    path = str(pathlib.Path(__file__).parents[3] / "tools" / "verify-log")
    loader = importlib.machinery.SourceFileLoader("verify_log", path)
    verifier = importlib.util.module_from_spec(importlib.util.spec_from_loader("verify_log", loader))
    sys.dont_write_bytecode = True
    loader.exec_module(verifier)
    columns = f"{verifier.COLUMNS}, salt, CAST(payload AS BLOB), leaf"
    return verifier.leaf_hash(log.execute(f"SELECT {columns} FROM events WHERE position = ?", (position,)).fetchone())


def renumber(condition, by):
    # Through negative positions: none may stand twice at any instant.
    log.execute(f"UPDATE events SET position = -position, causation = NULL, correlation = NULL WHERE {condition}")
    log.execute("UPDATE events SET position = ? - position WHERE position < 0", (by,))


def replace(key_file):
    """Writes a whole new history that fits itself: leaves, tree nodes, and checkpoints signed with the log's own key."""
    import base64
    import hashlib

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    log.execute("UPDATE events SET payload = json_set(payload, '$.host', 'elsewhere') WHERE type = 'AgentStarted'")
    log.execute("UPDATE events SET recorded_at = recorded_at + 1")
    name, number, data = open(key_file).read().strip().removeprefix("PRIVATE+KEY+").split("+", 2)
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(data)[1:])
    leaves = []
    for (position,) in log.execute("SELECT position FROM events ORDER BY position").fetchall():
        leaves.append(leaf_hash(position))
        log.execute("UPDATE events SET leaf = ? WHERE position = ?", (leaves[-1], position))

    def root(part):
        if len(part) == 1:
            return part[0]
        half = 1 << (len(part) - 1).bit_length() - 1
        return hashlib.sha256(b"\1" + root(part[:half]) + root(part[half:])).digest()

    for level, place in log.execute("SELECT level, number FROM merkle_nodes").fetchall():
        node = root(leaves[place << level : (place + 1) << level])
        log.execute("UPDATE merkle_nodes SET hash = ? WHERE level = ? AND number = ?", (node, level, place))
    for (size,) in log.execute("SELECT size FROM checkpoints").fetchall():
        text = f"{name}\n{size}\n{base64.b64encode(root(leaves[:size])).decode()}\n"
        signature = base64.b64encode(bytes.fromhex(number) + key.sign(text.encode())).decode()
        note = f"{text}\n\u2014 {name} {signature}\n"
        log.execute("UPDATE checkpoints SET note = ? WHERE size = ?", (note, size))


log = sqlite3.connect(sys.argv[1], isolation_level=None)
for (trigger,) in log.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
    log.execute(f"DROP TRIGGER {trigger}")
log.execute("PRAGMA foreign_keys = OFF")
kind = sys.argv[2]
if kind == "payload":
    log.execute("UPDATE events SET payload = replace(payload, '{', '{ ') WHERE position = 9")
elif kind == "time":
    log.execute("UPDATE events SET recorded_at = recorded_at - 1 WHERE position = 5")
elif kind == "actor":
    log.execute("UPDATE events SET actor = 'somebody else' WHERE position = 4")
elif kind == "delete":
    log.execute("DELETE FROM events WHERE position = 7")
elif kind == "swap":
    (a,), (b,) = [log.execute("SELECT payload FROM events WHERE position = ?", (p,)).fetchone() for p in (9, 10)]
    log.execute("UPDATE events SET payload = ? WHERE position = 9", (b,))
    log.execute("UPDATE events SET payload = ? WHERE position = 10", (a,))
elif kind == "insert":
    # Between two events, as one that had always been there: those after it move on by one.
    renumber("position >= 8", 1)
    columns = "stream, type, schema_version, recorded_at, actor, causation, correlation, payload"
    log.execute(
        f"INSERT INTO events (position, event_id, revision, salt, leaf, {columns})"
        f" SELECT 8, randomblob(16), 1000000, randomblob(16), leaf, {columns} FROM events WHERE position = 7"
    )
    log.execute("UPDATE events SET leaf = ? WHERE position = 8", (leaf_hash(8),))
elif kind == "renumber":
    # A deleted event whose gap was closed.
    log.execute("DELETE FROM events WHERE position = 7")
    renumber("position > 7", -1)
elif kind == "replace":
    replace(sys.argv[3])
elif kind == "cut-checkpoints":
    # Without the checkpoints that cover it, too.
    log.execute("DELETE FROM events WHERE position > 6")
    log.execute("DELETE FROM checkpoints WHERE size > 6")
elif kind == "checkpoint":
    log.execute("UPDATE checkpoints SET note = replace(note, char(10) || size || char(10), char(10) || size || char(10) || 'x')")
elif kind == "tail":
    log.execute("DELETE FROM events WHERE position > 6")
elif kind == "leaf":
    log.execute("UPDATE events SET leaf = zeroblob(32) WHERE position = 3")
elif kind == "forge":
    log.execute("UPDATE events SET payload = json_set(payload, '$.pid', 1) WHERE position = 1")
    log.execute("UPDATE events SET leaf = ? WHERE position = 1", (leaf_hash(1),))
elif kind == "receipt":
    # As if the agent had been killed between its last git commit and the receipt.
    log.execute("DELETE FROM events WHERE position > (SELECT max(position) FROM events WHERE type = 'DatasetCommitStarted')")
    log.execute("DELETE FROM checkpoints WHERE size > (SELECT max(position) FROM events)")
elif kind == "forged-receipt":
    (last,) = log.execute("SELECT max(position) FROM events WHERE type = 'DatasetCommitted'").fetchone()
    log.execute("UPDATE events SET payload = json_set(payload, '$.log_size', 3) WHERE position = ?", (last,))
    log.execute("UPDATE events SET leaf = ? WHERE position = ?", (leaf_hash(last), last))
elif kind == "page":
    log.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    pages = log.execute("SELECT pageno FROM dbstat WHERE name = 'events' AND pagetype = 'leaf' ORDER BY path").fetchall()
    (size,) = log.execute("PRAGMA page_size").fetchone()
    log.close()
    with open(sys.argv[1], "r+b") as file:
        file.seek((pages[len(pages) // 2][0] - 1) * size)
        file.write(b"\xa5" * size)
    print(len(pages))
    sys.exit()
elif kind == "node":
    log.execute("UPDATE merkle_nodes SET hash = zeroblob(32)")
else:
    sys.exit(f"unknown kind {kind}")
print(log.execute("SELECT total_changes()").fetchone()[0])
