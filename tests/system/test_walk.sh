#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The walk of docs/debugging.md, "From a failing run to the guilty line": its commands, one by one as
# they stand there, find what the page says.
#
#   tests/system/test_walk.sh build/tests/walk
out=$1
page=docs/debugging.md
if ! command -v fst2vcd >/dev/null; then
  echo "skipped: fst2vcd is missing: install gtkwave"
  exit 77
fi
rm -rf "$out"
mkdir -p "$out"
checks=0
failed=0

bad() {
  failed=$((failed + 1))
  echo "$@"
}

says() { # says FILE TEXT
  checks=$((checks + 1))
  grep -qF -e "$2" "$1" || { bad "'$2' is not in $1:"; head -n 20 "$1" | sed 's/^/    /'; }
}

unset LOCKSTEP_PLUSARGS MAKEFLAGS
if [ -d build/fail ]; then # of a run of the user's
  mv build/fail "$out/kept"
  trap 'rm -rf build/fail; mv "$out/kept" build/fail' EXIT
fi
sed -n '/^## From a failing run/,$s/^    //p' "$page" >"$out/walk"
grep -E '^(make|scripts/|grep|LOCKSTEP_PLUSARGS=)' "$out/walk" >"$out/commands"
while read -r command; do
  checks=$((checks + 1))
  sh -c "$command" >"$out/said" 2>&1
  status=$?
  cat "$out/said" >>"$out/log"
  case $command in
    "make fault "*) [ $status -eq 2 ] ;; # make's own, of the run's 1
    *) [ $status -eq 0 ] ;;
  esac || { bad "'$command' ends with $status:"; tail -n 5 "$out/said"; }
done <"$out/commands"
checks=$((checks + 1))
[ "$(wc -l <"$out/commands")" -ge 5 ] || bad "$page has only these commands: $(cat "$out/commands")"

grep -E '^(top\.lockstep|look first)' "$out/walk" >"$out/promised"
cat build/fail/report.txt >>"$out/log"
while read -r line; do
  says "$out/log" "$line"
done <"$out/promised"
checks=$((checks + 1))
[ "$(wc -l <"$out/promised")" -ge 3 ] || bad "$page promises only: $(cat "$out/promised")"
says "$out/log" "MATVEC, tensor blk.0.attn_q.weight"
says "$out/log" "lane 1 of 2 explains it"

# Traces of other cycles are refused.
build/faults/seen-trace/lockstep sim models/stories-600K-Q8_0.gguf -p Once -n 1 --no-reference \
  --cycles 100:300 --trace "$out/other.fst" >/dev/null 2>&1
scripts/wave_diff "$out/other.fst" build/fail/wave.fst >"$out/said" 2>&1
status=$?
checks=$((checks + 1))
[ $status -eq 2 ] || bad "traces of other cycles are compared"
says "$out/said" "trace the same cycles"

rm -f "$out"/*.fst build/fail/*.fst
[ "$failed" -eq 0 ] && echo "PASS walk ($checks checks)"
[ "$failed" -eq 0 ]
