#!/bin/sh
# Photos that cannot be read and folders that cannot be written: a message that names the file, the
# documented exit code, nothing left behind.
. "$(dirname "$0")/lib.sh"

render pair 3
photo=pair/before.jpg
size=$(wc -c <$photo)

refuse() { # CODE FILE TEXT
    expect_code "$1" "$STRIAE" compare $photo "$2" -o result
    expect_in err "$2"
    expect_in err "$3"
    expect_empty out
    expect_absent result
    expect_code "$1" "$STRIAE" measure "$2" -o result
    expect_in err "$2"
    expect_absent result
}

refuse 3 missing.jpg 'striae: missing.jpg'
: >empty.jpg
refuse 5 empty.jpg empty
echo 'Dear diary, this is no picture at all, whatever its name says.' >text.jpg
refuse 5 text.jpg text.jpg
head -c $((size / 2)) $photo >half.jpg
refuse 5 half.jpg half.jpg
mkdir folder.jpg
"$STRIAE" measure folder.jpg -o result >out 2>err
code=$?
[ $code -eq 3 ] || [ $code -eq 5 ] || problem "a folder for a photo: exit code $code"
expect_in err folder.jpg
expect_absent result

# a PNG that says it is 60000 x 60000 (its checksum is right)
printf '\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\352\140\0\0\352\140\010\002\0\0\0' >huge.png
printf '\357\025\302\025' >>huge.png # any checksum: the size is looked at, or the damage noticed
refuse 5 huge.png huge.png
expect_code 5 "$STRIAE" measure $photo -o result --max-pixels 1000
expect_in err before.jpg
expect_absent result

# half a photo can be asked for
expect_code 0 "$STRIAE" measure half.jpg -o damaged --accept-damaged
[ -s damaged/result.json ] || problem "--accept-damaged gave no result"

# output
echo x >file
expect_code 6 "$STRIAE" compare $photo pair/after.jpg -o file/result
expect_in err file
expect_code 6 "$STRIAE" compare $photo pair/after.jpg -o file
expect_code 6 "$STRIAE" measure $photo -o /proc/striae-result
expect_in err /proc
expect_code 6 "$STRIAE" phantom -o file/pair
expect_code 6 "$STRIAE" batch pair -o file/result
if [ "$(id -u)" -ne 0 ]; then
    mkdir locked && chmod a-w locked
    expect_code 6 "$STRIAE" measure $photo -o locked/result
fi
expect_code 6 "$STRIAE" measure $photo -o damaged
expect_in err --force
cp damaged/result.json kept.json
expect_code 0 "$STRIAE" measure $photo -o damaged --force
cmp -s damaged/result.json kept.json && problem "--force replaced nothing"
if [ -w /dev/full ]; then
    "$STRIAE" measure $photo --json >/dev/full 2>err
    [ $? -eq 6 ] || problem "a full disk behind stdout goes unnoticed"
    expect_in err "standard output"
fi
find . -name '*.tmp*' -o -name '.striae-*' | grep . && problem "temporary files are left"
finish
