#!/bin/sh
# Every C file is formatted by .clang-format.
set -u
cd "$1" || exit 1
command -v clang-format >/dev/null 2>&1 || { echo "no clang-format"; exit 77; }
clang-format --dry-run --Werror include/*.h src/*.[ch] src/*/*.[ch] tests/*/*.c
