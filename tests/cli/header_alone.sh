#!/bin/sh
# include/striae.h compiles alone, in C and in C++, with every warning on; so does the face of each
# stage in C.
set -eu
root=$1
cc=${CC:-cc}
for standard in c99 c17; do
    "$cc" -std=$standard -Wall -Wextra -Wpedantic -Werror -fsyntax-only -x c \
        "$root/include/striae.h"
done
for face in "$root"/src/*/*.h; do
    echo "#include \"${face#"$root"/src/}\"" |
        "$cc" -std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only -I"$root/include" \
            -I"$root/src" -x c -
done
cxx=${CXX:-c++}
if command -v "$cxx" >/dev/null 2>&1; then
    echo '#include "striae.h"' |
        "$cxx" -std=c++11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I"$root/include" -x c++ -
else
    echo "no C++ compiler: not tried in C++"
fi
