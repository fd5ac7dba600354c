#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Includes run one way: a file sees its own folder and those that the table gives it, in C and in
# Verilog. The order behind the table: generated, firmware, base < gguf < tokenizer < model < golden
# < draft; reference, expect < device < check < session < trace < run < report < programs.
# Planted faults, in copies: an include against the order, a folder that the table lacks.
#
#   tests/system/test_includes.sh build/tests/includes
out=$1
table='
generated      csrc/base
firmware       generated
csrc/base      generated
csrc/gguf      generated csrc/base
csrc/model     generated firmware csrc/base csrc/gguf csrc/tokenizer
csrc/tokenizer generated csrc/base csrc/gguf
csrc/golden    generated firmware csrc/base csrc/gguf csrc/model
csrc/draft     firmware csrc/base csrc/gguf csrc/model csrc/tokenizer csrc/golden
csrc/reference generated csrc/base csrc/gguf csrc/model
csrc/expect    generated firmware csrc/base csrc/gguf csrc/model
sim/device     generated firmware csrc/base
sim/check      generated firmware csrc/base csrc/gguf csrc/model csrc/golden csrc/expect sim/device
sim/trace      generated firmware csrc/base csrc/gguf csrc/model csrc/tokenizer sim/device sim/check
sim/session    generated firmware csrc/base csrc/gguf csrc/model csrc/golden csrc/expect sim/device sim/check
sim/library    generated firmware csrc/base csrc/gguf csrc/model csrc/tokenizer csrc/golden csrc/draft csrc/reference csrc/sampling sim/device sim/check sim/session
sim/run        generated firmware csrc/base csrc/gguf csrc/model csrc/tokenizer csrc/golden csrc/draft csrc/reference csrc/expect sim/device sim/check sim/trace sim/session
sim/report     generated firmware csrc/base csrc/expect sim/run
csrc/sampling  firmware csrc/base
csrc/jinja     csrc/base
csrc/schema    csrc/base
csrc/chat      csrc/base csrc/jinja
csrc/server    csrc/base csrc/gguf csrc/tokenizer csrc/chat csrc/sampling csrc/schema sim/library
csrc/console   csrc/base csrc/chat sim/library
csrc/app       generated firmware csrc/base csrc/server csrc/console sim/library sim/run sim/report
gguf_tools     generated csrc/base csrc/gguf csrc/model csrc/tokenizer csrc/reference
rtl            generated rtl
scripts
'
checks=0
failed=0

# against TREE: each include in TREE that the table does not allow, and each folder without a line
against() {
  (cd "$1" && find csrc sim firmware generated gguf_tools scripts rtl -name '*.[chv]' -o -name '*.cpp' -o -name '*.vh' |
    sort | xargs awk -v table="$table" '
    function unit(path,   part) { # the folder that the table speaks of
      split(path, part, "/")
      return part[1] == "csrc" || part[1] == "sim" ? part[1] "/" part[2] : part[1]
    }
    BEGIN {
      n = split(table, lines, "\n")
      for (i = 1; i <= n; i++) {
        m = split(lines[i], word, " ")
        if (m > 0) known[word[1]] = 1
        for (k = 2; k <= m; k++) may[word[1], word[k]] = 1
      }
    }
    FNR == 1 {
      from = unit(FILENAME)
      if (!(from in known)) print FILENAME ": the table has no line for " from
    }
    /^ *(#|`)include "/ {
      to = $0
      sub(/^[^"]*"/, "", to)
      sub(/".*/, "", to)
      if (to !~ /\//) next # its own folder
      if (from == "rtl" && to !~ /^generated\//) to = "rtl/" to # -Irtl
      if (unit(to) != from && !((from, unit(to)) in may)) print FILENAME ":" FNR ": includes " to
    }')
}

is() { # is WHAT ACTUAL EXPECTED
  checks=$((checks + 1))
  [ "$2" = "$3" ] && return
  failed=$((failed + 1))
  echo "$1:"
  echo "$2" | sed 's/^/    /'
}

is "includes against the order" "$(against .)" ""

# Inside rtl/: whole modules are not included, only what several of them share.
is "Verilog includes of other folders" \
  "$(grep -rnE '`include "' rtl --include='*.v' --include='*.vh' | grep -vE '"(generated|float|common)/' |
    awk -F: '{split($1, at, "/"); if (index($3, "\"" at[2] "/") == 0) print}')" ""

rm -rf "$out"
mkdir -p "$out"
cp -r csrc sim firmware generated gguf_tools scripts rtl "$out"
sed -i '1i #include "sim/run/sim_run.h"' "$out/sim/check/scoreboard.c"
is "planted: check includes run" "$(against "$out")" "sim/check/scoreboard.c:1: includes sim/run/sim_run.h"
sed -i 1d "$out/sim/check/scoreboard.c"
sed -i '1i #include "csrc/base/error.h"' "$out/firmware/driver.c"
is "planted: firmware includes the host" "$(against "$out")" "firmware/driver.c:1: includes csrc/base/error.h"
sed -i 1d "$out/firmware/driver.c"
mkdir "$out/csrc/stray"
echo '#include "csrc/base/error.h"' >"$out/csrc/stray/stray.c"
is "planted: a folder of its own" "$(against "$out" | head -n 1)" \
  "csrc/stray/stray.c: the table has no line for csrc/stray"
rm -rf "$out"

[ "$failed" -eq 0 ] && echo "PASS includes ($checks checks)"
[ "$failed" -eq 0 ]
