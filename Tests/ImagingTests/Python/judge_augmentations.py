"""Compares tiles that were augmented with what Albumentations, OpenCV and NumPy make of the same steps."""

import json
import math
import os
import statistics

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"

import albumentations as A
import cv2
import numpy as np

import philox
import tiles


def squeezed(array):
    return array[..., 0] if array.shape[2] == 1 else array


def filled(array):
    return array[..., None] if array.ndim == 2 else array


def albumentations(transform, array):
    transform.p = 1
    return filled(transform(image=np.ascontiguousarray(array))["image"])


def on_colours(array, function):
    return tiles.with_alpha_of(function(np.ascontiguousarray(tiles.colours(array))), array)


def turn(array, step):
    turns = int(step["turns"][0])
    codes = {1: cv2.ROTATE_90_COUNTERCLOCKWISE, 2: cv2.ROTATE_180, 3: cv2.ROTATE_90_CLOCKWISE}
    return {
        "numpy": np.rot90(array, turns),
        "opencv": filled(cv2.rotate(array, codes[turns])),
        # What its random draw would hand to itself.
        "albumentations": filled(A.RandomRotate90(p=1).apply(np.ascontiguousarray(array), factor=turns)),
    }


def reflected(index, count):
    if count == 1:
        return np.zeros_like(index)
    index = np.mod(index, 2 * (count - 1))
    return np.where(index < count, index, 2 * (count - 1) - index)


def bilinear(array, x, y):
    """The definition in double precision."""
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    across, down = (x - left)[..., None], (y - top)[..., None]

    def at(rows, columns):
        return array[reflected(rows, array.shape[0]), reflected(columns, array.shape[1])].astype(np.float64)

    upper = at(top, left) * (1 - across) + at(top, left + 1) * across
    lower = at(top + 1, left) * (1 - across) + at(top + 1, left + 1) * across
    return tiles.rounded(upper * (1 - down) + lower * down, array.dtype)


def rotate(array, step):
    degrees = step["degrees"][0]
    height, width = array.shape[:2]
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    x, y = np.meshgrid(np.arange(width) - (width - 1) / 2, np.arange(height) - (height - 1) / 2)
    results = {
        "definition": bilinear(
            array, cosine * x - sine * y + (width - 1) / 2, sine * x + cosine * y + (height - 1) / 2
        ),
    }
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1)
    results["opencv"] = filled(
        cv2.warpAffine(array, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    )
    rotation = A.Rotate((degrees, degrees), interpolation=cv2.INTER_LINEAR, border_mode=cv2.BORDER_REFLECT_101)
    results["albumentations"] = albumentations(rotation, array)
    return results


def span(share, place, side):
    count = min(max(math.floor(share * side + 0.5), 1), side)
    return min(int(place * (side - count + 1)), side - count), count


def scale_crop(array, step):
    height, width = array.shape[:2]
    left, across = span(step["scale"][0], step["x"][0], width)
    top, down = span(step["scale"][0], step["y"][0], height)
    window = np.ascontiguousarray(array[top : top + down, left : left + across])
    x = np.clip((np.arange(width) + 0.5) * across / width - 0.5, 0, across - 1)
    y = np.clip((np.arange(height) + 0.5) * down / height - 0.5, 0, down - 1)
    crop = A.Compose(
        [A.Crop(left, top, left + across, top + down, p=1), A.Resize(height, width, cv2.INTER_LINEAR, p=1)]
    )
    return {
        "definition": bilinear(window, *np.meshgrid(x, y)),
        "opencv": filled(cv2.resize(window, (width, height), interpolation=cv2.INTER_LINEAR)),
        "albumentations": filled(crop(image=array)["image"]),
    }


def tone(array, definition, transform):
    top = tiles.maximum(array)
    results = {
        "definition": on_colours(array, lambda c: tiles.rounded(definition(c.astype(np.float64), top), c.dtype))
    }
    if array.dtype == np.uint8:
        results["albumentations"] = on_colours(array, lambda c: albumentations(transform, c))
    return results


def brightness(array, step):
    delta = step["delta"][0]
    transform = A.RandomBrightnessContrast((delta, delta), (0, 0), brightness_by_max=True)
    return tone(array, lambda v, top: v + delta * top, transform)


def contrast(array, step):
    factor = step["factor"][0]
    transform = A.RandomBrightnessContrast((0, 0), (factor - 1, factor - 1), brightness_by_max=True)
    return tone(array, lambda v, top: v * factor, transform)


def gamma(array, step):
    power = step["gamma"][0]
    transform = A.RandomGamma((power * 100, power * 100))
    return tone(array, lambda v, top: top * (v / top) ** power, transform)


def hue_saturation(array, step):
    hue, saturation, value = step["hue"][0], step["saturation"][0], step["value"][0]
    top = tiles.maximum(array)
    if array.shape[2] < 3:
        return {
            "definition": on_colours(array, lambda c: tiles.rounded(c + np.float64(value * top), c.dtype)),
        }

    def definition(c):
        hsv = cv2.cvtColor((c / np.float64(top)).astype(np.float32), cv2.COLOR_RGB2HSV)
        hsv[..., 0] = np.mod(hsv[..., 0] + hue, 360)
        hsv[..., 1] = np.clip(hsv[..., 1] + saturation, 0, 1)
        hsv[..., 2] = np.clip(hsv[..., 2] + np.floor(value * top + 0.5) / top, 0, 1)
        return tiles.rounded(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB).astype(np.float64) * top, c.dtype)

    results = {"definition": on_colours(array, definition)}
    if array.dtype == np.uint8:
        shifts = [(s, s) for s in (hue / 2, saturation * 255, value * 255)]
        results["albumentations"] = on_colours(
            array, lambda c: albumentations(A.HueSaturationValue(*shifts), c)
        )
    return results


