#!/bin/sh
# measure --qc-only and --roi: what is said of a photo, what is not written, where striae are looked
# for.
. "$(dirname "$0")/lib.sh"

render pair 5
expect_code 0 "$STRIAE" measure pair/before.jpg --qc-only --quiet
expect_empty err
for check in focus motion resolution clipping shine light redness hair skin profile edited compression scale; do
    grep -qE "^(pass|warn|fail) +$check " out || problem "no line on $check"
done
grep -qE '^warn +resolution .*480, limit 800' out || problem "a small photo is not told"
grep -qE '^pass +motion ' out || problem "motion in a still photo"
expect_code 0 "$STRIAE" measure pair/before.jpg --qc-only --json --px-per-mm 4
expect_in out '"check": "focus"'
expect_in out 'only the quality of the photo was looked at'
expect_code 2 "$STRIAE" measure pair/before.jpg --qc-only -o nowhere
expect_absent nowhere
expect_code 3 "$STRIAE" measure missing.jpg --qc-only

# the left half only: as polygon, as object, as list of two
half='[[-0.5,-0.5],[239.5,-0.5],[239.5,359.5],[-0.5,359.5]]'
echo "$half" >half.json
echo "{\"polygon\": $half}" >object.json
echo '[[[0,0],[100,0],[100,400],[0,400]],[[100,0],[239.5,0],[239.5,400],[100,400]]]' >list.json
for file in half object list; do
    expect_code 0 "$STRIAE" measure pair/before.jpg --roi $file.json --json --quiet
    cp out $file.out
done
skin=$(sed -n 's/.*"check": "skin", "status": "[a-z]*", "value": \([0-9.]*\).*/\1/p' half.out | head -n 1)
tr -d ' \n' <half.out | grep -qE '"check":"skin","status":"pass","value":50(\.0+)?,' ||
    problem "the region is not half of the photo ${skin:-}"
tr -d ' \n' <half.out | grep -o '"centreline":\[\[[^]]*' >starts
tr -d ' \n' <half.out | grep -oE '\[[0-9.]+,[0-9.]+\]' | tr -d '[]' |
    awk -F, '$1 > 250 { far++ } END { exit far > 0 }' || problem "a stria outside the region"

# wrong regions
echo '[[1,2],[3,4]]' >two.json
echo '[[1,2],[3,4],["x",5]]' >text.json
echo '[[900,900],[950,900],[950,950]]' >outside.json
echo 'left half' >words.json
for file in two text outside words; do
    expect_code 5 "$STRIAE" measure pair/before.jpg --roi $file.json --json
    expect_in err "$file.json"
done
finish
