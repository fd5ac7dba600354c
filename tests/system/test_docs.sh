#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# What the docs name is there: files and folders, also in the comments of sources; in the pages links,
# targets of make and their values, test programs; and docs/description.md tells of all of
# generated/. (Options: tests/unit/test_options.c.) Planted: one of each that is not there.
#
#   tests/system/test_docs.sh [SCRATCH]       default build/docs
set -u
scratch=${1:-build/docs}
checks=0 failures=0
mkdir -p "$scratch" || exit 1
mk="Makefile scripts/*.mk waves/*.mk gguf_tools/*.mk formal/*.mk tests/*.mk"

# FILE...: a line for each "FILE: WORD" that matches the pattern, cut out of it by sed
words() { # PATTERN SED FILE...
    pattern=$1 cut=$2
    shift 2
    grep -oHE "$pattern" "$@" /dev/null | sed "s/:\([^:]*\)\$/ \1/; $cut" | sort -u
}
say() { echo "$1: $2 $3"; }

paths() { # what begins with a folder of the project is in it; NAME, MODULE and * stand for anything;
          # a link, which begins where its page lies, is none
    words '(\]\(|^|[^A-Za-z0-9_./%$})-])(csrc|rtl|sim|firmware|gguf_tools|scripts|tests|waves|docs|generated|models|formal)/[A-Za-z0-9_./*-]*[A-Za-z0-9_*]' \
        's/ [^A-Za-z]/ /' "$@" | while read -r file word; do
        case $word in \(* | *\** | *NAME* | *MODULE* | *...*) continue ;; esac
        counted
        [ -e "$word" ] || say "$file" no "$word"
    done
}
pages() {
    words '\]\([^)#: ]+\)' 's/ \](/ /; s/)$//' "$@" | while read -r file link; do
        counted
        case $file in "$scratch"/*) from=docs ;; *) from=$(dirname "$file") ;; esac
        [ -e "$from/$link" ] || say "$file" "links to no" "$link"
    done
    words '(`|^ +)make [a-z][a-z-]*' 's/ .*make / /' "$@" | while read -r file target; do
        counted
        grep -q "^\($target\|\.PHONY:.* $target\)\( \|:\|\$\)" $mk || say "$file" "no target" "$target"
    done
    words 'CONFIG=[a-z]+' 's/ .*=/ /' "$@" | while read -r file config; do
        counted
        grep -q "^PARAMS_$config " scripts/configs.mk || say "$file" "no configuration" "$config"
    done
    words 'LIST=[a-z_]+' 's/ .*=/ /' "$@" | while read -r file list; do
        counted
        [ -f "waves/lists/$list.txt" ] || say "$file" "no list" "$list"
    done
    words 'FAULT=[a-z]+' 's/ .*=/ /' "$@" | while read -r file fault; do
        counted
        grep -qF "plusargs(\"fault_$fault\")" waves/faults/*.sed || say "$file" "no fault" "$fault"
    done
    words 'build/tests/test_[a-z_0-9]+' 's| .*/test_| |' "$@" | while read -r file test; do
        counted
        [ -n "$(ls tests/*/test_"$test".c 2>/dev/null)" ] || say "$file" "no test" "$test"
    done
    words 'build/tests/[a-z_0-9]+/test' 's| build/tests/\([a-z_0-9]*\)/.*| \1|' "$@" | while read -r file bench; do
        counted
        grep -q "(call bench,$bench," tests/tests.mk || say "$file" "no bench" "$bench"
    done
}
unnamed() { # what the description's page does not tell of: PAGE FILE...
    page=$1
    shift
    for file; do
        counted
        grep -qF "\`$file\`" "$page" || say "$page" "does not tell of" "$file"
    done
}
counted() { echo >>"$scratch/counted"; }

rm -f "$scratch"/*
docs=$(git ls-files '*.md')
# tests write files of their own, and name files that are missing on purpose
sources=$(git ls-files | grep -v '^tests/\|\.md$\|\.gguf$\|\.png$\|\.svg$')
{
    paths $docs $sources
    pages $docs
    unnamed docs/description.md generated/*
} >"$scratch/false"
checks=$(wc -l <"$scratch/counted")
failures=$(wc -l <"$scratch/false")
cat "$scratch/false"
if [ "$checks" -lt 300 ]; then
    failures=$((failures + 1))
    echo "only $checks things are named"
fi

planted() { # words of a page, what must be said of them
    checks=$((checks + 1))
    printf '%s\n' "$1" >"$scratch/page.md"
    said=$({ paths "$scratch/page.md"; pages "$scratch/page.md"; })
    [ "$said" = "$scratch/page.md: $2" ] && return
    failures=$((failures + 1))
    echo "of '$1' it says: '$said'"
}
checks=$((checks + 1))
[ "$(unnamed docs/waves.md generated/device.h)" = "docs/waves.md: does not tell of generated/device.h" ] || {
    failures=$((failures + 1))
    echo "a generated file that no page tells of is not missed"
}
planted 'see `csrc/gguf/gguff.c`.' 'no csrc/gguf/gguff.c'
planted '(rtl/engines, what runs)' 'no rtl/engines'
planted '[powers](powers.md)' 'links to no powers.md'
planted '    make simm N=8' 'no target simm'
planted 'by `make waves-all`' 'no target waves-all'
planted 'with CONFIG=vast' 'no configuration vast'
planted '`LIST=dots`' 'no list dots'
planted '`FAULT=lanes`' 'no fault lanes'
planted 'run build/tests/test_cycle' 'no test cycle'
planted 'run build/tests/telemetries/test' 'no bench telemetries'

[ "$failures" -eq 0 ] && echo "PASS docs ($checks checks)" && exit 0
echo "FAIL docs ($failures of $checks checks)"
exit 1
