"""Draws numbers as the documentation says, from the case on the command line."""

import hashlib
import json
import sys

import philox

case = json.loads(sys.argv[1])
digest = hashlib.sha256(
    b"swathlog-augmentation" + bytes.fromhex(case["source"]) + bytes.fromhex(case["recipe"])
).digest()
key = [int.from_bytes(digest[at : at + 4], "little") for at in (0, 4)]


def share(step, number):
    words = philox.block([case["row"], case["column"], case["variant"], step << 16 | number], key)
    return (words[0] << 32 | words[1]) >> 11


drawn = []
for step, (low, high) in enumerate(case["bounds"]):
    # The first number of a step decides whether it is done at all.
    number = low + (high - low) * (share(step, 1) / 2**53)
    drawn.append(round(number * 1e6) / 1e6)
print(json.dumps(drawn))
