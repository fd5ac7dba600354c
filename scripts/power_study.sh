#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The experiments of docs/power.md: the same tokens from a hot start with no regulation, with the
# ramp of the profile, and with a ramp of zero width, which is on-off throttling, at the same target
# and at the ramp's mean temperature. Writes build/power_study/: a folder of CSVs a run, table.md
# and temperature.svg. Usage: scripts/power_study.sh MODEL [TOKENS]
set -eu

model=$1
tokens=${2:-120}
out=build/power_study
profile=scripts/profiles/45nm-small.txt
half=$((tokens / 2))

# run NAME PROFILE MODE: a folder of CSVs and the report
run() {
  mkdir -p "$out/$1"
  build/small/lockstep sim "$model" -p Once -n "$tokens" --no-reference --clock 500 \
    --throttle "$3" --profile "$2" --power "$out/$1" --report "$out/$1/report.json" \
    > "$out/$1/text" 2> "$out/$1/log" || { cat "$out/$1/log" >&2; exit 1; }
}

# with NAME=VALUE...: the profile with other values
with() {
  script=
  for setting in "$@"; do
    script="$script;s/^${setting%%=*} = .*/${setting%%=*} = ${setting#*=}/"
  done
  sed "$script" "$profile"
}

# measure NAME: of the second half of the tokens, when the first has settled: tokens/s at 500 MHz,
# mean, lowest and highest temperature of the die, mW on the die, mean pace, longest wait for a
# token in microseconds
measure() {
  awk -F, -v half="$half" '
    NR > 1 && $2 > half {
      if (!n++) { first = $1; token = $2; low = high = $12; since = $1; last = $2 }
      power = 0
      for (i = 4; i <= 11; i++) power += $i
      die += power - $8; sum += $12; pace += $14
      if ($12 < low) low = $12
      if ($12 > high) high = $12
      if ($2 != last) { if ($1 - since > wait) wait = $1 - since; since = $1; last = $2 }
      end = $1
    }
    END { printf "%.0f %.3f %.3f %.3f %.1f %.2f %.0f\n", (last - token) * 5e8 / (since - first),
          sum / n, low, high, die / n, pace / n, wait / 500 }' "$out/$1/power.csv"
}

# row NAME TEXT
row() {
  measure "$1" | awk -v text="$2" '{
    printf "| %s | %s | %s | %s..%s | %s | %s | %s |\n", text, $1, $2, $3, $4, $5, $6, $7 }'
}

rm -rf "$out"
mkdir -p "$out"
with initial_c=74 > "$out/free.txt"
run free "$out/free.txt" off
run ramp "$profile" hot
with ramp_start_c=75 > "$out/onoff.txt"
run onoff "$out/onoff.txt" hot
mean=$(measure ramp | cut -d' ' -f2)
# --throttle hot begins a degree below the target, so this one is told where to begin.
with ramp_start_c="$mean" ramp_target_c="$mean" initial_c=74 > "$out/equal.txt"
run equal "$out/equal.txt" on

{
  echo "| regulation | tokens/s | die, mean C | die, C | on-die mW | pace | longest wait, us |"
  echo "| --- | --- | --- | --- | --- | --- | --- |"
  row free "none"
  row ramp "ramp 74.5 to 75 C"
  row onoff "on-off at 75 C"
  row equal "on-off at $mean C"
} > "$out/table.md"
cat "$out/table.md"

# What the power balance allows: at the mean temperature T of the ramp the body carries away
# (T - ambient) / R; of that a resting device draws leakage and clocks, and the rest is work.
awk -v allowed="$(awk -v t="$mean" 'BEGIN { print (t - 57) / 395 * 1000 }')" \
  -v free="$(measure free | cut -d' ' -f5)" -v ramp="$(measure ramp | cut -d' ' -f5)" \
  -v full="$(measure free | cut -d' ' -f1)" -v held="$(measure ramp | cut -d' ' -f1)" 'BEGIN {
  rest = 35
  printf "\nThe body carries %.1f mW away, %.1f mW heat it; resting takes %.0f mW. Work gets %.2f " \
    "of its power\nwithout regulation and the tokens %.2f of their rate.\n", allowed, ramp, rest,
    (ramp - rest) / (free - rest), held / full }' | tee "$out/balance.txt"

# Every 128th window is enough for the eye.
for name in free ramp onoff equal; do
  awk -F, 'NR > 1 && NR % 128 == 2 { print $1 / 5e5, $12, $14 }' "$out/$name/power.csv" \
    > "$out/$name.dat"
done
gnuplot << EOF
set terminal svg size 820,420 font "sans,12" background "white"
set output "$out/temperature.svg"
set xlabel "device time, ms"
set ylabel "die, degrees C"
set key outside right
set grid
set arrow from graph 0, first 75 to graph 1, first 75 nohead dashtype 2
plot "$out/free.dat" using 1:2 with lines title "none", \
  "$out/onoff.dat" using 1:2 with lines title "on-off at 75", \
  "$out/ramp.dat" using 1:2 with lines title "ramp 74.5 to 75", \
  "$out/equal.dat" using 1:2 with lines title "on-off, equal mean"
EOF
