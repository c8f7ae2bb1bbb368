"""Reads the tiles that the tests write: a list of cases in JSON, the samples in raw files beside it."""

import json
import pathlib
import sys

import numpy as np

TYPES = {"u8": "<u1", "u16": "<u2", "f16": "<f2", "f32": "<f4"}


def cases():
    """Each case of the list that the command line names, with its tiles as arrays (height, width, channels)."""
    path = pathlib.Path(sys.argv[1])
    for case in json.loads(path.read_text()):
        yield case, load(path.parent, case["input"]), load(path.parent, case["output"])


def load(directory, tile):
    samples = np.fromfile(directory / tile["file"], TYPES[tile["sample"]])
    return samples.reshape(tile["height"], tile["width"], tile["channels"])


def maximum(array):
    return np.iinfo(array.dtype).max


def colours(array):
    """Without alpha."""
    return array[..., : array.shape[2] - (array.shape[2] % 2 == 0)]


def with_alpha_of(array, source):
    return np.concatenate([array, source[..., array.shape[2] :]], axis=2)


def rounded(array, kind):
    """Halves up, clamped."""
    return np.clip(np.floor(array + 0.5), 0, np.iinfo(kind).max).astype(kind)


def difference(one, two):
    """The largest and the mean difference in levels."""
    if one.shape != two.shape or one.dtype != two.dtype:
        return {"max": 1e9, "mean": 1e9, "why": f"{one.shape} {one.dtype} is not {two.shape} {two.dtype}"}
    apart = np.abs(one.astype(np.float64) - two.astype(np.float64))
    return {"max": float(apart.max()), "mean": float(apart.mean())}
