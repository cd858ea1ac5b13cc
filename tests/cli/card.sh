#!/bin/sh
# card: a file of each kind, at its true size, the same bytes each time.
. "$(dirname "$0")/lib.sh"

for kind in pdf svg png; do
    expect_code 0 "$STRIAE" card -o card.$kind --batch 2026-A
    expect_empty out
    expect_in err 'print it at 100 %'
    expect_code 0 "$STRIAE" card -o again.$kind --batch 2026-A --quiet
    expect_empty err
    cmp -s card.$kind again.$kind || problem "$kind: a second run differs"
    expect_code 6 "$STRIAE" card -o card.$kind
    expect_code 0 "$STRIAE" card -o card.$kind --batch B --force
    cmp -s card.$kind again.$kind && problem "$kind: another batch, the same card"
done
# A4 in points; the SVG is the card in mm
grep -aq 'MediaBox \[ 0 0 595.27[0-9]* 841.88[0-9]* \]' card.pdf || problem "the sheet is not A4"
grep -aq 'CreationDate (20260101' card.pdf || problem "the PDF has a date of its own"
head -c 400 card.svg | grep -q 'width="85.6[0-9]*mm" height="53.98[0-9]*mm"' ||
    problem "the SVG has not the card's size: $(head -c 200 card.svg)"
head -c 4 card.png | grep -aq PNG || problem "no PNG"
expect_code 2 "$STRIAE" card
expect_code 2 "$STRIAE" card -o card.jpg
expect_in err '.pdf'
expect_code 2 "$STRIAE" card -o c.pdf --batch 'a name that is far too long for it'
expect_code 2 "$STRIAE" card x -o c.pdf
expect_code 6 "$STRIAE" card -o missing/card.pdf
expect_code 2 "$STRIAE" measure card.png --qc-only --chart-pitch 0
# measured colours
expect_code 0 "$STRIAE" card -o card.csv
[ "$(wc -l <card.csv)" -eq 19 ] || problem "card.csv: $(wc -l <card.csv) lines"
expect_code 0 "$STRIAE" measure card.png --card-colours card.csv --qc-only --quiet
grep -qE '^pass +card_colour ' out || problem "the card's own picture has other colours: $(cat out)"
sed 's/^red,.*/red,x,y,z/' card.csv >wrong.csv
expect_code 5 "$STRIAE" measure card.png --card-colours wrong.csv --qc-only
expect_in err wrong.csv
# through a rasteriser at 300 dpi, where there is one, and back into the detector
if command -v pdftoppm >/dev/null 2>&1; then
    pdftoppm -r 300 -png -singlefile again.pdf page
    expect_code 0 "$STRIAE" measure page.png --qc-only --json --quiet
    tr -d ' \n' <out | sed -n 's/.*"px_per_mm":{"value":\([0-9.]*\).*"source":"card".*/\1/p' >found
    awk 'BEGIN { wrong = 1 } { wrong = ($1 / (300 / 25.4) - 1) ^ 2 > 0.001 ^ 2 } END { exit wrong }' found ||
        problem "300 dpi are 11.811 px per mm, found: $(cat found)"
fi
finish
