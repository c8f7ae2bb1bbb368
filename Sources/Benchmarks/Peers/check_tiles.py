"""Looks at one image's tiles: check_tiles.py IMAGE DIRECTORY TILE OVERLAP [--augmented]

DIRECTORY holds one directory for each image, of which the first is looked at. Every tile must be readable, and show
what the image has in its place; augmented ones need only be readable. Says what is wrong and ends with 1.
"""

import pathlib
import re
import sys

import numpy
from PIL import Image

Image.MAX_IMAGE_PIXELS = None

# How far a tile's samples may be from the image's, on average. PNG loses nothing, but libraries round differently when
# they decode the image; JPEG at quality 90 loses more of a drone's noise, the less of it the finer.
ALLOWED = {".png": 0.1, ".jpg": 5}


def starts(length, tile, overlap):
    return [*range(0, length - tile, tile - overlap), length - tile]


def place(path):
    """Rows first: both `row_column` and `y_x` name a tile."""
    return [int(number) for number in re.findall(r"\d+", path.stem)]


def problem(path, wanted, augmented):
    """What is wrong with a tile, in words; None where nothing is."""
    try:
        pixels = numpy.asarray(Image.open(path).convert("RGB"))
    except (OSError, SyntaxError, ValueError) as error:
        return f"unreadable, {error}"
    if pixels.shape != wanted.shape:
        return f"{pixels.shape[1]} x {pixels.shape[0]} pixels"
    away = abs(pixels.astype(numpy.int16) - wanted).mean()
    if not augmented and away > ALLOWED[path.suffix]:
        return f"its samples are {away:.1f} away from the image's"
    return None


def main():
    source, directory = pathlib.Path(sys.argv[1]), min(pathlib.Path(sys.argv[2]).iterdir())
    tile, overlap = int(sys.argv[3]), int(sys.argv[4])
    image = numpy.asarray(Image.open(source).convert("RGB"))
    windows = [(x, y) for y in starts(image.shape[0], tile, overlap) for x in starts(image.shape[1], tile, overlap)]
    paths = sorted((path for path in directory.iterdir() if path.suffix in ALLOWED), key=place)
    if len(paths) != len(windows):
        sys.exit(f"{len(paths)} tiles, where the image has {len(windows)}")
    wrong = []
    for path, (x, y) in zip(paths, windows):
        found = problem(path, image[y : y + tile, x : x + tile], "--augmented" in sys.argv)
        if found:
            wrong.append(f"{path.name} {found}")
    if wrong:
        sys.exit(f"{len(wrong)} of {len(paths)}: {wrong[0]}")


main()
