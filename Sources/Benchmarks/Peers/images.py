"""Makes one image for the benchmark, and copies of it: images.py ORIGINALS WIDTH HEIGHT FILE [COPY]...

A mosaic of real drone pictures' pixels, with their noise and their EXIF, as a drone would have written it: 4:2:0, at a
quality that gives a camera's number of bytes. Runs in a process of its own, so that the driver, whose memory its
children start with, stays small.
"""

import os
import pathlib
import shutil
import sys

from PIL import Image

# A drone's 20 megapixels are about 8.7 MB, and so are these.
QUALITY = 93


def mosaic(paths, width, height):
    """Pictures side by side, each row one picture further on, so that no two neighbours are the same."""
    pictures = [Image.open(path).convert("RGB") for path in paths]
    # From the first one's size: a camera's pictures are all alike.
    step_x, step_y = pictures[0].size
    whole = Image.new("RGB", (width, height))
    for row, y in enumerate(range(0, height, step_y)):
        for column, x in enumerate(range(0, width, step_x)):
            whole.paste(pictures[(row + column) % len(pictures)], (x, y))
    return whole


def save(image, exif, path):
    """Under another name first: a file that is there is a whole one."""
    partial = path.with_suffix(".partial")
    image.save(partial, "JPEG", quality=QUALITY, subsampling="4:2:0", exif=exif)
    os.replace(partial, path)


def main():
    originals = sorted(pathlib.Path(sys.argv[1]).glob("brighton_*.JPG"))
    width, height = int(sys.argv[2]), int(sys.argv[3])
    path, *copies = [pathlib.Path(name) for name in sys.argv[4:]]
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        save(mosaic(originals, width, height), Image.open(originals[0]).info.get("exif", b""), path)
    for copy in copies:
        shutil.copyfile(path, copy)


main()
