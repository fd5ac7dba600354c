#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The experiments of docs/power.md, all from a hot start. The long one: 480 tokens with the ramp of
# the profile. And where contexts are long, from position 400 on, the same 30 tokens with no
# regulation, with the ramp, and with a ramp of zero width, which is on-off throttling, at the same
# target and at the ramp's mean temperature. Without a model of its own it makes one of the shape of
# stories260K: what it costs a cycle does not depend on the weights. Writes build/power_study/: a
# folder of CSVs a run, long.md, table.md and temperature.svg. Usage: scripts/power_study.sh [MODEL]
set -eu

model=${1:-build/models/study-F32.gguf}
out=build/power_study
profile=scripts/profiles/45nm-small.txt

# run NAME PROFILE MODE OPTION...: a folder of CSVs and the report
run() {
  name=$1 settings=$2 mode=$3
  shift 3
  mkdir -p "$out/$name"
  build/small/lockstep sim "$model" -p a --no-reference --clock 500 --throttle "$mode" \
    --profile "$settings" --power "$out/$name" --report "$out/$name/report.json" "$@" \
    > "$out/$name/text" 2> "$out/$name/log" || { cat "$out/$name/log" >&2; exit 1; }
}

# with NAME=VALUE...: the profile with other values
with() {
  script=
  for setting in "$@"; do
    script="$script;s/^${setting%%=*} = .*/${setting%%=*} = ${setting#*=}/"
  done
  sed "$script" "$profile"
}

# measure NAME FIRST LAST: of the tokens at these positions: tokens/s at 500 MHz, mean, lowest and
# highest temperature of the die, mW on the die, mean pace, longest wait for a token in microseconds
measure() {
  awk -F, -v first="$2" -v last="$3" '
    NR > 1 && $2 >= first && $2 <= last {
      if (!n++) { low = high = $12; token = $2; begin = since = $1 }
      power = 0
      for (i = 4; i <= 11; i++) power += $i
      die += power - $8; sum += $12; pace += $14
      if ($12 < low) low = $12
      if ($12 > high) high = $12
      if ($2 != token) { if ($1 - since > wait) wait = $1 - since; since = $1; token = $2 }
    }
    END { printf "%.0f %.3f %.3f %.3f %.1f %.2f %.0f\n", (token - first) * 5e8 / (since - begin),
          sum / n, low, high, die / n, pace / n, wait / 500 }' "$out/$1/power.csv"
}

# row TEXT NAME FIRST LAST
row() {
  text=$1
  shift
  measure "$@" | awk -v text="$text" '{
    printf "| %s | %s | %s | %s..%s | %s | %s | %s |\n", text, $1, $2, $3, $4, $5, $6, $7 }'
}

head_line() {
  echo "| $1 | tokens/s | die, mean C | die, C | on-die mW | pace | longest wait, us |"
  echo "| --- | --- | --- | --- | --- | --- | --- |"
}

rm -rf "$out"
mkdir -p "$out" build/models
[ -n "${1:-}" ] || build/gguf make "$model" --type F32 --context 512 > /dev/null
run long "$profile" hot -n 480
{
  head_line positions
  for first in 60 120 180 240 300 360 420; do
    row "$first to $((first + 59))" long "$first" $((first + 59))
  done
} | tee "$out/long.md"

late() { run "$@" -n 429 --start-token 400; } # 'a' is two tokens
with initial_c=74 > "$out/free.txt"
late free "$out/free.txt" off
late ramp "$profile" hot
with ramp_start_c=75 > "$out/onoff.txt"
late onoff "$out/onoff.txt" hot
mean=$(measure ramp 415 429 | cut -d' ' -f2)
# --throttle hot begins a degree below the target, so this one is told where to begin.
with ramp_start_c="$mean" ramp_target_c="$mean" initial_c=74 > "$out/equal.txt"
late equal "$out/equal.txt" on
{
  head_line regulation
  row "none" free 415 429
  row "ramp 74.5 to 75 C" ramp 415 429
  row "on-off at 75 C" onoff 415 429
  row "on-off at $mean C" equal 415 429
} | tee "$out/table.md"

# What the power balance allows: at the mean temperature T of the ramp the body carries away
# (T - ambient) / R; of that a resting device draws leakage and clocks, and the rest is work.
awk -v ramp="$(measure ramp 415 429 | cut -d' ' -f5)" -v free="$(measure free 415 429 | cut -d' ' -f5)" \
  -v full="$(measure free 415 429 | cut -d' ' -f1)" -v held="$(measure ramp 415 429 | cut -d' ' -f1)" \
  -v mean="$mean" 'BEGIN {
  rest = 35
  printf "\nThe body carries %.1f mW away, %.1f mW heat it; resting takes %.0f mW. Work gets %.2f " \
    "of its power\nwithout regulation and the tokens %.2f of their rate.\n", (mean - 57) / 395 * 1000,
    ramp, rest, (ramp - rest) / (free - rest), held / full }' | tee "$out/balance.txt"

# The long run by the lowest and the highest temperature of 512 windows, so that no spike is lost.
awk -F, 'NR > 1 {
    if (!n || $12 < low) low = $12
    if (!n || $12 > high) high = $12
    sum += $12
    if (++n == 512) { print $1 / 5e5, sum / n, low, high; n = sum = 0 }
  }' "$out/long/power.csv" > "$out/long.dat"
gnuplot << EOF
set terminal svg size 820,420 font "sans,12" background "white"
set output "$out/temperature.svg"
set xlabel "device time, ms"
set ylabel "die, degrees C"
set key outside right
set grid
set yrange [73.8:76]
set style fill solid 0.35 noborder
plot "$out/long.dat" using 1:3:4 with filledcurves lc rgb "#c62828" title "lowest to highest", \
  "" using 1:2 with lines lw 2 lc rgb "#c62828" title "mean of 512 windows", \
  75 with lines lc rgb "#37474f" dt 2 title "target", 74.5 with lines lc rgb "#ef6c00" dt 2 title "ramp from"
EOF
