#!/bin/sh
# Figures of merit over small rendered pairs of all skin types and kinds, each held against a bound
# with a margin to what the program reaches, so that a step back is seen. Raise the bounds with it.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$STRIAE" validate --pairs 12 --seed 100 --width 900 --height 675 --px-per-mm 7 --hardness 0.3 \
    --json --quiet >"$work/scores.json" || exit 1
sed -n '/"summary"/,$p' "$work/scores.json" >"$work/summary"
cat "$work/summary"
wrong=0
bound() { # FIGURE least|most BOUND
    value=$(sed -n "s/.*\"$1\": *\([-0-9.e+]*\).*/\1/p" "$work/summary")
    awk -v v="$value" -v b="$3" -v rule="$2" \
        'BEGIN { exit !(v != "" && (rule == "least" ? v + 0 >= b : v + 0 <= b)) }' ||
        { echo "WRONG: $1 is ${value:-missing}, must be at $2 $3"; wrong=1; }
}
bound pairs least 12
bound aligned least 10
bound landmark_median_px most 0.4
bound landmark_worst_px most 4
bound dice_mean least 0.30
bound found_percent least 30
bound real_percent least 20
bound width_median_percent most 40
bound area_median_percent most 75
bound delta_a_median most 1
exit $wrong
