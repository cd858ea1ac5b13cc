#!/bin/sh
# The house rule: who may include what. Fails on any #include "..." under include/ and src/ that is
# not named here.
#   include_rule.sh ROOT               checks a tree
#   include_rule.sh ROOT --self-test   checks that the rule bites
set -eu
root=$1

# Prints the extended regular expression of what FOLDER (under src/) may include.
allowed() { # FOLDER FILE
    own="$1/[a-z0-9_]+\.h"
    base="striae\.h|base/[a-z0-9_]+\.h"
    case $1 in
    base) echo "$base" ;;
    io | colour | calibrate | align | segment | measure | record)
        echo "$base|colour/colour\.h|$own" ;;
    report) echo "$base|colour/colour\.h|io/io\.h|$own" ;;
    phantom) # draws the reference card as calibrate/ does
        echo "$base|colour/colour\.h|io/io\.h|calibrate/calibrate\.h|$own" ;;
    study) echo "$base|io/io\.h|$own" ;;
    cli) echo "striae\.h|study/study\.h|report/report\.h|record/record\.h|phantom/phantom\.h|$own" ;;
    .) # pipeline.c, api.c: the base and every stage by its face
        faces=
        for stage in io colour calibrate align segment measure report record; do
            faces="$faces|$stage/$stage\.h"
        done
        echo "$base|pipeline\.h$faces" ;;
    *) echo "no such folder in the house" ;;
    esac
}

check() { # ROOT
    broken=0
    for file in "$1"/include/*.h "$1"/src/*.[ch] "$1"/src/*/*.[ch]; do
        [ -f "$file" ] || continue
        case $file in
        "$1"/include/*) pattern='nothing' ;;
        *)
            inside=${file#"$1"/src/}
            case $inside in
            */*) pattern=$(allowed "${inside%%/*}") ;;
            *) pattern=$(allowed .) ;;
            esac ;;
        esac
        bad=$(sed -n 's/^[ \t]*#[ \t]*include[ \t]*"\([^"]*\)".*/\1/p' "$file" |
            grep -vxE "$pattern" || true)
        if [ -n "$bad" ]; then
            broken=1
            echo "${file#"$1"/} must not include:" $bad
        fi
    done
    return $broken
}

if [ "${2:-}" != --self-test ]; then
    check "$root"
    exit
fi

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
bites() { # FILE INCLUDED
    mkdir -p "$tree/$(dirname "$1")"
    printf '  #  include "%s"\n' "$2" >"$tree/$1"
    if check "$tree" >/dev/null; then
        echo "$1 may include $2: the rule does not bite"
        exit 1
    fi
    rm "$tree/$1"
}
passes() { # FILE INCLUDED
    mkdir -p "$tree/$(dirname "$1")"
    printf '#include "%s"\n' "$2" >"$tree/$1"
    check "$tree"
    rm "$tree/$1"
}
bites include/striae.h base/status.h
bites src/base/image.c colour/colour.h
bites src/align/align.c segment/segment.h
bites src/align/align.c io/io.h
bites src/segment/segment.c ../align/align.h
bites src/segment/segment.c helper.h
bites src/study/batch.c pipeline.h
bites src/cli/main.c base/status.h
bites src/cli/main.c io/io.h
bites src/cli/main.c study/names.h
bites src/pipeline.c align/pyramid.h
bites src/new/new.c base/image.h
passes src/align/align.c colour/colour.h
passes src/report/report.c io/io.h
passes src/study/batch.c io/io.h
passes src/cli/main.c study/study.h
passes src/pipeline.c align/align.h
