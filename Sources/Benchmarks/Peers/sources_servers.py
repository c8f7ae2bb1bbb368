"""The buckets that are listed and fetched from, and the servers that have them, on free loopback ports."""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import measuring

PEERS = pathlib.Path(__file__).resolve().parent
BIN = pathlib.Path(sys.executable).parent

# What everybody is told; no server here checks it.
SECRETS = {"AWS_ACCESS_KEY_ID": "swathlogbench", "AWS_SECRET_ACCESS_KEY": "swathlogsecret"}

# As large as a drone's photograph.
OBJECT_BYTES = 8 << 20
# ext4 gives a file no more than 65,000 names.
FLIGHTS_OF_ONE_FILE = 50


def make_keys(root, count):
    """A bucket of `count` keys, which are names of few small files; made the first time. Returns its name."""
    return made_once(root, f"keys-{count}", lambda bucket: link_keys(bucket, count))


def link_keys(bucket, count):
    for index in range(count):
        flight = bucket / f"flight-{index // 1000:05d}"
        path = f"{flight}/IMG_{index % 1000:04d}.JPG"
        if index % 1000 == 0:
            flight.mkdir()
        if index % (1000 * FLIGHTS_OF_ONE_FILE) == 0:
            first = path
            pathlib.Path(path).write_text(f"photograph {index}")
        else:
            os.link(first, path)


def make_files(root, size):
    """A bucket of objects of 8 MiB each, of random bytes, `size` bytes in all."""
    return made_once(root, f"files-{size}", lambda bucket: write_files(bucket, size))


def write_files(bucket, size):
    for index in range(max(1, size // OBJECT_BYTES)):
        (bucket / f"DJI_{index:05d}.JPG").write_bytes(os.urandom(OBJECT_BYTES))


def made_once(root, name, fill):
    bucket = root / name
    if not bucket.exists():
        measuring.progress(f"making the bucket {name}")
        half = root.parent / f"half-{name}"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        fill(half)
        root.mkdir(exist_ok=True)
        half.rename(bucket)
    return name


def served_by_rclone(root, log, writable=False):
    """Serves each directory in `root` as a bucket; gives the server's URL."""
    port = free_port()
    # It keeps what it knows of directories as long as it lives, so that no contender meets it forgetful.
    options = ("--addr", f"127.0.0.1:{port}", "--dir-cache-time", "24h", *(() if writable else ("--read-only",)))
    return served((str(BIN / "rclone"), "serve", "s3", *options, str(root)), port, log)


@contextlib.contextmanager
def served_by_rclone_from_memory(buckets, log):
    """Serves empty buckets that are in memory alone; gives the server's URL.

    An object is hashed once, for its ETag, which S3 asks for. What rclone does beside that for its own sake, a second MD5 of
    what it has put into its memory and a thread that reads ahead, would only take the processors from those it serves.
    """
    port = free_port()
    lean = ("--ignore-checksum", "--buffer-size", "0", "--streaming-upload-cutoff", "128Ki")
    options = ("--addr", f"127.0.0.1:{port}", *lean)
    with served((str(BIN / "rclone"), "serve", "s3", *options, ":memory:"), port, log) as endpoint:
        for bucket in buckets:
            urllib.request.urlopen(urllib.request.Request(f"{endpoint}/{bucket}", method="PUT")).close()
        yield endpoint


def served_by_moto(log):
    """Serves buckets from memory; gives the server's URL."""
    port = free_port()
    return served((sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)), port, log)


@contextlib.contextmanager
def served(command, port, log):
    with open(log, "wb") as output:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    with stopped_in_the_end(server):
        await_port(server, port, command, log)
        yield f"http://127.0.0.1:{port}"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def served_from_memory(keys):
    """A bucket of `keys` keys that costs its server nothing; gives the server's URL."""
    command = [sys.executable, str(PEERS / "listing_server.py"), str(keys)]
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    with stopped_in_the_end(server):
        port = server.stdout.readline().strip()
        if not port:
            raise measuring.BenchmarkError("listing_server.py did not start; its own message is above")
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def stopped_in_the_end(server):
    try:
        yield
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def await_port(server, port, command, log):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise measuring.BenchmarkError(f"{measuring.named(command)} did not start; its output is in {log}")
