#!/bin/sh
# One small rendered pair, from the renderer to the result: the figures a person would look at are
# held against tests/golden/expected.txt. Other processors and library versions round differently, so
# each number may be off by its tolerance; counts and words must be the same.
#   golden.sh               compares
#   golden.sh --generate    writes expected.txt anew: look at the difference before committing it
# STRIAE names the program (default: build/striae).
set -u
here=$(cd "$(dirname "$0")" && pwd)
program=${STRIAE:-$here/../../build/striae}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$program" phantom -q -o "$work/pair" --seed 11 --width 640 --height 480 --px-per-mm 5 --tone 3 \
    --kind rubra --hardness 0.2 --jpeg-quality 90 || exit 1
# Lines "NAME VALUE TOLERANCE": what was measured, not how it scored.
"$program" compare "$work/pair/before.jpg" "$work/pair/after.jpg" --px-per-mm 5 --json --quiet |
    awk '
    function take(label, text, tolerance) {
        if (match(text, /"value": *[-0-9.e+]+/))
            print label, substr(text, RSTART + 8, RLENGTH - 8) + 0, tolerance
        else
            print label, "null", 0
    }
    /"changes"/ { changes = 1 }
    /"totals"/ { totals = 1; part++ }
    totals && /"(width|area|delta_a|delta_e00)": *{/ {
        match($0, /"[a-z_0-9]+"/)
        name = substr($0, RSTART + 1, RLENGTH - 2)
        seen[part, name]++
        if (seen[part, name] == 1)
            take((changes ? "change." : "session" (part - 1) ".") name, $0,
                 name == "area" ? 15 : name == "width" ? 0.05 : 0.15)
    }
    /"files"|"skin":/ { totals = 0 }
    ' >"$work/found.txt"

if [ "${1:-}" = --generate ]; then
    cp "$work/found.txt" "$here/expected.txt"
    cat "$here/expected.txt"
    exit
fi
paste -d ' ' "$here/expected.txt" "$work/found.txt" | awk '
    { near = $2 == $5 || ($2 != "null" && $5 != "null" && ($2 - $5) ^ 2 <= $3 ^ 2) }
    $1 != $4 || !near { print "expected " $1 " " $2 " (+-" $3 "), found " $4 " " $5; wrong = 1 }
    END { if (NR < 12) { print "only " NR " figures"; wrong = 1 }; exit wrong }'
