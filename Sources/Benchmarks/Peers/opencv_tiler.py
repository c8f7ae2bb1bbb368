"""Cuts images as a script with OpenCV does: opencv_tiler.py FORMAT IMAGE... --out DIRECTORY [--workers N] [--augment]

FORMAT is png or jpeg. Each image is read, its digest taken, its EXIF read; it is decoded, cut into tiles, and every
tile encoded, its digests taken, and written, with one meta.json for the image. More than one worker are processes, as
Python needs it. Prints one line of JSON: time and CPU seconds are of the work alone, without start and imports.
"""

import argparse
import hashlib
import io
import json
import multiprocessing
import os
import pathlib
import resource
import time

import cv2
import numpy
from PIL import Image

Image.MAX_IMAGE_PIXELS = None
# Two workers are two threads of work, here as there.
cv2.setNumThreads(1)

options = None
augmentation = None


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("format", choices=["png", "jpeg"])
    parser.add_argument("images", nargs="+", type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--augment", action="store_true", help="flip, rotate, brighten half of the tiles")
    parser.add_argument("--without-md5", action="store_true", help="take SHA-256 only")
    parser.add_argument("--tile", type=int, default=512)
    parser.add_argument("--overlap", type=int, default=64)
    parser.add_argument("--quality", type=int, default=90)
    return parser.parse_args()


def prepare():
    """Imports what the augmentation needs, so that its start is not timed either."""
    global augmentation
    if options.augment:
        import albumentations

        augmentation = albumentations.Compose(
            [
                albumentations.HorizontalFlip(p=0.5),
                albumentations.RandomRotate90(p=0.5),
                albumentations.RandomBrightnessContrast(p=0.5),
            ],
            seed=7,
        )


def starts(length):
    """Where tiles start; the last is moved inwards to end with the image."""
    if length <= options.tile:
        return [0]
    return [*range(0, length - options.tile, options.tile - options.overlap), length - options.tile]


def encode(tile):
    # OpenCV's default for PNG is its fast one: level 1, run lengths.
    parameters = [cv2.IMWRITE_JPEG_QUALITY, options.quality] if options.format == "jpeg" else []
    encoded, content = cv2.imencode(".jpg" if options.format == "jpeg" else ".png", tile, parameters)
    assert encoded
    return content


def write_tile(image, x, y, directory):
    tile = numpy.ascontiguousarray(image[y : y + options.tile, x : x + options.tile])
    if augmentation:
        tile = numpy.ascontiguousarray(augmentation(image=tile)["image"])
    content = encode(tile)
    path = directory / f"{y:06}_{x:06}.{'jpg' if options.format == 'jpeg' else 'png'}"
    path.write_bytes(content)
    about = {"name": path.name, "x": x, "y": y, "width": tile.shape[1], "height": tile.shape[0], "bytes": len(content)}
    about["sha256"] = hashlib.sha256(content).hexdigest()
    if not options.without_md5:
        about["md5"] = hashlib.md5(content).hexdigest()
    return about


def cut(path):
    used = time.process_time()
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    with Image.open(io.BytesIO(content)) as opened:
        exif = {key: str(value) for key, value in opened.getexif().items()}
    image = cv2.imdecode(numpy.frombuffer(content, numpy.uint8), cv2.IMREAD_COLOR)
    height, width = image.shape[:2]
    directory = options.out / path.stem
    directory.mkdir(parents=True)
    tiles = [write_tile(image, x, y, directory) for y in starts(height) for x in starts(width)]
    about = {"source": path.name, "sha256": digest, "width": width, "height": height, "exif": exif, "tiles": tiles}
    (directory / "meta.json").write_text(json.dumps(about))
    return {
        "pixels": width * height,
        "tiles": len(tiles),
        "bytes": sum(tile["bytes"] for tile in tiles),
        "cpu": time.process_time() - used,
        "process": os.getpid(),
        "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def wait_for_all(barrier):
    barrier.wait()


def cut_all():
    """Cuts the images and returns their results and the seconds that it took."""
    prepare()
    if options.workers == 1:
        started = time.perf_counter()
        return [cut(path) for path in options.images], time.perf_counter() - started
    processes = multiprocessing.get_context("fork")
    barrier = processes.Barrier(options.workers + 1)
    with processes.Pool(options.workers, initializer=wait_for_all, initargs=[barrier]) as pool:
        barrier.wait()
        started = time.perf_counter()
        return pool.map(cut, options.images, chunksize=1), time.perf_counter() - started


def main():
    global options
    options = parse()
    results, wall = cut_all()
    # A process's peak only grows, so the largest is its last.
    peaks = {}
    for result in results:
        peaks[result["process"]] = max(result["rss"], peaks.get(result["process"], 0))
    answer = {
        "mode": options.format + ("-augment" if options.augment else ""),
        "images": len(results),
        "megapixels": sum(result["pixels"] for result in results) / 1e6,
        "wall": round(wall, 4),
        "cpu": round(sum(result["cpu"] for result in results), 4),
        "rss_mb": round(max(peaks.values()), 1),
        "rss_sum_mb": round(sum(peaks.values()), 1),
        "tiles": sum(result["tiles"] for result in results),
        "bytes": sum(result["bytes"] for result in results),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
