#!/bin/sh
# Segmentation alone of a rendered photo of 12 megapixels, step by step, against three ridge filters
# of scikit-image (Sato) run beside it on the same photo, or, where that is missing, the same filters
# written in SciPy: seconds of each, and their ratio. Skips that half where there is neither.
# Usage: sh tests/bench/segment.sh [BUILD-FOLDER] [WIDTHxHEIGHT] [THREADS]
set -eu
here=$(dirname "$0")
build=${1:-$here/../../build}
size=${2:-4000x3000}
threads=${3:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$build/striae" phantom -q -o "$work" --seed 3 --width "${size%x*}" --height "${size#*x}" \
    --px-per-mm "$((${size%x*} / 180))"
"$build/tests/segment" "$work/before.jpg" "$threads" | tee "$work/ours"
python=
for candidate in python3 /usr/bin/python3; do
    "$candidate" -c 'import scipy.ndimage, PIL.Image' 2>/dev/null ||
        "$candidate" -c 'import scipy.ndimage, cv2' 2>/dev/null || continue
    python=$candidate
    break
done
[ -n "$python" ] || { echo "no python3-scipy: no comparison"; exit 0; }
"$python" "$here/ridges.py" "$work/before.jpg" | tee "$work/theirs"
awk '$1 == "all" { ours = $2 } $1 == "ridges" { theirs = $2 }
     END { printf "three ridge filters take %.1f times as long as striae (%.2f s against %.2f s)\n",
               theirs / ours, theirs, ours }' "$work/ours" "$work/theirs"
