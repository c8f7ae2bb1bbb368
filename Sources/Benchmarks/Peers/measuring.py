"""Runs a program as a child process, and holds what it says of its work against what the kernel and the disk say."""

import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time


@dataclasses.dataclass(frozen=True)
class Run:
    """One run: seconds are of the work alone, memory is of the whole life of the process."""

    megapixels: float
    wall: float
    cpu: float
    # The largest process, and all that work at once; their shared pages count once for each.
    rss_mb: float
    rss_sum_mb: float
    tiles: int
    bytes: int
    # What is wrong with the tiles; nothing is, or nobody looked, where it is empty.
    wrong: str
    # What the child says of itself besides.
    extra: dict


class BenchmarkError(Exception):
    """A sentence that says what is wrong and what to do."""


def measure(command, out, writes, checks):
    """Runs the command, which writes tiles to `out`, looks at them by another command if one is given, removes them."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    # The one before leaves its writing to nobody.
    os.sync()
    try:
        text, wall, usage = run_child(command)
        said = json.loads(text)
        check(said, wall, usage, command)
        if writes:
            check_files(said, out, command)
        wrong = look_at(checks) if checks else ""
    finally:
        shutil.rmtree(out, ignore_errors=True)
    peak = usage.ru_maxrss / 1024
    known = ("megapixels", "wall", "cpu", "tiles", "bytes")
    return Run(
        **{name: said[name] for name in known},
        rss_mb=peak,
        wrong=wrong,
        rss_sum_mb=max(peak, said.get("rss_sum_mb", 0)),
        extra={name: value for name, value in said.items() if name not in known},
    )


def run_child(command):
    """Returns what the child printed, how long it lived, and what it used with all the children that it waited for."""
    # Albumentations asks a server for newer versions otherwise.
    environment = {**os.environ, "NO_ALBUMENTATIONS_UPDATE": "1"}
    started = time.monotonic()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environment)
    try:
        text = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
    except BaseException:
        child.kill()
        child.wait()
        raise
    wall = time.monotonic() - started
    child.stdout.close()
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise BenchmarkError(f"{named(command)} ended with {child.returncode}; its own message is above")
    return text, wall, usage


def check(said, wall, usage, command):
    """Clocks differ by a little; but no part of a life is longer than all of it."""
    for name, seen in [("wall", wall), ("cpu", usage.ru_utime + usage.ru_stime)]:
        if not 0 < said[name] <= seen + 0.05:
            raise BenchmarkError(f"{named(command)} says {name} {said[name]:.3f} s; from outside it is {seen:.3f} s")


def check_files(said, out, command):
    """The tiles are all there, and as large as they are said to be."""
    sizes = [path.stat().st_size for path in out.rglob("*") if path.suffix in (".png", ".jpg") and path.is_file()]
    if (len(sizes), sum(sizes)) != (said["tiles"], said["bytes"]):
        raise BenchmarkError(
            f"{named(command)} says {said['tiles']} tiles of {said['bytes']} bytes; "
            f"there are {len(sizes)} of {sum(sizes)} in {out}"
        )


def look_at(command):
    """Returns what is wrong with the tiles, in words."""
    looked = subprocess.run(command, capture_output=True, text=True)
    if looked.returncode == 0:
        return ""
    wrong = (looked.stdout or looked.stderr).strip().splitlines()
    return wrong[-1] if wrong else f"the check ended with {looked.returncode}"


def progress(text):
    print(f"    {text}", file=sys.stderr, flush=True)


def named(command):
    """The program and the first words after it, as a message needs them."""
    words = [pathlib.Path(word).name for word in command[:3]]
    return " ".join(words)
