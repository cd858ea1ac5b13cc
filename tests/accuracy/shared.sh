#!/bin/sh
# Figures on test data that are not part of the project: a folder named by STRIAE_TEST_DATA that holds
#   pairs/NAME/   before.jpg, after.jpg, masks, ids and truth.json, as striae phantom writes them
#   photos/       photos, with marks/*/PHOTO.json and score.py MARKS.json RESULT.json; and
#                 skin_pairs/NAME_first.jpg, NAME_later.jpg, NAME.json (the same skin twice)
#   files/        exif_orientation/SCENE_N.jpg, one scene in each EXIF orientation, pngsuite/*.png, and
#                 charts/, photos with colour profiles
#                 (read by tests/unit; compared with Pillow here, where that is installed)
# Prints a table each. Usage: STRIAE_TEST_DATA=FOLDER sh tests/accuracy/shared.sh [PROGRAM]
set -u
program=${1:-${STRIAE:-$(dirname "$0")/../../build/striae}}
data=${STRIAE_TEST_DATA:-}
if [ -z "$data" ] || [ ! -d "$data" ]; then
    echo "skipped: set STRIAE_TEST_DATA to a folder with pairs/ and photos/"
    exit 77
fi
python=python3
"$python" -c 'import numpy' 2>/dev/null || python=/usr/bin/python3 # score.py asks for it
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
code=0

if [ -d "$data/pairs" ]; then
    echo "== rendered pairs"
    "$program" validate --folder "$data/pairs" --quiet || code=1
fi

picture=$(dirname "$program")/tests/picture
if [ -d "$data/files/pngsuite" ] && [ -x "$picture" ]; then
    echo "== PNG files, against another reader"
    pillow=python3
    "$pillow" -c 'import numpy, PIL' 2>/dev/null || pillow=/usr/bin/python3
    if "$pillow" -c 'import numpy, PIL' 2>/dev/null; then
        "$pillow" "$(dirname "$0")/pngsuite.py" "$picture" "$data/files/pngsuite" || code=1
        echo "== colour profiles, against another reader"
        "$pillow" "$(dirname "$0")/profiles.py" "$picture" "$data"/files/charts/*.jp*g \
            "$data"/files/charts/*.png || code=1
    else
        echo "no Pillow: not compared"
    fi
fi

if [ -d "$data/files/charts" ]; then
    echo "== colour charts: found (held-out dE2000 of the correction), or why not"
    for photo in "$data"/files/charts/*.png "$data"/files/charts/*.jp*g; do
        echo "$(basename "$photo"): $("$program" measure "$photo" --qc-only --quiet |
            grep -E '^[a-z]+ +(chart|card) ' || echo 'no chart in it')"
    done
fi

if [ -d "$data/photos" ]; then
    echo "== photos, found against marked by eye"
    for photo in "$data"/photos/*.png "$data"/photos/*.jpg; do
        [ -f "$photo" ] || continue
        name=$(basename "$photo")
        name=${name%.*}
        "$program" measure "$photo" -o "$work/$name" --quiet || { code=1; continue; }
        for marks in "$data"/photos/marks/*/"$name.json"; do
            [ -f "$marks" ] && [ -f "$data/photos/score.py" ] || continue
            echo "$name, marks $(basename "$(dirname "$marks")"): $(
                "$python" "$data/photos/score.py" "$marks" "$work/$name/result.json" | tr '\n' ' ')"
        done
    done
    echo "== the same photos, edited: F1, mean of all markings"
    if "$python" -c 'import numpy, PIL' 2>/dev/null; then
        "$python" "$(dirname "$0")/edited.py" "$program" "$data/photos" || code=1
    else
        echo "no numpy or Pillow: not done"
    fi
    echo "== photos before and after"
    for first in "$data"/photos/*_before.*; do
        [ -f "$first" ] || continue
        later=$(echo "$first" | sed 's/_before\./_after./')
        name=$(basename "$first")
        "$program" compare "$first" "$later" -o "$work/pair-${name%.*}" >/dev/null 2>"$work/said"
        echo "$name: exit code $?; $(grep -E '^(No comparison|  )' "$work/said" | tail -n 4 |
            tr -s ' ' | tr '\n' ';')"
    done
fi

if [ -d "$data/photos/skin_pairs" ]; then
    echo "== the same skin twice: distance of marked points, px of the later photo"
    for first in "$data"/photos/skin_pairs/*_first.jpg; do
        [ -f "$first" ] || continue
        stem=${first%_first.jpg}
        name=$(basename "$stem")
        "$program" compare "$first" "${stem}_later.jpg" -o "$work/$name" --quiet 2>"$work/said" ||
            { echo "$name: refused or failed: $(tail -n 1 "$work/said")"; continue; }
        "$python" - "$stem.json" "$work/points" "$work/wanted" <<'PYTHON'
import json, sys
for key, name in (("first", sys.argv[2]), ("later", sys.argv[3])):
    with open(name, "w") as out:
        for point in json.load(open(sys.argv[1]))["points"]:
            out.write("%r %r\n" % tuple(point[key]))
PYTHON
        "$program" map "$work/$name/result.json" --from 0 --to 1 <"$work/points" >"$work/mapped"
        paste -d ' ' "$work/mapped" "$work/wanted" |
            awk '$1 != "nan" { print sqrt(($1 - $3) ^ 2 + ($2 - $4) ^ 2) }' | sort -n |
            awk -v name="$name" -v all="$(wc -l <"$work/wanted")" '
                { d[NR] = $1 }
                END { if (NR == 0) print name ": no point is covered"
                      else printf "%s: median %.2f, largest %.2f, %d of %d points covered\n",
                                  name, (d[int((NR + 1) / 2)] + d[int(NR / 2) + 1]) / 2, d[NR],
                                  NR, all }'
    done
fi
exit $code
