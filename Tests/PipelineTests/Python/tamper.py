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
