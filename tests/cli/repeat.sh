#!/bin/sh
# repeat: photos of unchanged skin taken again give SEM, MDC95, ICC and Bland-Altman limits.
. "$(dirname "$0")/lib.sh"

echo 'subject,site,side,session,photo,px_per_mm,mood' >m.csv
for seed in 21 22 23 24; do
    render pair$seed $seed --null
    printf '%s,hip,L,0,pair%s/before.jpg,4,good\n%s,hip,L,1,pair%s/after.jpg,,bad\n' \
        $seed $seed $seed $seed >>m.csv
done

expect_code 0 "$STRIAE" repeat m.csv -o result
expect_empty out
[ "$(tail -n 1 err)" = '8 found = 8 ok + 0 refused + 0 failed + 0 skipped' ] ||
    problem "last line: $(tail -n 1 err)"
expect_in result/repeat.json '"striae-repeat/1"'
[ "$(wc -l <result/repeat.csv)" -eq 12 ] || problem "repeat.csv: not a row for each of 11 metrics"
[ "$(wc -l <result/photos.csv)" -eq 9 ] || problem "photos.csv: not a row for each photo"
for metric in width length area area_percent delta_a delta_l delta_b delta_e00 erythema melanin \
    texture; do
    grep -q "^$metric," result/repeat.csv || problem "repeat.csv: no $metric"
done
# MDC95 = 2.77 SEM, above 0, with an interval around it; four targets, eight photos
awk -F, 'NR > 1 { if (!($7 > 0 && $10 / $7 > 2.7717 && $10 / $7 < 2.7720 && $11 < $10 && $10 < $12 &&
    $3 == 4 && $4 == 8 && $5 == 4)) bad++ } END { exit bad > 0 }' result/repeat.csv ||
    problem "repeat.csv: MDC95 or counts"
expect_in result/report.html 'Bland-Altman'
ls result | grep -q tmp && problem "a temporary file is left"

# the same again: not without --force, and then the same bytes
expect_code 6 "$STRIAE" repeat m.csv -o result
expect_in err --force
cp -r result before
expect_code 0 "$STRIAE" repeat m.csv -o result --force --quiet --threads 1
[ "$(wc -l <err)" -eq 1 ] || problem "--quiet is not quiet"
diff -r before result >difference || { problem "not the same bytes"; head difference; }

# compare with these limits: the result says where they come from
render one 21 --colour-factor 0.3 --width-factor 1
limits() { # VALUE: all limits of totals and striae
    sed -E "/\"mdc95\": *\{/,/\}/s/\"value\": *[-0-9.e]+/\"value\": $1/" result/repeat.json
}
verdict_of() { # FOLDER METRIC: verdict and source of the total
    sed -n '/"changes"/,$p' "$1/result.json" | sed -n '/"totals"/,$p' | grep -m 1 "\"$2\":" |
        sed -E 's/.*"verdict": "([a-z_]*)".*"mdc95": ([-0-9.e+]+).*"mdc95_source": "([a-z-]*)".*/\1 \2 \3/'
}
limits 90 >wide.json
limits 0.0001 >narrow.json
expect_code 0 "$STRIAE" compare one/before.jpg one/after.jpg --px-per-mm 4 -o built-in
expect_in built-in/result.json '"source": "built-in"'
case $(verdict_of built-in delta_e00) in
*" built-in") ;;
*) problem "built in: $(verdict_of built-in delta_e00)" ;;
esac
expect_code 0 "$STRIAE" compare one/before.jpg one/after.jpg --px-per-mm 4 -o wide \
    --repeatability wide.json
[ "$(verdict_of wide delta_e00)" = 'unchanged 90.0 file' ] ||
    problem "limits of 90: $(verdict_of wide delta_e00)"
expect_in wide/result.json '"file": "wide.json"'
expect_in wide/report.html 'wide.json'
expect_code 0 "$STRIAE" compare one/before.jpg one/after.jpg --px-per-mm 4 -o narrow \
    --repeatability narrow.json
[ "$(verdict_of narrow delta_e00)" = 'decreased 0.0001 file' ] ||
    problem "limits of 0.0001: $(verdict_of narrow delta_e00)"
[ "$(grep -c config_sha256 wide/result.json)" -eq 1 ] &&
    [ "$(grep config_sha256 wide/result.json)" != "$(grep config_sha256 narrow/result.json)" ] ||
    problem "the limits do not show in config_sha256"
expect_code 3 "$STRIAE" compare one/before.jpg one/after.jpg -o x --repeatability nowhere.json
expect_code 2 "$STRIAE" compare one/before.jpg one/after.jpg -o x --repeatability m.csv
expect_in err 'm.csv: is no repeatability file'
expect_code 2 "$STRIAE" batch one -o x --repeatability wide/result.json
expect_absent x

# photos that cannot be used say why, and the rest goes on
printf '21,hip,L,2,nowhere.jpg,,\n22,hip,L,2,pair22/before.jpg,,\n25,hip,L,0,pair21/before.jpg,,\n' \
    >>m.csv
cp pair23/before.jpg copy.jpg
echo '23,hip,L,3,copy.jpg,,' >>m.csv
expect_code 4 "$STRIAE" repeat m.csv -o some
[ "$(tail -n 1 err)" = '12 found = 8 ok + 0 refused + 3 failed + 1 skipped' ] ||
    problem "last line: $(tail -n 1 err)"
grep -q '^nowhere.jpg,21,.*failed,.*no such file' some/photos.csv || problem "nowhere.jpg"
grep -q '^pair22/before.jpg,22,hip,L,2,.*failed,.*twice' some/photos.csv || problem "listed twice"
grep -q '^copy.jpg,23,.*failed,.*same file' some/photos.csv || problem "the copy of a photo"
grep -q '^pair21/before.jpg,25,.*skipped,.*no other photo' some/photos.csv || problem "a lone photo"
for column in 7 10; do
    [ "$(cut -d, -f$column some/repeat.csv)" = "$(cut -d, -f$column result/repeat.csv)" ] ||
        problem "unusable photos change column $column"
done

# too few: said, not guessed
head -n 3 m.csv >few.csv
expect_code 0 "$STRIAE" repeat few.csv --json
expect_in out '"reason": "too few'
expect_code 5 "$STRIAE" repeat m.csv --by-session --json --quiet # one photo a session
expect_in out '"same session"'

# wrong use
expect_code 2 "$STRIAE" repeat -o x
expect_code 2 "$STRIAE" repeat m.csv
expect_code 2 "$STRIAE" repeat m.csv -o x --px-per-mm 4,5
expect_code 3 "$STRIAE" repeat nowhere.csv -o x
printf 'subject,photo\n1\n' >bad.csv
expect_code 5 "$STRIAE" repeat bad.csv -o x
expect_in err 'bad.csv, line 2'
expect_absent x
finish
