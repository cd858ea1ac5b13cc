#!/usr/bin/env python3
"""How well striae are found in photos as another camera or program would have left them.

usage: edited.py PROGRAM PHOTOS [VARIANT...]

PHOTOS holds photos, marks/*/PHOTO.json and score.py. Each photo is mirrored, turned, cropped,
resized, darkened, recoloured, blurred, made noisy and saved again; the marks go with it. Prints the
F1 by length, mean over all markings, of each photo and variant. One figure per photo hangs on lines
that are nearly as likely skin as stria; the mean over the variants says what to expect of another
photo of the same kind. Needs numpy and Pillow.
"""
import concurrent.futures
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy
from PIL import Image, ImageFilter


def load_score(photos):
    spec = importlib.util.spec_from_file_location("score", photos / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def resized(share):
    def edit(image):
        size = (round(image.width * share), round(image.height * share))
        return (image.resize(size, Image.LANCZOS),
                lambda x, y: ((x + 0.5) * share - 0.5, (y + 0.5) * share - 0.5), share)
    return edit


def cropped(image):
    box = (7, 5, image.width - 4, image.height - 3)
    return image.crop(box), lambda x, y: (x - box[0], y - box[1]), 1


def recoloured(change):
    def edit(image):
        value = change(numpy.asarray(image).astype(float))
        return (Image.fromarray(value.round().clip(0, 255).astype("uint8")), lambda x, y: (x, y), 1)
    return edit


def noisy(value):
    return value + numpy.random.default_rng(5).normal(0, 3, value.shape)


# Name -> from an image to the edited one, where its points go, and how much larger it is.
VARIANTS = {
    "as it is": lambda image: (image, lambda x, y: (x, y), 1),
    "mirrored": lambda image: (image.transpose(Image.FLIP_LEFT_RIGHT),
                               lambda x, y: (image.width - 1 - x, y), 1),
    "upside down": lambda image: (image.transpose(Image.FLIP_TOP_BOTTOM),
                                  lambda x, y: (x, image.height - 1 - y), 1),
    "turned": lambda image: (image.transpose(Image.ROTATE_90),
                             lambda x, y: (y, image.width - 1 - x), 1),
    "cropped": cropped,
    "x 0.8": resized(0.8),
    "x 1.25": resized(1.25),
    "x 1.7": resized(1.7),
    "darker": recoloured(lambda value: 255 * (value / 255) ** 1.3),
    "warmer": recoloured(lambda value: value * [1.06, 1.0, 0.88]),
    "blurred": lambda image: (image.filter(ImageFilter.GaussianBlur(0.7)), lambda x, y: (x, y), 1),
    "noise 3": recoloured(noisy),
    "JPEG 70": lambda image: (image, lambda x, y: (x, y), 1),
}


def move_marks(marks, place, share):
    moved = json.loads(json.dumps(marks))
    moved["skin_polygon"] = [list(place(*p)) for p in marks.get("skin_polygon") or []]
    moved["ignore"] = [[list(place(*p)) for p in area] for area in marks.get("ignore", [])]
    for stria in moved["striae"]:
        stria["points"] = [list(place(*p)) for p in stria["points"]]
        stria["width_px"] = share * stria.get("width_px", 4)
    return moved


def judge(program, score, photo, variant, folder):
    """F1 of one photo, mean over its markings; nan where the program fails."""
    image, place, share = VARIANTS[variant](Image.open(photo).convert("RGB"))
    name = f"{photo.stem} {variant}".replace(" ", "_")
    edited = pathlib.Path(folder) / (name + (".jpg" if variant == "JPEG 70" else ".png"))
    image.save(edited, quality=70)
    run = subprocess.run([program, "measure", edited, "--json", "--quiet", "--threads", "1"],
                         capture_output=True, check=False)
    if run.returncode:
        return float("nan")
    result = json.loads(run.stdout)
    marks = sorted(photo.parent.glob(f"marks/*/{photo.stem}.json"))
    return numpy.mean([score.score(move_marks(json.loads(m.read_text()), place, share), result)[2]
                       for m in marks])


def main():
    program, photos = sys.argv[1], pathlib.Path(sys.argv[2])
    variants = sys.argv[3:] or list(VARIANTS)
    score = load_score(photos)
    names = [p for p in sorted(photos.iterdir()) if p.suffix in (".png", ".jpg") and
             any(photos.glob(f"marks/*/{p.stem}.json"))]
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = {(v, p): pool.submit(judge, program, score, p, v, folder)
                for v in variants for p in names}
        value = {key: run.result() for key, run in runs.items()}
    print(f"{'':12}", *(f"{p.stem[:14]:>14}" for p in names), "   mean")
    for v in variants:
        row = [value[v, p] for p in names]
        print(f"{v:12}", *(f"{f:14.3f}" for f in row), f"{numpy.mean(row):7.3f}")
    columns = [numpy.mean([value[v, p] for v in variants]) for p in names]
    print(f"{'mean':12}", *(f"{f:14.3f}" for f in columns), f"{numpy.mean(columns):7.3f}")
    return int(not numpy.isfinite(numpy.mean(columns)))


if __name__ == "__main__":
    sys.exit(main())
