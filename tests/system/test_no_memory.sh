#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Memory runs out: of each program, command and file that it writes one allocation after the other
# fails, alone or with all behind it (tests/system/no_memory.c). It ends as it would have, or says so
# in one line and exit status 1 or 2; a file is whole or not there; it never crashes.
#
#   tests/system/test_no_memory.sh build/small/lockstep build/gguf build/tests/no_memory.so OUT [EVERY]
#
# EVERY: only each so many-th allocation, from one that follows from the command's name on.
lockstep=$PWD/$1
gguf=$PWD/$2
library=$PWD/$3
out=$4
every=${5:-1}
models=$PWD/build/tests/models
export OPENBLAS_NUM_THREADS=1
rm -rf "$out"
mkdir -p "$out/ran" "$out/whole"
cd "$out" || exit 2
cp "$models/tiny.gguf" tiny.gguf
checks=0 failed=0 told=0
bad() {
  failed=$((failed + 1))
  echo "$@"
  tail -n 2 err | cut -c 1-300 | sed 's/^/    /'
}
limited() { (cd ran && NO_MEMORY=$n$behind LD_PRELOAD=$library exec "$@") >text 2>err; }

starve() { # starve NAME COMMAND...
  name=$1
  shift
  rm -rf ran/* whole/*
  (cd ran && NO_MEMORY_COUNT=../count LD_PRELOAD=$library exec "$@") >whole.text 2>err || bad "$name: exit $?"
  count=$(cat count)
  cp -r ran/. whole
  [ "$count" -gt 5 ] || bad "$name: only $count allocations"
  for behind in "" +; do
    n=$((1 + $(echo "$name$behind" | cksum | cut -d ' ' -f 1) % every))
    while [ "$n" -le "$count" ]; do
      rm -rf ran/*
      limited "$@"
      status=$?
      checks=$((checks + 1))
      if [ $status -eq 0 ]; then
        [ "$(ls ran)" = "$(ls whole)" ] || bad "$name, allocation $n$behind: a file is missing"
        grep -q "memory" err text || [ "$(wc -l <text)" = "$(wc -l <whole.text)" ] || bad "$name, allocation $n$behind: other output"
      elif [ $status -gt 2 ]; then
        bad "$name, allocation $n$behind: exit $status"
      else
        told=$((told + 1))
        grep -qi "out of memory\|cannot allocate memory" err text || bad "$name, allocation $n$behind: no word of it"
        [ "$(grep -c "^lockstep: \|^gguf" err)" -le 1 ] || bad "$name, allocation $n$behind: more than a line"
        for file in ran/*; do # what is there is whole; a report has times in it
          [ "$file" = "ran/*" ] || [ "$file" = ran/r.json ] || cmp -s "$file" "whole/${file#*/}" ||
            bad "$name, allocation $n$behind: leaves a part of $file"
        done
      fi
      n=$((n + every))
    done
  done
}

starve inspect "$gguf" inspect ../tiny.gguf
starve verify "$gguf" verify ../tiny.gguf
starve quantize "$gguf" quantize ../tiny.gguf x.gguf F32
starve make "$gguf" make x.gguf --dim 32 --hidden 32 --layers 1 --heads 2 --kv-heads 1 --vocab 260
starve tokenize "$gguf" tokenize ../tiny.gguf "Once upon a time"
starve sim "$lockstep" sim ../tiny.gguf -p a -n 1 --no-reference
starve files "$lockstep" sim ../tiny.gguf -p a -n 1 --no-reference --report r.json --checkpoint state --commits words
[ "$told" -gt $((checks / 4)) ] || bad "only $told of $checks end for want of memory"

[ "$failed" -eq 0 ] && echo "PASS no_memory ($checks checks, $told told)" || echo "FAIL no_memory ($failed of $checks checks)"
[ "$failed" -eq 0 ]
