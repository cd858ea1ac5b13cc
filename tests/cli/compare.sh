#!/bin/sh
# compare, measure and map on a rendered pair: what is written, where it is said, same bytes always.
model=$(sha256sum "$(dirname "$0")/../../models/segment.model" | cut -d ' ' -f 1)
. "$(dirname "$0")/lib.sh"

render pair 5
scale=$(sed -n 's/.*"px_per_mm": *\([0-9.]*\).*/\1/p' pair/truth.json | head -n 1)

expect_code 0 "$STRIAE" compare pair/before.jpg pair/after.jpg --px-per-mm "$scale" -o one \
    --threads 1
expect_empty out
expect_in err one/report.html
for file in result.json report.html; do
    [ -s one/$file ] || problem "no one/$file"
done
expect_in one/result.json '"striae-result/1"'
expect_in one/result.json "$model"

# the same bytes with other threads and on a second run, in whatever locale
expect_code 0 env LC_ALL="${TEST_LOCALE:-C}" "$STRIAE" compare pair/before.jpg pair/after.jpg \
    --px-per-mm "$scale" -o four --threads 4
expect_code 0 "$STRIAE" compare pair/before.jpg pair/after.jpg --px-per-mm "$scale" -o again \
    --threads 4 --json --quiet
expect_empty err
diff -r one four >difference || { problem "1 and 4 threads differ"; cat difference; }
diff -r one again >difference || { problem "a second run differs"; cat difference; }
# --json prints what is written
tr -d ' \n' <out >printed
tr -d ' \n' <one/result.json >written
cmp -s printed written || problem "--json is not result.json"

# the more sensitive, the more striae: probabilities from 0.75, 0.5 and 0.25 on
before=-1
for level in low normal high; do
    expect_code 0 "$STRIAE" measure pair/before.jpg -o "$level" --sensitivity "$level" --json --quiet
    found=$(grep -c '"probability"' "$level/result.json")
    [ "$found" -ge "$before" ] || problem "--sensitivity $level finds fewer: $found after $before"
    before=$found
done
[ "$before" -gt "$(grep -c '"probability"' low/result.json)" ] || problem "--sensitivity does nothing"
expect_code 2 "$STRIAE" measure pair/before.jpg -o x --sensitivity mid
expect_in err 'low|normal|high'

# a series: each later photo against the first, and a chart for each metric
render other 5 --pose 0.5 --light 0.5
expect_code 0 "$STRIAE" compare pair/before.jpg pair/after.jpg other/after.jpg \
    --px-per-mm "$scale" -o series
[ "$(grep -c '"from": 0' series/result.json)" -eq 2 ] || problem "series: not two changes"
[ "$(grep -c '"watch": ' series/result.json)" -eq 2 ] || problem "series: nothing to look at said"
[ "$(grep -o 'class="chart"' series/report.html | wc -l)" -eq 9 ] || problem "series: charts"
for file in map-0-2.bin map-2-0.bin session-2-overlay.png; do
    [ -s series/$file ] || problem "series: no $file"
done
printf '240 180\n' | "$STRIAE" map series/result.json --from 1 --to 2 >out
awk '{ exit !(NF == 2) }' out || problem "series: no map from 1 to 2"

# nothing but JSON where no folder is asked for
expect_code 0 "$STRIAE" measure pair/before.jpg --json
expect_in out '"striae-result/1"'
expect_in err striae

# plain lines, not a flood, where stderr is no terminal
[ "$(wc -l <err)" -lt 40 ] || problem "$(wc -l <err) lines on stderr"
grep -q "$(printf '\r')" err && problem "a bar without a terminal"
grep -q "$(printf '\033')" err && problem "colours without a terminal"
expect_code 0 "$STRIAE" measure pair/before.jpg --json --verbose
[ "$(wc -l <err)" -gt 5 ] || problem "--verbose says nothing more"

# the same photo twice: no change
expect_code 0 "$STRIAE" compare pair/before.jpg pair/before.jpg --px-per-mm "$scale" -o same
sed -n '/"changes"/,$p' same/result.json | sed -n '/"totals"/,$p' |
    grep -E '"verdict": *"(decreased|increased)"' && problem "a photo differs from itself"
sed -n '/"changes"/,$p' same/result.json | grep -q '"totals"' || problem "no totals of the change"

# map
printf '240 180\n-1000 5\n' | "$STRIAE" map same/result.json --from 0 --to 1 >out 2>err ||
    problem "map failed"
sed -n 1p out | awk '{ exit !(NF == 2 && ($1 - 240) ^ 2 < 0.25 && ($2 - 180) ^ 2 < 0.25) }' ||
    problem "the same photo maps 240 180 to $(sed -n 1p out)"
sed -n 1p out | grep -qE '^-?[0-9]+\.[0-9]{3} -?[0-9]+\.[0-9]{3}$' || problem "not three decimals"
[ "$(sed -n 2p out)" = 'nan nan' ] || problem "outside: $(sed -n 2p out)"
printf '240 180\n' | "$STRIAE" map one/result.json --from 0 --to 1 |
    "$STRIAE" map one/result.json --from 1 --to 0 >out
awk '{ exit !(NF == 2 && ($1 - 240) ^ 2 < 1 && ($2 - 180) ^ 2 < 1) }' out ||
    problem "there and back: $(cat out)"
printf '240 180\n300\n1 1\n' >points
expect_code 2 "$STRIAE" map one/result.json --from 0 --to 1 <points
expect_in err 'line 2'
[ "$(wc -l <out)" -eq 1 ] || problem "map went on after a bad line"
for bad in 'x y' '1 2 3' '' '1,2' 'nan nan' '1 2x'; do
    printf '%s\n' "$bad" >points
    expect_code 2 "$STRIAE" map one/result.json --from 0 --to 1 <points
    expect_in err 'line 1'
done
expect_code 3 "$STRIAE" map nowhere/result.json --from 0 --to 1 </dev/null
expect_code 2 "$STRIAE" map one/result.json --from 0 --to 7 </dev/null
finish
