# For the tests of the command line. STRIAE is the program; work is a folder that goes away.
set -u
: "${STRIAE:?STRIAE must be the program to test}"
work=$(mktemp -d)
trap 'chmod -R u+rwx "$work"; rm -rf "$work"' EXIT
cd "$work" || exit 1
wrong=0

problem() { # TEXT
    echo "WRONG: $1"
    wrong=1
}

# Runs the command; stdout and stderr go to ./out and ./err.
expect_code() { # CODE COMMAND...
    wanted=$1
    shift
    "$@" >out 2>err
    got=$?
    [ "$got" -eq "$wanted" ] || {
        problem "exit code $got, not $wanted: $*"
        sed 's/^/    stderr: /' err | head -n 5
    }
}

expect_in() { # FILE TEXT
    grep -qF -e "$2" "$1" || {
        problem "'$2' is not in $1"
        sed "s/^/    $1: /" "$1" | head -n 5
    }
}

expect_empty() { # FILE
    [ ! -s "$1" ] || {
        problem "$1 is not empty"
        sed "s/^/    $1: /" "$1" | head -n 5
    }
}

expect_absent() { # PATH
    [ ! -e "$1" ] || problem "$1 is there and should not be"
}

# A small rendered pair in FOLDER.
render() { # FOLDER SEED OPTION...
    folder=$1 seed=$2
    shift 2
    "$STRIAE" phantom -q -o "$folder" --seed "$seed" --width 480 --height 360 --px-per-mm 4 \
        --hardness 0.2 "$@" || problem "phantom failed"
}

finish() {
    exit $wrong
}
