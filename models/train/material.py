"""Rendered scenes as `scenes` writes them, and crops drawn from them."""

import os
import time

import numpy as np

SKIN, STRIA, IGNORE = 1, 2, 4
LEVELS = 31.75  # steps of a stored channel value


def read_scene(path):
    """List of (planes int8 [4, height, width], tone) of one scene; the last plane holds the flags."""
    data = np.memmap(path, np.int8, "r") if os.path.getsize(path) else np.zeros(0, np.int8)
    photos, at = [], 0
    while at < len(data):
        if bytes(data[at:at + 4]) != b"SCN1":
            raise ValueError(f"{path}: not a scene; delete it and run again")
        width, height, tone, _ = np.frombuffer(bytes(data[at + 4:at + 20]), np.int32)
        at += 20
        size = 4 * int(width) * int(height)
        photos.append((data[at:at + size].reshape(4, height, width), int(tone)))
        at += size
    return photos


class Material:
    """The photos of the scenes 0..count-1 of a folder; waits for scenes that are still to come."""

    def __init__(self, folder):
        self.folder, self.scenes = folder, 0
        self.plain, self.marked = [], []  # photos without and with striae
        self.places = []                  # some stria pixels of each marked photo

    def grow(self, count):
        while self.scenes < count:
            path = os.path.join(self.folder, f"scene_{self.scenes:06d}.bin")
            while not os.path.exists(path):
                time.sleep(1)
            for planes, tone in read_scene(path):
                y, x = np.nonzero(planes[3] & STRIA)
                if len(y) < 50:
                    self.plain.append((planes, tone))
                    continue
                step = max(1, len(y) // 500)
                self.marked.append((planes, tone))
                self.places.append(np.stack([y[::step], x[::step]], 1))
            self.scenes += 1


def cut(planes, y, x, side):
    """The side x side crop with its first pixel at (y, x); 0 (no skin) outside the photo."""
    crop = np.zeros((4, side, side), np.int8)
    height, width = planes.shape[1:]
    y0, x0, y1, x1 = max(y, 0), max(x, 0), min(y + side, height), min(x + side, width)
    if y1 > y0 and x1 > x0:
        crop[:, y0 - y:y1 - y, x0 - x:x1 - x] = planes[:, y0:y1, x0:x1]
    return crop


def draw(material, side, rng, plain_share=0.3):
    """One crop: of a photo without striae, or about a stria, or anywhere in a photo with striae."""
    lot = rng.random()
    if lot < plain_share and material.plain:
        planes, _ = material.plain[rng.integers(len(material.plain))]
        centre = None
    else:
        index = rng.integers(len(material.marked))
        planes, _ = material.marked[index]
        places = material.places[index]
        centre = places[rng.integers(len(places))] if lot < plain_share + 0.5 else None
    height, width = planes.shape[1:]
    for _ in range(4):
        if centre is not None:
            y, x = centre - rng.integers(side // 8, side - side // 8, 2)
        else:
            y = rng.integers(min(0, height - side), max(1, height - side + 1))
            x = rng.integers(min(0, width - side), max(1, width - side + 1))
        crop = cut(planes, int(y), int(x), side)
        if (crop[3] & SKIN).mean() > 0.3:
            break
    return crop


def vary(crop, rng):
    """Mirrored or turned, with other gains and some noise: float values [3] and flags."""
    if rng.random() < 0.5:
        crop = crop[:, :, ::-1]
    crop = np.rot90(crop, rng.integers(4), (1, 2))
    values = crop[:3].astype(np.float32) / LEVELS
    values *= rng.uniform(0.75, 1.3, (3, 1, 1)).astype(np.float32)
    if rng.random() < 0.5:
        noise = rng.standard_normal(values.shape, np.float32)
        values += rng.uniform(0, 0.3) * noise
    return values, crop[3]


def tensors(values, flags):
    """Network input [4] (values in skin, skin), target and weight."""
    skin = ((flags & SKIN) > 0).astype(np.float32)
    target = ((flags & STRIA) > 0).astype(np.float32)
    weight = skin * ((flags & IGNORE) == 0)
    return np.concatenate([values * skin, skin[None]]), target * weight, weight
