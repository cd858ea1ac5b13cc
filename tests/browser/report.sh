#!/bin/sh
# The report of a rendered pair, looked at in Chromium (report.js). Skipped without node, Chromium or
# playwright-core, which tests/run puts into the folder that NODE_PATH names.
set -u
here=$(dirname "$0")
command -v node >/dev/null 2>&1 || { echo "no node"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$STRIAE" phantom -q -o "$work/pair" --seed 11 --width 640 --height 480 --px-per-mm 5 || exit 1
"$STRIAE" compare -q "$work/pair/before.jpg" "$work/pair/after.jpg" --px-per-mm 5 -o "$work/result"
[ -s "$work/result/report.html" ] || exit 1
"$STRIAE" measure -q "$work/pair/before.jpg" -o "$work/one" || exit 1
node "$here/report.js" "$work/result/report.html" "$work/one/report.html"
