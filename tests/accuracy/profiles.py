"""Compares how photos with colour profiles are read with what Pillow's colour management makes of them
(relative colorimetric, to sRGB, 8 bits). Usage: profiles.py PICTURE-PROGRAM PHOTO..."""

import io
import os
import subprocess
import sys

import numpy as np
from PIL import Image, ImageCms, ImageOps


def expected(path):
    image = Image.open(path)
    profile = image.info.get("icc_profile")
    upright = ImageOps.exif_transpose(image).convert("RGB")
    if not profile:
        return np.asarray(upright, float), "no profile"
    own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    name = ImageCms.getProfileDescription(own).strip()
    srgb = ImageCms.createProfile("sRGB")
    return np.asarray(ImageCms.profileToProfile(upright, own, srgb, renderingIntent=1), float), name


def main():
    failed = False
    for path in sys.argv[2:]:
        done = subprocess.run([sys.argv[1], path], capture_output=True)
        if done.returncode:
            print("%s: %s" % (os.path.basename(path), done.stderr.decode().strip()))
            failed = True
            continue
        got = np.asarray(Image.open(io.BytesIO(done.stdout)), float)
        want, name = expected(path)
        off = abs(got - want)
        print("%s (%s): mean difference %.3f, largest %.0f of 255"
              % (os.path.basename(path), name, off.mean(), off.max()))
        failed |= off.mean() > 0.3 or off.max() > 4
    sys.exit(bool(failed))


main()
