"""Compares normalised tiles with NumPy's arithmetic."""

import json
from fractions import Fraction
from math import ceil

import numpy as np

import tiles


def at_percentile(channel, percentile):
    levels = np.sort(channel, axis=None)
    rank = max(1, ceil(Fraction(percentile) * len(levels) / 100))
    return int(levels[rank - 1])


def same(channel, kind):
    if kind.startswith("u"):
        full = np.iinfo(tiles.TYPES[kind]).max
        return np.floor(channel.astype(np.float64) * full / np.iinfo(channel.dtype).max + 0.5)
    return channel.astype(np.float64)


def stretched(channel, low, high, kind):
    if high <= low:
        return np.zeros(channel.shape)
    share = np.clip((channel.astype(np.float64) - low) / (high - low), 0, 1)
    if not kind.startswith("u"):
        return share
    full = np.iinfo(tiles.TYPES[kind]).max
    # In whole numbers, so that halves are halves.
    whole = (2 * (channel.astype(np.int64) - low) * full + high - low) // (2 * (high - low))
    return np.clip(whole, 0, full).astype(np.float64)


def expected(channel, index, case, kind):
    method = case["method"]
    if method == "none":
        return same(channel, kind)
    if method == "mean-std":
        return (channel.astype(np.float64) / np.iinfo(channel.dtype).max - case["mean"][index]) / case["std"][index]
    if "ranges" in case:
        low, high = case["ranges"][index]
    else:
        low, high = (at_percentile(channel, p) for p in (case["low"], case["high"]))
    return stretched(channel, low, high, kind)


verdicts = []
for case, source, result in tiles.cases():
    kind = case["output"]["sample"]
    colours = tiles.colours(source).shape[2]
    channels = []
    for index in range(source.shape[2]):
        channel = source[..., index]
        values = expected(channel, index, case, kind) if index < colours else same(channel, kind)
        if kind == "f16":
            values = np.clip(values.astype(np.float32), -65504, 65504)
        channels.append(values.astype(tiles.TYPES[kind]))
    verdicts.append(tiles.difference(np.stack(channels, axis=2), result))
print(json.dumps(verdicts))
