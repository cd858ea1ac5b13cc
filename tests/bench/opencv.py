"""The usual way to line up two photos, for comparison: SIFT on CLAHE, MAGSAC homography, DIS flow.

Usage: opencv.py DIR...   (before.jpg, after.jpg, truth.json in each; needs python3-opencv)
Prints per pair the landmark error in px and the seconds, then the medians."""
import json
import statistics
import sys
import time

import cv2
import numpy


def line_up(first, later):
    """Where each pixel of `first` lies in `later`: height x width x 2."""
    clahe = cv2.createCLAHE(3.0, (8, 8))
    grey = [clahe.apply(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)) for picture in (first, later)]
    sift = cv2.SIFT_create(8000)
    (keys_first, codes_first), (keys_later, codes_later) = (
        sift.detectAndCompute(picture, None) for picture in grey)
    best = cv2.BFMatcher().knnMatch(codes_first, codes_later, 2)
    good = [a for a, b in best if a.distance < 0.8 * b.distance]
    if len(good) < 4:
        return None
    source = numpy.float32([keys_first[m.queryIdx].pt for m in good])
    target = numpy.float32([keys_later[m.trainIdx].pt for m in good])
    matrix, _ = cv2.findHomography(source, target, cv2.USAC_MAGSAC, 8.0)
    if matrix is None:
        return None
    height, width = grey[0].shape
    laid = cv2.warpPerspective(grey[1], matrix, (width, height),
                               flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(grey[0], laid, None)
    x, y = numpy.meshgrid(numpy.arange(width), numpy.arange(height))
    points = numpy.stack([x, y], -1).astype(numpy.float32) + flow
    return cv2.perspectiveTransform(points.reshape(1, -1, 2), matrix).reshape(height, width, 2)


def main(folders):
    seconds, medians = [], []
    for folder in folders:
        first, later = (cv2.imread(f"{folder}/{name}.jpg") for name in ("before", "after"))
        with open(f"{folder}/truth.json", encoding="utf-8") as file:
            landmarks = json.load(file)["landmarks"]
        begin = time.process_time()
        places = line_up(first, later)
        seconds.append(time.process_time() - begin)
        error = float("nan")
        if places is not None:
            inside = [(a, b) for a, b in zip(landmarks["before"], landmarks["after"])
                      if 0 <= a[0] < first.shape[1] - 1 and 0 <= a[1] < first.shape[0] - 1
                      and 0 <= b[0] < later.shape[1] and 0 <= b[1] < later.shape[0]]
            error = statistics.median(
                float(numpy.hypot(*(places[round(a[1]), round(a[0])] - numpy.array(b))))
                for a, b in inside)
        medians.append(error)
        print(f"{folder}: median {error:.3f} px, {seconds[-1]:.2f} processor seconds")
    print(f"processor seconds, median          {statistics.median(seconds):.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
