#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# What `make power` leaves: CSVs, plots as SVG and PNG, and a page that holds the run's numbers and
# every plot and asks for nothing from elsewhere.
#
#   tests/system/test_power_page.sh build/small/lockstep build/tests/power_page
program=$1
out=$2
model=build/tests/models/stories-Q4_0.gguf
if ! command -v gnuplot >/dev/null; then
  echo "skipped: gnuplot is missing: install gnuplot-nox"
  exit 77
fi
checks=0
failed=0
is() { # is WHAT ACTUAL EXPECTED
  checks=$((checks + 1))
  [ "$2" = "$3" ] && return
  failed=$((failed + 1))
  echo "$1: '$2', expected '$3'"
}
count() { grep -o -e "$1" "$2" | wc -l; }

# check FOLDER OPTION...: a run and its page
check() {
  folder=$1
  shift
  rm -rf "$folder"
  mkdir -p "$folder"
  "$program" sim "$model" -p "Once upon a time" -n 3 --no-reference --power "$folder" \
    --report "$folder/report.json" "$@" >/dev/null 2>&1
  is "$* run" $? 0
  scripts/power_page "$folder" >"$folder/log" 2>&1
  is "$* page" $? 0
  is "$* warnings" "$(cat "$folder/log")" ""
  for plot in power ondie temperature cycles roofline; do
    is "$plot.png" "$(head -c 4 "$folder/$plot.png" | tail -c 3)" PNG
    is "$plot.svg" "$(count '</svg>' "$folder/$plot.svg")" 1
    is "$plot in the page" "$(count "id=[\"']${plot}_gnuplot_canvas" "$folder/report.html")" 1
  done
  page=$folder/report.html
  is "pictures" "$(count '</svg>' "$page")" 5
  is "references to elsewhere" \
    "$(sed 's/xmlns[:a-z]*="[^"]*"//g' "$page" | grep -cE 'https?:|src=|@import|<link')" 0
  for unit in leakage control "dot array" weights DRAM vector attention "KV SRAM"; do
    is "$unit" "$(count ">$unit<" "$folder/power.svg")" 1
  done
  is "DRAM is not on the die" "$(count '>DRAM<' "$folder/ondie.svg")" 0
  is "peak power" "$(count "$(sed -n 's/^Power,//p' "$folder/run.csv")" "$page")" 1
  is "verdict" "$(count '<td>PASS</td>' "$page")" 1
}

check "$out/cool"
is "ramp far above" "$(count 'is far above' "$out/cool/temperature.svg")" 1
check "$out/hot" --throttle hot
is "target in sight" "$(count '>target ' "$out/hot/temperature.svg")" 1

# What a page was drawn of stays until there is another: this model does not exist.
mkdir -p build/power
: >build/power/kept
make power CONFIG=small MODEL=absent.gguf >"$out/log" 2>&1
is "absent model" "$? $(grep -c 'absent.gguf' "$out/log") $(rm build/power/kept && echo kept)" "2 1 kept"
make power CONFIG=small THROTTLE= >"$out/log" 2>&1
is "THROTTLE=" "$? $(grep -c "throttle: '' is none of off, on, hot" "$out/log")" "2 1"

# Without its numbers there is no page.
rm "$out/hot/ops.csv"
scripts/power_page "$out/hot" >/dev/null 2>&1
is "without ops.csv" "$([ $? -ne 0 ] && echo refused)" refused
[ "$failed" -eq 0 ] && echo "PASS power_page ($checks checks)"
[ "$failed" -eq 0 ]
