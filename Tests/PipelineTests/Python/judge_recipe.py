"""Judges the tiles of one image by the image itself: judge_recipe.py KIND IMAGE TILES_DIRECTORY

Prints what is wrong and ends with 1, or prints how many tiles it looked at.
"""
import json
import pathlib
import sys

import numpy
from PIL import Image

kind, image, directory = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
records = [json.loads(line) for line in (directory / "tiles.jsonl").read_text().splitlines()]
source = numpy.asarray(Image.open(image))
faults = []


def check(condition, record, what):
    if not condition:
        faults.append(f"{record['name']}: {what}")


def pixels(record):
    path = directory / record["name"]
    return numpy.load(path) if path.suffix == ".npy" else numpy.asarray(Image.open(path))


def part(record):
    """The pixels of the image that a tile shows."""
    window, valid = record["window"], record["valid"]
    return source[window["y"]:window["y"] + valid["height"], window["x"]:window["x"] + valid["width"]]


def padded(record):
    tile, valid, window = pixels(record), record["valid"], record["window"]
    check(record["edge"] == "pad", record, "policy")
    check(tile.shape[:2] == (window["height"], window["width"]), record, f"shape {tile.shape}")
    below, right = window["height"] - valid["height"], window["width"] - valid["width"]
    full = numpy.pad(part(record), ((0, below), (0, right), (0, 0)), mode="reflect")
    check(numpy.array_equal(tile, full), record, "differs from numpy's reflection")


def standardised(record):
    tile = pixels(record)
    check(tile.dtype == numpy.float32, record, f"type {tile.dtype}")
    expected = (part(record) / 255 - numpy.array([0.5, 0.4, 0.3])) / numpy.array([0.2, 0.25, 0.5])
    check(numpy.abs(tile - expected).max() < 1e-5, record, "values")


def stretched(record):
    expected = part(record).astype(float)
    low, high = source.min(axis=(0, 1)), source.max(axis=(0, 1))
    expected = (expected - low) / (high - low) * 65535
    # Pillow reads 16-bit RGB as 8 bits; the upper byte is what it keeps.
    check(numpy.abs(pixels(record) - expected / 257).max() <= 1, record, "values")


def variant(record):
    """Flips and quarter turns: each pixel of a variant is the image's pixel where its map leads."""
    tile = pixels(record)
    a, b, c, d, e, f = record["affine"]
    y, x = numpy.mgrid[0:tile.shape[0], 0:tile.shape[1]]
    from_x, from_y = numpy.rint(a * x + b * y + c).astype(int), numpy.rint(d * x + e * y + f).astype(int)
    check(numpy.array_equal(tile, source[from_y, from_x]), record, f"differs where {record['affine']} leads")
    steps = [step["name"] for step in record.get("augmentation", [])]
    check(set(steps) <= {"flip-horizontal", "flip-vertical", "rotate-90"}, record, f"steps {steps}")


def lossless(record):
    """Decoded coefficients that were only moved are the same but for the chroma at a tile's border, which is smoothed."""
    tile, whole = pixels(record).astype(int), part(record).astype(int)
    check(tile.shape == whole.shape, record, f"shape {tile.shape}")
    difference = numpy.abs(tile - whole)[16:-16, 16:-16]
    check(difference.max(initial=0) <= 1, record, f"differs by {difference.max(initial=0)}")


def profile(record):
    with Image.open(image) as original, Image.open(directory / record["name"]) as tile:
        check(original.info["icc_profile"] == tile.info.get("icc_profile"), record, "another profile")


judges = {"padded": padded, "standardised": standardised, "stretched": stretched, "variant": variant,
          "lossless": lossless, "profile": profile}
for record in records:
    judges[kind](record)
if faults or not records:
    sys.exit("\n".join(faults) or "no tiles")
print(len(records))
