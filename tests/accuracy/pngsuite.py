"""Compares how a folder of PNG files is read with what Pillow makes of them, and that those whose
name begins with x are refused. Usage: pngsuite.py PICTURE-PROGRAM FOLDER"""

import glob
import io
import os
import subprocess
import sys

import numpy as np
from PIL import Image


def expected(path):
    """Upright sRGB over black, by Pillow's samples and the rules of gAMA; and the error that 8 bits
    leave, since Pillow reads colours of 16 bits as 8."""
    image = Image.open(path)
    gamma = image.info.get("gamma", 0)
    wide = image.mode.startswith("I")
    error = 0.5 / 255
    if wide:
        levels = np.repeat(np.asarray(image, float)[..., None] / 65535, 3, 2)
        alpha = np.ones(levels.shape[:2] + (1,))
        if "transparency" in image.info:
            alpha[np.asarray(image) == image.info["transparency"]] = 0
    else:
        rgba = np.asarray(image.convert("RGBA"), float) / 255
        levels, alpha = rgba[..., :3], rgba[..., 3:]
        bits = open(path, "rb").read(25)[24]
        if image.mode == "L" and bits < 8 and "transparency" in image.info:
            # Pillow compares the key of 1 to 4 bits with samples stretched to 8.
            key = image.info["transparency"] / (2**bits - 1)
            alpha = (abs(levels[..., :1] - key) > 1e-6).astype(float)

    def light(v):
        v = np.clip(v, 0, 1)
        if gamma and abs(gamma - 1 / 2.2) > 0.001:
            return v ** (1 / gamma)
        return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)

    def encoded(v):
        return 255 * np.where(v <= 0.0031308, v * 12.92, 1.055 * v ** (1 / 2.4) - 0.055)

    low, high = (
        encoded(light(levels + sign * error) * np.clip(alpha + sign * error * (alpha % 1 > 0), 0, 1))
        for sign in (-2, 2)
    )
    return low - 0.51, high + 0.51


def main():
    program, folder = sys.argv[1:]
    read = refused = 0
    wrong = []
    for path in sorted(glob.glob(os.path.join(folder, "*.png"))):
        name = os.path.basename(path)
        done = subprocess.run([program, path], capture_output=True)
        if name.startswith("x"):
            refused += done.returncode == 1
            if done.returncode != 1 or name.encode() not in done.stderr:
                wrong.append(name + ": not refused")
            continue
        if done.returncode != 0:
            wrong.append(name + ": " + done.stderr.decode())
            continue
        got = np.asarray(Image.open(io.BytesIO(done.stdout)), float)
        low, high = expected(path)
        inside = (got >= low) & (got <= high)
        if not inside.all():
            wrong.append("%s: %.2f %% of the samples differ" % (name, 100 * (1 - inside.mean())))
        else:
            read += 1
    print("%d read as Pillow reads them, %d broken ones refused" % (read, refused))
    print("\n".join(wrong))
    sys.exit(bool(wrong))


main()
