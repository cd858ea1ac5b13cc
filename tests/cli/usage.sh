#!/bin/sh
# Help, version and wrong usage.
. "$(dirname "$0")/lib.sh"

expect_code 0 "$STRIAE" --help
for command in compare measure batch repeat map card phantom validate; do
    expect_in out "  $command "
done
expect_empty err
for later in merge trial blind record; do
    grep -q "^  $later " out && problem "--help lists $later, which does not exist yet"
    expect_code 2 "$STRIAE" $later
    expect_in err "$later: no such command"
    "$STRIAE" --help >out
done
expect_code 0 "$STRIAE" --version
grep -qx 'striae [0-9]*\.[0-9]*\.[0-9]*' out || problem "--version prints $(cat out)"

for command in compare measure batch repeat map card phantom validate; do
    expect_code 0 "$STRIAE" $command --help
    expect_in out "Usage: striae $command"
    for option in json quiet verbose help version; do
        expect_in out "--$option"
    done
    expect_empty err
    expect_code 0 "$STRIAE" $command --version
    expect_code 2 "$STRIAE" $command --nonsense
    expect_in err "--nonsense"
    expect_empty out
done

expect_code 2 "$STRIAE"
expect_code 2 "$STRIAE" --quiet compare
expect_code 2 "$STRIAE" frobnicate
expect_in err frobnicate

# every wrong value names its option
try() { # TEXT-IN-MESSAGE ARGUMENT...
    text=$1
    shift
    expect_code 2 "$STRIAE" "$@"
    expect_in err "$text"
    expect_empty out
}
try '-o DIR' compare a.jpg b.jpg
try 'at least two' compare a.jpg -o out.d
try 'one photo' measure a.jpg b.jpg -o out.d
try 'one folder' batch -o out.d
try '-o DIR' batch folder
try '--from' map result.json
try '--threads' compare a.jpg b.jpg -o d --threads
for value in x 1x '' ' 1' 1.5 -1 65 99999999999 nan; do
    try '--threads' compare a.jpg b.jpg -o d --threads "$value"
done
for value in x 0 -3 inf nan 1e9 0x10 '1 ' 1,2,x 1, ,1 1.2.3; do
    try '--px-per-mm' compare a.jpg b.jpg -o d --px-per-mm "$value"
done
try '3 numbers for 2 photos' compare a.jpg b.jpg -o d --px-per-mm 1,2,3
for value in 1,2,3,4 1,2,3,4,0 1,2,3,4,-5 1,2,1,2,10 a,b,c,d,e 1,2,3,4,5,6; do
    try '--ruler' compare a.jpg b.jpg -o d --ruler "$value"
done
try 'use one' compare a.jpg b.jpg -o d --ruler 0,0,9,9,5 --px-per-mm 3
try '--max-pixels' compare a.jpg b.jpg -o d --max-pixels=lots
try '--force takes no value' compare a.jpg b.jpg -o d --force=yes
try '--kind' phantom -o d --kind green
try '--tone' phantom -o d --tone 7
try '--seed' phantom -o d --seed -1
try 'options only' phantom d
try '--pairs' validate --pairs 0
try '-Z' compare -Z a.jpg b.jpg

# options may stand anywhere, with = or without; "--" ends them
expect_code 3 "$STRIAE" compare --threads=1 a.jpg -o d b.jpg --px-per-mm 3,3.5
expect_in err a.jpg
expect_code 3 "$STRIAE" measure -od --json -- --odd-name.jpg
expect_in err --odd-name.jpg
expect_absent d
finish
