"""Python's eventsourcing on SQLite, in an empty directory: appends and replays the events of photographs, and prints JSON.

It writes as durably as Swathlog does: a WAL, and SQLite's own default of synchronous=FULL, so that a save waits for the disk.
"""

import concurrent.futures
import json
import os
import time

os.environ.update(PERSISTENCE_MODULE="eventsourcing.sqlite", SQLITE_DBNAME="events.db", SQLITE_LOCK_TIMEOUT="10")

from eventsourcing.application import Application  # noqa: E402
from eventsourcing.domain import Aggregate, event  # noqa: E402

PHOTOGRAPHS = 150
TILES = 104
PAGE = 1_000
WRITERS = 64


class Photograph(Aggregate):
    @event("Registered")
    def __init__(self, uri, sha256):
        self.uri = uri
        self.sha256 = sha256
        self.tiles = 0

    @event("TileWritten")
    def tile(self, x, y, path, sha256, size):
        self.tiles += 1


def photograph(number, tiles):
    made = Photograph(f"s3://bucket/flight-0001/DJI_{number:05}.JPG", "ab" * 32)
    for tile in range(tiles):
        made.tile(tile % 13 * 448, tile // 13 * 448, f"tiles/{number:06}/{tile:06}.png", "cd" * 32, 500_000 + tile)
    return made


app = Application()
start, processor = time.perf_counter(), time.process_time()
for number in range(PHOTOGRAPHS):
    app.save(photograph(number, TILES))
together = PHOTOGRAPHS * (TILES + 1) / (time.perf_counter() - start)
processor = (time.process_time() - processor) / (PHOTOGRAPHS * (TILES + 1))
start = time.perf_counter()
for number in range(300):
    app.save(photograph(number, 0))
alone = 300 / (time.perf_counter() - start)
# As many writers at a time as a service has requests, each of which saves one event and waits until it is on disk.
with concurrent.futures.ThreadPoolExecutor(WRITERS) as writers:
    start = time.perf_counter()
    list(writers.map(lambda number: app.save(photograph(number, 0)), range(1_000)))
    by_many = 1_000 / (time.perf_counter() - start)
# A view that counts, fed with every event in order.
start = time.perf_counter()
position, counts = 1, {}
while page := app.recorder.select_notifications(position, PAGE):
    for notification in page:
        name = type(app.mapper.to_domain_event(notification)).__name__
        counts[name] = counts.get(name, 0) + 1
    position = page[-1].id + 1
replay = sum(counts.values()) / (time.perf_counter() - start)
print(
    json.dumps(
        {
            "eventsourcing: append, 105 at a time": together,
            "eventsourcing: append, 105 at a time, processor": processor,
            "eventsourcing: append, 1 at a time": alone,
            f"eventsourcing: append, 1 at a time, {WRITERS} writers": by_many,
            "eventsourcing: replay": replay,
        }
    )
)
