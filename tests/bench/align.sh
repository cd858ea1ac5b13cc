#!/bin/sh
# Alignment alone against the usual OpenCV pipeline, run beside it on the same rendered pairs:
# processor seconds of each, and their ratio. Skips OpenCV's half where python3-opencv is missing.
# Usage: sh tests/bench/align.sh [BUILD-FOLDER] [WIDTHxHEIGHT]
set -eu
here=$(dirname "$0")
build=${1:-$here/../../build}
size=${2:-1800x1350}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for seed in 3 4 5; do
    "$build/striae" phantom -q -o "$work/$seed" --seed "$seed" --width "${size%x*}" \
        --height "${size#*x}" --px-per-mm "$((${size%x*} / 180))"
done
"$build/tests/alignment" --folder "$work"/[0-9] | tee "$work/ours"
python=
for candidate in python3 /usr/bin/python3; do
    "$candidate" -c 'import cv2, numpy' 2>/dev/null && python=$candidate && break
done
[ -n "$python" ] || { echo "no python3-opencv: no comparison"; exit 0; }
"$python" "$here/opencv.py" "$work"/[0-9] | tee "$work/theirs"
cat "$work/ours" "$work/theirs" |
    awk '/^processor seconds/ { t[++n] = $NF }
         END { printf "OpenCV takes %.2f times as long as striae (%.2f s against %.2f s)\n", t[2] / t[1], t[2], t[1] }'
