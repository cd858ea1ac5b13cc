#!/bin/sh
# batch: six good pairs and three bad files give six results, three rows that say why, exit code 4.
. "$(dirname "$0")/lib.sh"

mkdir study
i=0
for names in anna_before:anna_after ben-pre:ben-post 'carla vorher:carla nachher' T0_dora:t1_dora \
    sub-01_site-hip_side-L_ses-0:sub-01_site-hip_side-L_ses-1 \
    deep/sub-02_site-hip_side-R_ses-0:deep/sub-02_site-hip_side-R_ses-1; do
    i=$((i + 1))
    render pair$i $((20 + i))
    mkdir -p "study/$(dirname "${names%%:*}")"
    cp pair$i/before.jpg "study/${names%%:*}.jpg"
    cp pair$i/after.jpg "study/${names##*:}.JPG"
done
: >study/empty_before.jpg
echo 'not a picture' >study/text.jpg
cp pair1/before.jpg study/IMG_0815.jpg
echo 'remember the milk' >study/notes.txt

# what would be done
expect_code 0 "$STRIAE" batch study --dry-run
[ "$(grep -c session out)" -ge 6 ] || problem "--dry-run shows $(grep -c session out) pairs"
for name in empty_before.jpg text.jpg IMG_0815.jpg notes.txt; do
    grep -q "left out: $name: ..*" out || problem "--dry-run does not say why $name is left out"
done
expect_absent result

expect_code 4 "$STRIAE" batch study -o result --px-per-mm 4
expect_empty out
last=$(tail -n 1 err)
[ "$last" = '16 found = 12 ok + 0 refused + 2 failed + 2 skipped' ] || problem "last line: $last"
[ "$(find result -name result.json | wc -l)" -eq 6 ] || problem "not six results"
[ "$(wc -l <result/inputs.csv)" -eq 17 ] || problem "inputs.csv: not one row per file"
head -n 1 result/inputs.csv | grep -qx 'path,status,reason,subject,arm,site,side,session,result' ||
    problem "inputs.csv: columns"
grep -q '^empty_before.jpg,failed,.*empty' result/inputs.csv || problem "no reason for the empty one"
grep -q '^text.jpg,failed,.*not a photo' result/inputs.csv || problem "no reason for the text"
grep -q '^IMG_0815.jpg,skipped,.*name' result/inputs.csv || problem "no reason for the nameless"
[ "$(grep -c ',ok,' result/inputs.csv)" -eq 12 ] || problem "inputs.csv: not twelve good photos"
columns=study,subject,arm,site,side,session,stria,photo_first,photo_later,metric,value,unit,ci_low
columns=$columns,ci_high,percent,verdict,qc,reason,tool_version,config_sha256
[ "$(head -n 1 result/long.csv)" = "$columns" ] || problem "long.csv: columns"
for subject in anna ben carla dora 01 deep; do
    cut -d, -f2 result/long.csv | grep -q "$subject" || [ $subject = deep ] ||
        problem "long.csv: no subject $subject"
done
grep -q '^study,01,,hip,L,1,,sub-01_site-hip_side-L_ses-0.jpg,sub-01_site-hip_side-L_ses-1.JPG,width_change,' \
    result/long.csv || problem "long.csv: no total width change of subject 01"
awk -F, 'NR > 1 && $11 == "" && $18 == "" { bad++ } END { exit bad > 0 }' result/long.csv ||
    problem "long.csv: a number is missing without a reason"
awk -F, 'NR > 1 && ($16 == "not_measurable") != ($18 != "") && $16 != "" { bad++ } END { exit bad > 0 }' \
    result/long.csv || problem "long.csv: not_measurable without a reason, or a reason beside a verdict"

# again: nothing is overwritten unless asked; several at once give the same bytes
expect_code 6 "$STRIAE" batch study -o result --px-per-mm 4
expect_in err --force
expect_code 4 "$STRIAE" batch study -o parallel --px-per-mm 4 --jobs 3 --quiet
[ "$(wc -l <err)" -eq 1 ] || problem "--quiet is not quiet"
diff -r result parallel >difference || { problem "--jobs 3 differs"; head difference; }

# a photo that turns out broken only when it is read: its partner's row says so, the rest goes on
mkdir broken
cp pair1/before.jpg broken/a_before.jpg
head -c $(($(wc -c <pair1/after.jpg) / 2)) pair1/after.jpg >broken/a_after.jpg
cp pair2/before.jpg broken/b_t0.jpg
cp pair2/after.jpg broken/b_t1.jpg
head -c $(($(wc -c <pair2/after.jpg) / 2)) pair2/after.jpg >broken/b_t2.jpg
expect_code 4 "$STRIAE" batch broken -o broken-result
grep -q '^a_after.jpg,failed,' broken-result/inputs.csv || problem "a_after.jpg is not failed"
grep -q '^a_before.jpg,skipped,.*a_after.jpg' broken-result/inputs.csv || problem "a_before.jpg"
grep -q '^b_t1.jpg,ok,' broken-result/inputs.csv || problem "b_t1.jpg is not ok"
grep -q '^b_t2.jpg,failed,' broken-result/inputs.csv || problem "b_t2.jpg is not failed"
expect_in broken-result/long.csv a_after.jpg

# nothing there, nothing good
mkdir bare
expect_code 3 "$STRIAE" batch bare -o bare-result
expect_code 3 "$STRIAE" batch nowhere -o bare-result
echo x >bare/x_before.jpg
expect_code 5 "$STRIAE" batch bare -o bare-result
expect_code 0 "$STRIAE" batch study --dry-run --json
expect_in out '"striae-batch/1"'

# all good: 0, notes or no notes
mkdir good
cp pair1/before.jpg good/before.jpg
cp pair1/after.jpg good/after.jpg
cp pair1/before_mask.png good/before_mask.png
echo x >good/notes.txt
expect_code 0 "$STRIAE" batch good -o good/result
expect_in err '4 found = 2 ok + 0 refused + 0 failed + 2 skipped'
[ -s good/result/good/result.json ] || problem "no result named after the folder"
finish
