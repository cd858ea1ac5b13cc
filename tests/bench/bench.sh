#!/bin/sh
# Where the time goes: seconds per stage and their share, for a pair of each size, and the peak of
# memory. Usage: sh tests/bench/bench.sh [PROGRAM] [WIDTHxHEIGHT...]
set -eu
program=${1:-$(dirname "$0")/../../build/striae}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- 1000x750 2000x1500 4000x3000
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for size; do
    width=${size%x*}
    "$program" phantom -q -o "$work/$size" --seed 3 --width "$width" --height "${size#*x}" \
        --px-per-mm "$((width / 180))"
    echo "== $size"
    timer=
    [ -x /usr/bin/time ] && timer="/usr/bin/time -f peak:%M"
    $timer "$program" compare "$work/$size/before.jpg" "$work/$size/after.jpg" \
        --px-per-mm "$((width / 180))" -o "$work/$size/result" --verbose 2>"$work/said" || true
    awk '/: [0-9.]+ s$/ { stage = $0; sub(/[,:].*/, "", stage); t[stage] += $(NF - 1)
                          if (!(stage in order)) { order[stage] = ++n; name[n] = stage }
                          all += $(NF - 1) }
         /^peak:/ { peak = substr($0, 6) / 1024 }
         END { for (i = 1; i <= n; i++)
                   printf "%-24s %7.2f s  %3.0f %%\n", name[i], t[name[i]], 100 * t[name[i]] / all
               printf "%-24s %7.2f s\n", "all", all
               if (peak) printf "%-24s %7.0f MiB\n", "peak memory", peak }' "$work/said"
done
