"""Runs swathlog-bench log and Python's eventsourcing in turns, and prints medians, ratios and whether they are good enough."""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

OURS = "append, 100 at a time, FULL, 1 writer"
RAW = "append, 100 at a time, FULL, raw SQLite"
THEIRS = "eventsourcing: append, 105 at a time"
# What is asked for: a name, how it is computed of the medians, and the least or most of it.
BARS = [
    ("append, 100 at a time, against raw SQLite", lambda m: m[OURS] / m[RAW], ">=", 0.6),
    (
        "16 writers that append 1 each, against 1 writer",
        lambda m: m["append, 1 at a time, FULL, 16 writers"] / m["append, 1 at a time, FULL, 1 writer"],
        ">=",
        2,
    ),
    (
        "64 writers that append 1 each, against eventsourcing's",
        lambda m: m["append, 1 at a time, FULL, 64 writers"] / m["eventsourcing: append, 1 at a time, 64 writers"],
        ">=",
        10,
    ),
    ("append, 100 at a time, against eventsourcing", lambda m: m[OURS] / m[THEIRS], ">=", 10),
    # Both count the events of each type.
    (
        "replay to a view that counts, against eventsourcing",
        lambda m: m["replay, the smallest view"] / m["eventsourcing: replay"],
        ">=",
        5,
    ),
    ("replay, the smallest view, events/s", lambda m: m["replay, the smallest view"], ">=", 1_000_000),
    ("replay, the catalog, events/s", lambda m: m["replay, the catalog"], ">=", 250_000),
    ("verify, events/s", lambda m: m["verify"], ">=", 1_000_000),
    ("cold start, s", lambda m: next(m[name] for name in m if name.startswith("cold start")), "<=", 1),
    ("lineage of a tile by path, s", lambda m: m["lineage of a tile, by path"], "<=", 0.05),
    ("lineage of a tile by digest, s", lambda m: m["lineage of a tile, by digest"], "<=", 0.05),
    (
        "lineage of an object with 10,000 tiles, s",
        lambda m: next(m[name] for name in m if name.startswith("lineage of an object")),
        "<=",
        2,
    ),
]
# What says how far a bar could be met: both wait for the disk once a save, and no log on SQLite is faster than SQLite.
LIMITS = [
    ("raw SQLite, 100 at a time, against eventsourcing", lambda m: m[RAW] / m[THEIRS]),
    ("replay of the catalog against its count", lambda m: m["replay, the catalog"] / m["eventsourcing: replay"]),
    (
        "processor time of eventsourcing for each of ours, append",
        lambda m: m[f"{THEIRS}, processor"] / m[f"{OURS}, processor"],
    ),
]


def eventsourcing():
    """Its events/s, by name: run in a process of its own, as it holds a database for its life."""
    program = pathlib.Path(__file__).with_name("eventsourcing_log.py")
    with tempfile.TemporaryDirectory() as directory:
        done = subprocess.run([sys.executable, program], cwd=directory, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def round_of(bench, events):
    command = [bench, "log", "--json", "--events", str(events)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found = {}
    for row in json.loads(done.stdout)["measurements"]:
        found[row["name"]] = row.get("events_per_second", row.get("seconds", row.get("bytes_per_event")))
        if "cpu_seconds" in row:
            found[f"{row['name']}, processor"] = row["cpu_seconds"] / row["events"]
    return found | eventsourcing()


def main():
    parser = argparse.ArgumentParser(prog="tools/bench log", description="Measures the log beside others.")
    parser.add_argument("--bench", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--events", type=int, default=1_000_000, help="events of the log that is replayed, opened, asked")
    options = parser.parse_args()
    rounds = []
    for number in range(options.rounds):
        print(f"    round {number + 1} of {options.rounds}", file=sys.stderr)
        rounds.append(round_of(options.bench, options.events))
    medians = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    bars = []
    for name, of, sign, bar in BARS:
        value = of(medians)
        good = value >= bar if sign == ">=" else value <= bar
        bars.append({"name": name, "value": value, "bar": f"{sign} {bar}", "holds": good})
    limits = [{"name": name, "value": of(medians)} for name, of in LIMITS]
    if options.json:
        print(json.dumps({"machine": {"cores": os.cpu_count(), "load": os.getloadavg()}, "medians": medians,
                          "rounds": rounds, "bars": bars, "limits": limits}))
        return
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; medians of {options.rounds}, events/s but where a unit stands")
    for name, value in medians.items():
        if name.endswith(", processor"):
            print(f"{name:56}{value * 1e6:14,.2f} µs an event")
            continue
        unit = " s" if name.startswith(("cold", "lineage")) else " bytes an event" if name == "log.db" else ""
        print(f"{name:56}{value:14,.4g}{unit}" if unit else f"{name:56}{value:14,.0f}")
    print()
    for bar in bars:
        print(f"{bar['name']:56}{bar['value']:14,.4g}  bar {bar['bar']:12} {'holds' if bar['holds'] else 'MISSED'}")
    for limit in limits:
        print(f"{limit['name']:56}{limit['value']:14,.4g}")


main()
