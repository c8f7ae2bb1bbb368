"""Who runs in the benchmark, on which images, and where to."""

import dataclasses
import pathlib
import sys

TILE, OVERLAP, QUALITY, WORKERS = 512, 64, 90, 2

OUR_MODES = ["png-fast", "png-balanced", "jpeg", "jpeg-lossless", "png-augment"]
# As small as PNG gets takes minutes, and no bar is about its speed: one image is enough, for its memory and its bytes.
SLOW_MODES = ["png-small"]

PEERS = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass(frozen=True)
class Contender:
    """A program that cuts images, by the name that the tables have for it."""

    name: str
    # What comes before and after the images; the directory for the tiles is the last.
    before: tuple
    after: tuple = ()
    writes: bool = True
    # Whether tiles are turned and brightened, and so can't be compared with the image.
    augments: bool = False
    # Cuts the first image only, and in the first round only: for its memory.
    one_image: bool = False

    def command(self, images, out):
        images = images[:1] if self.one_image else images
        out = ("--out", str(out)) if self.writes else ()
        return [*self.before, *map(str, images), *self.after, *out]


@dataclasses.dataclass(frozen=True)
class Scene:
    """Images of one size, a place to write to, and who takes part."""

    size: str
    place: str
    images: tuple
    out: pathlib.Path
    contenders: tuple


def ours(program, mode):
    return Contender(
        f"swathlog {mode}",
        (program, "cut", mode),
        ("--workers", str(WORKERS)),
        augments="augment" in mode,
    )


def opencv(name, format, *options, workers=WORKERS):
    geometry = ("--tile", TILE, "--overlap", OVERLAP, "--quality", QUALITY, "--workers", workers)
    return Contender(
        name,
        (sys.executable, str(PEERS / "opencv_tiler.py"), format),
        (*map(str, geometry), *options),
        augments="--augment" in options,
    )


def pairs(program):
    """Ours, each right after the peer that it is compared with, so that both see the same machine."""
    return [
        opencv("opencv png", "png"),
        ours(program, "png-fast"),
        ours(program, "png-balanced"),
        opencv("opencv jpeg", "jpeg"),
        ours(program, "jpeg"),
        ours(program, "jpeg-lossless"),
        opencv("opencv+albumentations png", "png", "--augment"),
        ours(program, "png-augment"),
    ]


def bare_libraries(program):
    geometry = (TILE, OVERLAP, QUALITY, WORKERS)
    return Contender("bare libraries jpeg", (program, *map(str, geometry)), writes=False)


def without_md5():
    """DVC needs MD5; scripts without DVC do not take it."""
    return [
        opencv("opencv png, SHA-256 only", "png", "--without-md5"),
        opencv("opencv jpeg, SHA-256 only", "jpeg", "--without-md5"),
    ]


def one_image(program, with_slow):
    """The memory that one image takes: with OpenCV in one process, which is its least, and in every mode of ours."""
    modes = OUR_MODES + (SLOW_MODES if with_slow else [])
    peers = [opencv("opencv png", "png", workers=1), opencv("opencv jpeg", "jpeg", workers=1)]
    return [
        dataclasses.replace(who, name=f"{who.name}, 1 image", one_image=True)
        for who in peers + [ours(program, mode) for mode in modes]
    ]
