"""Measures Swathlog's cutting against the pipelines that people write; tools/bench imaging runs it.

Every round runs every contender once, one after the other, so that a machine that is slow for a while is slow for all.
"""

import argparse
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

import contenders
import machine
import measuring
import report
from measuring import progress

# Width and height of the mosaics, and how many of them: two at least, so that each of two processes has one.
SIZES = {"20 MP": (5472, 3648, 4), "100 MP": (11584, 8688, 2)}


def parse():
    parser = argparse.ArgumentParser(prog="tools/bench imaging", description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    parser.add_argument("--rounds", type=int, default=5, help="how often every contender runs; medians are printed")
    parser.add_argument("--quick", action="store_true", help="one round, fewer images, no disk")
    for name in ("bench", "limit", "swathlog", "originals", "cache"):
        parser.add_argument(f"--{name}", required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds is 1 or more")
    if options.quick:
        options.rounds = 1
    return options


def make_images(options, size):
    """The paths of one image and its copies; made the first time."""
    width, height, count = SIZES[size]
    if options.quick:
        count = 2
    cache = pathlib.Path(options.cache) / "images"
    has_originals = any(pathlib.Path(options.originals).glob("brighton_*.JPG"))
    kind = "drone" if has_originals else "sample"
    paths = [cache / f"{kind}-{size.replace(' ', '-')}-{index + 1}.jpg" for index in range(count)]
    if all(path.exists() for path in paths):
        return tuple(paths)
    progress(f"making the images of {size}")
    if not has_originals and not paths[0].exists():
        draw(options, size.split()[0], paths[0])
    script = contenders.PEERS / "images.py"
    subprocess.run([sys.executable, script, options.originals, str(width), str(height), *paths], check=True)
    return tuple(paths)


def draw(options, megapixels, path):
    """A drawn image, where there are no real ones."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as directory:
        command = [options.swathlog, "sample-flight", directory, "--images", "1", "--megapixels", megapixels]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        os.replace(pathlib.Path(directory) / "DJI_0001.JPG", path)


def make_scenes(options, places):
    everybody = contenders.pairs(options.bench)
    extra = {
        "20 MP": [contenders.bare_libraries(options.limit), *contenders.without_md5()],
        "100 MP": contenders.one_image(options.bench, with_slow=not options.quick),
    }
    scenes = []
    for size in SIZES:
        images = make_images(options, size)
        for place, out in places.items():
            taking_part = everybody + (extra[size] if place == "tmpfs" else [])
            scenes.append(contenders.Scene(size, place, images, out, tuple(taking_part)))
    return scenes


def run_rounds(scenes, rounds):
    """All runs, by size, place and contender."""
    runs = {}
    for index in range(rounds):
        for scene in scenes:
            progress(f"round {index + 1} of {rounds}: {scene.size}, {scene.place}")
            for who in scene.contenders:
                if index > 0 and who.one_image:
                    continue
                command = who.command(scene.images, scene.out)
                checks = check_command(who, scene) if index == 0 and who.writes else None
                run = measuring.measure(command, scene.out, who.writes, checks)
                runs.setdefault((scene.size, scene.place, who.name), []).append(run)
    return runs


def check_command(who, scene):
    """What looks at the pixels of the first image's tiles: bytes that nobody can read are no result."""
    script = str(contenders.PEERS / "check_tiles.py")
    augmented = ["--augmented"] if who.augments else []
    geometry = [str(contenders.TILE), str(contenders.OVERLAP)]
    return [sys.executable, script, str(scene.images[0]), str(scene.out), *geometry, *augmented]


def main():
    options = parse()
    # Asked to end, it leaves no tiles in memory and no child at work.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with (
        tempfile.TemporaryDirectory(prefix="swathlog-bench-", dir="/dev/shm") as memory,
        tempfile.TemporaryDirectory(prefix="out-", dir=options.cache) as disk,
    ):
        places = {"tmpfs": pathlib.Path(memory) / "tiles", "disk": pathlib.Path(disk) / "tiles"}
        if options.quick:
            del places["disk"]
        load = os.getloadavg()[0]
        runs = run_rounds(make_scenes(options, places), options.rounds)
    packages = ("opencv-python-headless", "albumentations", "numpy")
    about = machine.describe(packages, load, options.rounds, libjpeg=report.libjpeg(runs))
    print(report.as_json(runs, about) if options.json else report.as_text(runs, about))


if __name__ == "__main__":
    try:
        main()
    except (measuring.BenchmarkError, OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
