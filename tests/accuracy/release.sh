#!/bin/sh
# The figures that `striae validate` shows as those of the release: measures them anew, with its
# options as they are (some 10 minutes), and prints the file that holds them:
#   sh tests/accuracy/release.sh [PROGRAM] > figures && clang-format figures > src/cli/release_figures.h
set -eu
program=${1:-$(dirname "$0")/../../build/striae}
json=$(mktemp)
trap 'rm -f "$json"' EXIT
"$program" validate --json --quiet >"$json"
cat <<END
/* Made by tests/accuracy/release.sh; in the order of enum score_figure. */
#ifndef STRIAE_CLI_RELEASE_FIGURES_H
#define STRIAE_CLI_RELEASE_FIGURES_H

#define RELEASE_VERSION  "$("$program" --version | awk '{ print $2; exit }')"
#define RELEASE_MEASURED "$(date +%Y-%m-%d)"

static const double release_figures[] = {
END
awk '/^ "figures"/ { on = 1; next } on && /}/ { exit }
    on { gsub(/[",:]/, " "); printf "    %s, /* %s */\n", $2 == "null" ? "NAN" : $2, $1 }' "$json"
cat <<END
};

#endif
END
