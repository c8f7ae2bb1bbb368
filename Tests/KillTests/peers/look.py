"""Looks into a store without Swathlog, and prints what it finds as JSON.

look.py tables DB        every row of every table, sorted
look.py integrity DB     what SQLite says of the file
look.py events STORE     position, stream, type and payload of every event
look.py tree DIR         SHA-256 of every file, but for what git and DVC keep for themselves
look.py leftovers DIR    names of unfinished files
"""

import hashlib
import json
import os
import sqlite3
import sys


def connect(path):
    # Not read-only: the file that a killed process left has to be recovered first.
    database = sqlite3.connect(path)
    database.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
    return database


def plain(value):
    return value.hex() if isinstance(value, bytes) else value


def tables(path):
    database = connect(path)
    names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    schema = sorted(row[0] for row in database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))
    found = {"schema": schema}
    for name in names:
        rows = database.execute(f'SELECT * FROM "{name}"')
        found[name] = sorted(json.dumps([plain(value) for value in row]) for row in rows)
    return found


def integrity(path):
    return [row[0] for row in connect(path).execute("PRAGMA integrity_check")]


def events(store):
    rows = connect(f"{store}/log.db").execute("SELECT position, stream, type, payload FROM events ORDER BY position")
    return [{"position": p, "stream": s, "type": t, "payload": json.loads(payload)} for p, s, t, payload in rows]


def tree(directory):
    found = {}
    for folder, folders, names in os.walk(directory):
        folders[:] = [name for name in folders if name not in (".git", ".dvc")]
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, directory)] = hashlib.sha256(file.read()).hexdigest()
    return found


def leftovers(directory):
    found = []
    for folder, _, names in os.walk(directory):
        for name in names:
            if name.startswith(".swathlog-") or name.endswith((".applying", ".lock")):
                found.append(os.path.relpath(os.path.join(folder, name), directory))
    return sorted(found)


commands = {"tables": tables, "integrity": integrity, "events": events, "tree": tree, "leftovers": leftovers}
json.dump(commands[sys.argv[1]](sys.argv[2]), sys.stdout)
