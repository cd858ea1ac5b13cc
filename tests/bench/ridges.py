"""Three multi-scale ridge filters (Sato 1998), of a photo's red, green and blue: for comparison.

Usage: ridges.py PHOTO   (needs python3-scipy, and python3-pil or python3-opencv)
Prints the wall and processor seconds. Uses scikit-image where it is installed, and the same
computation in SciPy where it is not: eigenvalues of the Hessian at three scales."""
import sys
import time

import numpy
import scipy.ndimage

SIGMAS = (4.0, 8.0, 16.0)  # px of a photo of 12 megapixels: striae 10 to 40 px wide


def read(path):
    try:
        from PIL import Image
        return numpy.asarray(Image.open(path).convert("RGB"))
    except ImportError:
        import cv2
        return cv2.imread(path)


def hessian_ridge(plane):
    """Largest over the scales of -sigma^2 times the smaller eigenvalue, where that is negative."""
    best = numpy.zeros_like(plane)
    for sigma in SIGMAS:
        xx, xy, yy = (scipy.ndimage.gaussian_filter(plane, sigma, order=order, truncate=4)
                      for order in ((0, 2), (1, 1), (2, 0)))
        smaller = 0.5 * (xx + yy) - numpy.sqrt(0.25 * (xx - yy) ** 2 + xy ** 2)
        best = numpy.maximum(best, -sigma ** 2 * smaller)
    return best


def main(path):
    picture = read(path)
    try:
        from skimage.filters import sato
        name, ridge = "scikit-image", lambda plane: sato(plane, sigmas=SIGMAS, black_ridges=False)
    except ImportError:
        name, ridge = "SciPy", hessian_ridge
    wall, processor = time.perf_counter(), time.process_time()
    for channel in range(3):
        ridge(-numpy.log((picture[..., channel].astype(numpy.float32) + 1) / 256))
    print(f"ridges     {time.perf_counter() - wall:7.3f} s {time.process_time() - processor:7.3f} "
          f"processor s ({name})")


if __name__ == "__main__":
    main(sys.argv[1])