def blur(array, step):
    sigma = step["sigma"][0]
    radius = int(3.5 * sigma)
    size = 2 * radius + 1
    weights = np.exp(-np.arange(-radius, radius + 1) ** 2 / (2 * sigma * sigma))
    weights /= weights.sum()

    def definition(c):
        work = c.astype(np.float64)
        for axis in (1, 0):
            count = work.shape[axis]
            parts = [
                weight * np.take(work, reflected(np.arange(count) + offset, count), axis)
                for offset, weight in zip(range(-radius, radius + 1), weights)
            ]
            work = sum(parts)
        return tiles.rounded(work, c.dtype)

    def opencv(c):
        return filled(cv2.GaussianBlur(c, (size, size), sigma, borderType=cv2.BORDER_REFLECT_101))

    results = {"definition": on_colours(array, definition)}
    # OpenCV reflects once only, so its kernel may not reach further than the tile.
    if radius < min(array.shape[:2]):
        results["opencv"] = on_colours(array, opencv)
    if array.dtype == np.uint8 and radius < min(array.shape[:2]):
        transform = A.GaussianBlur(blur_limit=0, sigma_limit=(sigma, sigma))
        results["albumentations"] = on_colours(array, lambda c: albumentations(transform, c))
    return results


def noise(array, step):
    deviation = step["sigma"][0] * tiles.maximum(array)
    key = [int(word) for word in step["seed"]]
    normal = statistics.NormalDist()
    flat = array.reshape(-1).astype(np.int64)
    amounts = np.zeros_like(flat)
    for index in range(len(flat)):
        if index % 8 == 0:
            words = philox.block([index // 8 & 0xFFFFFFFF, index // 8 >> 32, 0, 0], key)
        number = words[index % 8 // 2] >> 16 * (index % 2) & 0xFFFF
        quantile = normal.inv_cdf(0.5 + ((number & 0x7FFF) + 0.5) / 65536)
        amount = math.floor(quantile * deviation + 0.5)
        amounts[index] = -amount if number & 0x8000 else amount
    noisy = np.clip(flat + amounts, 0, tiles.maximum(array)).astype(array.dtype).reshape(array.shape)
    return {"definition": tiles.with_alpha_of(tiles.colours(noisy), array)}


def dropout(array, step):
    result = array.copy()
    level = math.floor(step["fill"][0] * tiles.maximum(array) + 0.5)
    count = tiles.colours(array).shape[2]
    holes = []
    for x, y, width, height in zip(step["x"], step["y"], step["width"], step["height"]):
        left, across = span(width, x, array.shape[1])
        top, down = span(height, y, array.shape[0])
        result[top : top + down, left : left + across, :count] = level
        holes.append((left, top, left + across, top + down))
    # The same holes, drawn here; it fills alpha like a colour, so it gets the colours alone.
    transform = A.CoarseDropout(fill=level, p=1)
    boxes = np.array(holes, np.int32).reshape(-1, 4)
    peer = on_colours(array, lambda c: filled(transform.apply(c.copy(), holes=boxes, seed=0)))
    return {"definition": result, "albumentations": peer}


def jpeg(array, step):
    quality = int(step["quality"][0])
    transform = A.ImageCompression("jpeg", (quality, quality))
    # Albumentations hands pixels to OpenCV as they are, and OpenCV takes blue first.
    return {
        "albumentations": on_colours(array, lambda c: albumentations(transform, c[..., ::-1])[..., ::-1]),
    }


STEPS = {
    "flip-horizontal": lambda a, _: {"albumentations": albumentations(A.HorizontalFlip(), a), "numpy": a[:, ::-1]},
    "flip-vertical": lambda a, _: {"albumentations": albumentations(A.VerticalFlip(), a), "numpy": a[::-1]},
    "rotate-90": turn, "rotate": rotate, "scale-crop": scale_crop, "brightness": brightness, "contrast": contrast,
    "gamma": gamma, "hue-saturation": hue_saturation, "blur": blur, "noise": noise, "dropout": dropout, "jpeg": jpeg,
}

verdicts = []
for case, source, result in tiles.cases():
    peers = STEPS[case["step"]["name"]](source, case["step"]["parameters"])
    verdicts.append({name: tiles.difference(filled(peer), result) for name, peer in peers.items()})
print(json.dumps(verdicts))
