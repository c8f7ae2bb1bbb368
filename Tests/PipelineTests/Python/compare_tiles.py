"""Compares an image's tiles with the image: compare_tiles.py IMAGE DIRECTORY DIFFERENCE

DIRECTORY is the image's in the dataset. Every line of its tiles.jsonl is checked: digests, size, window, place in the
grid, the way from tile pixels to pixels as stored, and each sample against Pillow's, which may differ by DIFFERENCE.
"""
import hashlib
import json
import pathlib
import sys

import numpy
from PIL import Image, ImageOps

source, directory, allowed = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
stored = Image.open(source)
if stored.mode == "P":
    stored = stored.convert("RGBA" if "transparency" in stored.info else "RGB")
upright = numpy.asarray(ImageOps.exif_transpose(stored)).astype(int)
as_stored = numpy.asarray(stored).astype(int)
covered = numpy.zeros(upright.shape[:2], dtype=bool)
lines = [json.loads(line) for line in (directory / "tiles.jsonl").read_text().splitlines()]

assert lines, "no tiles"
assert {path.name for path in directory.iterdir()} == {line["name"] for line in lines} | {"tiles.jsonl"}
assert [(line["row"], line["col"]) for line in lines] == sorted((line["row"], line["col"]) for line in lines)
for line in lines:
    path, window = directory / line["name"], line["window"]
    content = path.read_bytes()
    assert path.stem == f"{line['row']:04}_{line['col']:04}", line["name"]
    assert len(content) == line["bytes"]
    assert hashlib.sha256(content).hexdigest() == line["sha256"]
    assert hashlib.md5(content).hexdigest() == line["md5"]
    assert hashlib.sha256(source.read_bytes()).hexdigest() == line["source_sha256"]
    tile = Image.open(path)
    assert tile.size == (window["width"], window["height"]), (tile.size, window)
    x, y, width, height = window["x"], window["y"], window["width"], window["height"]
    wanted = upright[y : y + height, x : x + width]
    pixels = numpy.asarray(tile).astype(int)
    assert pixels.shape == wanted.shape, (line["name"], pixels.shape, wanted.shape)
    difference = int(abs(pixels - wanted).max())
    assert difference <= allowed, f"{line['name']} differs by {difference}"
    covered[y : y + height, x : x + width] = True
    # The affine map leads from the tile's pixels to those of the image as it is stored.
    a, b, c, d, e, f = line["affine"]
    for u, v in [(0, 0), (width - 1, 0), (0, height - 1), (width // 2, height // 3)]:
        assert (as_stored[d * u + e * v + f, a * u + b * v + c] == wanted[v, u]).all(), (line["affine"], u, v)
assert covered.all(), "the tiles leave a part of the image out"
