#!/bin/sh
# phantom and validate: the same seed, the same bytes; a table; JSON; rendered folders scored.
. "$(dirname "$0")/lib.sh"

small='--width 480 --height 360 --px-per-mm 4'
render one 9
render two 9 --threads 1
diff -r one two >/dev/null || problem "the same seed gives another pair"
render three 10
cmp -s one/before.jpg three/before.jpg && problem "another seed gives the same pair"
expect_code 6 "$STRIAE" phantom -o one --seed 9 --width 480 --height 360
expect_in err --force
expect_code 0 "$STRIAE" phantom -o many --seed 9 --count 2 $small --json
[ -s many/p0001/truth.json ] || problem "--count 2 gave no second pair"
expect_in out '"p0001"'

expect_code 0 "$STRIAE" validate --pairs 2 $small
expect_in out 'skin type 1'
expect_in out 'Verdicts of a change in the wrong direction'
expect_in out 'contrast, dE76 from the skin beside'
expect_in out 'unchanged skin     1 '
expect_in out 'What qualifies this machine'
expect_in out 'they are no bar' # other options than the release's
[ "$(grep -cE '^  (under|[0-9]+ (to|and)) ' out)" -eq 8 ] || problem "not eight classes of striae"
expect_code 0 "$STRIAE" validate --folder many --json --quiet
expect_empty err
expect_in out '"striae-validate/1"'
expect_in out '"mdc95_width_percent": null' # nothing without change in there
[ "$(grep -c '"pair":' out)" -eq 2 ] || problem "not two scores"
awk -F'[:,]' -v all=0 '/"by_/ { by = $1; gsub(/[ "]/, "", by) } /\]/ { by = "" } /"summary"/ { all = 1 }
    /_striae|striae_/ { key = $1; gsub(/[ "]/, "", key); sum[all, by, key] += $2 }
    END { total = sum[0, "", "true_striae"]
          if (total == 0 || sum[1, "by_width", "true_striae"] != total ||
              sum[1, "by_contrast", "true_striae"] != total ||
              sum[1, "by_width", "true_striae_found"] != sum[0, "", "true_striae_found"] ||
              sum[1, "by_width", "found_striae"] != sum[0, "by_width", "found_striae"] ||
              sum[1, "by_width", "found_striae"] > sum[0, "", "found_striae"] ||
              sum[1, "by_width", "found_striae"] == 0) exit 1 }' out ||
    problem "the classes of striae do not add up"
expect_absent many/p0000/result
expect_code 0 "$STRIAE" validate --pairs 1 --repeats 4 --seed 3 --keep kept $small --json
[ "$(grep -c '"unchanged": true' out)" -eq 4 ] || problem "not four pairs of unchanged skin"
grep -q '"mdc95_width_percent": [0-9]' out || problem "no MDC95 of four pairs of unchanged skin"
grep -q '"held_changes_percent": [0-9]' out || problem "no coverage of intervals"
grep -q '"change": *false' kept/p0001/truth.json || problem "the skin of a repeat has changed"
[ -s kept/p0000/result/result.json ] || problem "--keep keeps no result"
expect_code 6 "$STRIAE" validate --pairs 1 --keep kept $small
expect_code 3 "$STRIAE" validate --folder nowhere
expect_code 3 "$STRIAE" validate --folder one
TMPDIR=$work/tmp
mkdir "$TMPDIR"
TMPDIR=$TMPDIR expect_code 0 "$STRIAE" validate --pairs 1 $small
[ -z "$(ls -A "$work/tmp")" ] || problem "temporary files are left"
finish
