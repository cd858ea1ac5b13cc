#!/bin/sh
# What each --sensitivity marks on skin without striae: rendered skin of every type with all that is
# taken for them (hair, creases, scars, veins, clothes, contours, shine), one photo each.
# Prints, per sensitivity, false striae per photo, photos without any, and the share of skin marked.
# Usage: sh tests/accuracy/sensitivity.sh FOLDER [PHOTOS [FIRST_SEED]]   (12 photos, from seed 9001)
# Photos that FOLDER holds already are taken as they are. STRIAE names the program.
set -eu
folder=${1:?usage: sensitivity.sh FOLDER [PHOTOS [FIRST_SEED]]}
photos=${2:-12}
seed=${3:-9001}
striae=${STRIAE:-$(dirname "$0")/../../build/striae}
result=$(mktemp)
trap 'rm -f "$result"' EXIT

printf '%-8s %8s %12s %12s\n' asked 'a photo' 'photos clean' 'skin marked'
for asked in low normal high; do
    for i in $(seq 0 $((photos - 1))); do
        scene=$folder/$((seed + i))
        [ -f "$scene/truth.json" ] ||
            "$striae" phantom -o "$scene" --seed $((seed + i)) --striae 0 --hardness 1 --tone $((i % 6 + 1)) \
                --quiet
        "$striae" measure "$scene/before.jpg" --sensitivity "$asked" --json --quiet >"$result"
        # of the totals, which come after the striae
        sed -n '/"totals"/,$p' "$result" | awk -F'[:,]' '
            /"count"/ && count == "" { count = $2 + 0 }
            /"area_percent"/ && share == "" { share = $3 + 0 }
            END { print count + 0, share + 0 }'
    done | awk -v asked="$asked" '
        { sum += $1; clean += $1 == 0; share += $2 }
        END { printf "%-8s %8.1f %8d of %d %10.2f %%\n", asked, sum / NR, clean, NR, share / NR }'
done
