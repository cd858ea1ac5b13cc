"""What the network of a model file says about a small pattern, computed by torch: the unit test holds
the C code against it. Usage: golden.py segment.model golden.txt"""

import struct
import sys

import numpy as np
import torch
from torch.nn import functional as F

WIDTH, HEIGHT = 50, 37


def read(path):
    """Level widths and [(weights, biases)] in the file's order."""
    data = open(path, "rb").read()
    inputs, block, levels = struct.unpack_from("<3I", data, 12)
    widths = struct.unpack_from(f"<{levels}I", data, 24)
    numbers = np.frombuffer(data[28 + 4 * levels:-32], "<f2").astype(np.float32)
    shapes = []
    for k in range(levels):
        first = widths[k - 1] if k else inputs * block * block
        shapes += [(widths[k], first, 3), (widths[k], widths[k], 3)]
    for k in reversed(range(levels - 1)):
        shapes += [(widths[k], widths[k + 1] + widths[k], 3), (widths[k], widths[k], 3)]
    shapes.append((block * block, widths[0], 1))
    parts, at = [], 0
    for o, i, size in shapes:
        count = o * i * size * size
        weights = torch.from_numpy(numbers[at:at + count].copy()).reshape(o, i, size, size)
        parts.append((weights, torch.from_numpy(numbers[at + count:at + count + o].copy())))
        at += count + o
    return levels, parts


def run(levels, parts, x):
    left = iter(parts)

    def twice(x):
        for _ in range(2):
            weights, bias = next(left)
            x = F.relu(F.conv2d(x, weights, bias, padding=1))
        return x

    x, kept = F.pixel_unshuffle(x, 2), []
    for k in range(levels):
        x = twice(F.max_pool2d(x, 2) if k else x)
        kept.append(x)
    for k in reversed(range(levels - 1)):
        x = twice(torch.cat([F.interpolate(x, scale_factor=2, mode="nearest"), kept[k]], 1))
    return F.pixel_shuffle(F.conv2d(x, *next(left)), 2)[0, 0]


def main():
    levels, parts = read(sys.argv[1])
    side = 2 << (levels - 1)
    x = np.zeros((1, 4, -(-HEIGHT // side) * side, -(-WIDTH // side) * side), np.float32)
    row, column = np.mgrid[:HEIGHT, :WIDTH]
    for c in range(3):  # a bright stripe over a regular pattern; skin but for a corner
        pattern = ((column * 7 + row * 13 + c * 5) % 17 - 8) / 8.0
        x[0, c, :HEIGHT, :WIDTH] = pattern + 2 * (np.abs(column - row - 6) < 4) * (c - 0.5)
    x[0, 3, :HEIGHT, :WIDTH] = column + row > 12
    x[0, :3] *= x[0, 3:]
    with torch.no_grad():
        logit = run(levels, parts, torch.from_numpy(x)).numpy()
    with open(sys.argv[2], "w") as out:
        for y in range(3, HEIGHT, 5):
            for x in range(4, WIDTH, 9):
                if x + y > 12:
                    out.write(f"{x} {y} {logit[y, x]:.5f}\n")


main()
