# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# gnuplot -c scripts/power_plots.gp DIR SVG|PNG CLOCK_HZ RAMP_START RAMP_TARGET
#
# Draws power, the same without DRAM, temperature, cycles and roofline of a run from the CSVs of
# `lockstep sim --power DIR`: DIR/power.svg and so on. Temperatures in degrees C. Long runs are drawn
# with the mean of neighbouring windows, and the title tells the highest one.
dir = ARG1
clock = ARG3 + 0
ramp = ARG4 + 0
target = ARG5 + 0
suffix = ARG2 eq "PNG" ? ".png" : ".svg"
if (ARG2 eq "PNG") {
  set terminal pngcairo size 900,420 font "sans,11" noenhanced background rgb "white"
} else {
  set terminal svg size 900,420 font "sans-serif,12" noenhanced background rgb "white"
}
set datafile separator ","
set border 3 lc rgb "#666666"
set tics nomirror out
set grid y lc rgb "#dddddd" lt 1
set autoscale xfix
set key outside right top reverse Left samplen 1.5
file(name) = dir . "/" . name . ".csv"

stats file("power") using 1 skip 1 nooutput
rows = STATS_records
first = STATS_min
span = (STATS_max - STATS_min) / clock * 1e3
unit = span >= 1 ? "ms" : "us"
moment(c) = (c - first) / clock * (span >= 1 ? 1e3 : 1e6)
each = rows > 800 ? ceil(rows / 800.0) : 1
bin(c) = moment(first + floor((c - first) / step) * step)
step = rows > 1 ? each * (STATS_max - STATS_min) / (rows - 1.0) : 1

# ---- power by unit, stacked: all of it, and without DRAM, which is outside of the package ----
array colour[8] = ["#9e9e9e", "#37474f", "#1565c0", "#4fc3f7", "#ef6c00", "#2e7d32", "#8e24aa", "#f06292"]
array unitname[8] = ["leakage", "control", "dot array", "weights", "DRAM", "vector", "attention", "KV SRAM"]
DRAM = 5
drawn(u) = u == DRAM && without_dram ? 0 : column(3 + u)
# Those up to u of a row: drawn from the top of the stack down.
sum_to(u) = u == 0 ? 0 : sum_to(u - 1) + drawn(u)
means = each > 1 ? sprintf("mean of %d windows; ", each) : ""
set xlabel "time, " . unit
set ylabel "mW"
set yrange [0:*]
set style fill solid 1 noborder
do for [without_dram = 0:1] {
  set output dir . "/" . (without_dram ? "ondie" : "power") . suffix
  stats file("power") using (sum_to(8)) skip 1 nooutput name "MW"
  set title sprintf("Power by unit%s (%shighest window %.1f mW)", \
    without_dram ? ", without DRAM" : "", means, MW_max)
  plot for [i = 0:7] file("power") using (bin($1)):(sum_to(8 - i)) skip 1 smooth unique \
    with filledcurves y1=0 lc rgb colour[8 - i] \
    title without_dram && 8 - i == DRAM ? "" : unitname[8 - i]
}

# ---- temperature ----
set output dir . "/temperature" . suffix
set title "Temperature and pace"
set ylabel "degrees C"
set y2label "pace"
set y2tics
set border 11
set yrange [*:*]
stats file("power") using 12 skip 1 nooutput name "DIE"
stats file("power") using 13 skip 1 nooutput name "PACKAGE"
low = PACKAGE_min < DIE_min ? PACKAGE_min : DIE_min
high = DIE_max > PACKAGE_max ? DIE_max : PACKAGE_max
stats file("power") using 14 skip 1 nooutput name "PACE"
set y2range [0:PACE_max < 4 ? 5 : PACE_max * 1.2]
# The ramp is drawn when the run came near it; what it is stands in the key, clear of the curves.
near = high > ramp - 10
if (near) {
  high = high > target ? high : target
  set object 1 rectangle from graph 0, first ramp to graph 1, first target \
    fc rgb "#fff3e0" fs solid noborder behind
} else {
  set title sprintf("Temperature and pace (ramp %.1f C to %.1f C is far above)", ramp, target)
}
room = (high - low) * 0.06 + 0.01
set yrange [low - room:high + room]
plot file("power") using (bin($1)):14 skip 1 smooth unique axes x1y2 with steps lc rgb "#90a4ae" title "pace (right)", \
  near ? target : NaN with lines lc rgb "#e53935" dt 2 title near ? sprintf("target %.1f C", target) : "", \
  near ? ramp : NaN with lines lc rgb "#ef6c00" dt 2 title near ? sprintf("ramp from %.1f C", ramp) : "", \
  file("power") using (bin($1)):13 skip 1 smooth unique with lines lw 2 lc rgb "#6d4c41" title "package", \
  file("power") using (bin($1)):12 skip 1 smooth unique with lines lw 2 lc rgb "#c62828" title "die"
unset object 1
unset y2tics
unset y2label
set border 3

# ---- cycles by class and by op, energy: all of it ----
set output dir . "/cycles" . suffix
set multiplot layout 1,3
unset key
unset xlabel
unset ylabel
set yrange [*:*] reverse
set xrange [0:100]
set xtics 25
unset grid
set grid x lc rgb "#dddddd" lt 1
set format x "%.0f"
set xlabel "%"
set style fill solid 1
set boxwidth 0.35
set title "Cycles by class"
stats file("classes") using 2 skip 1 nooutput name "A"
plot file("classes") using (100.0 * $2 / A_sum / 2):0:(100.0 * $2 / A_sum / 2):(0.36):ytic(1) skip 1 \
  with boxxyerror lc rgb "#1565c0"
set title "Cycles by op"
stats file("ops") using 3 skip 1 nooutput name "B"
plot file("ops") using (100.0 * $3 / B_sum / 2):0:(100.0 * $3 / B_sum / 2):(0.36):ytic(1) skip 1 \
  with boxxyerror lc rgb "#2e7d32"
set title "Energy: ops' work and the rest"
stats file("energy") using 2 skip 1 nooutput name "C"
plot file("energy") using (100.0 * $2 / C_sum / 2):0:(100.0 * $2 / C_sum / 2):(0.36):ytic(1) skip 1 \
  with boxxyerror lc rgb "#ef6c00"
unset multiplot

# ---- roofline ----
set output dir . "/roofline" . suffix
reset
set datafile separator ","
set border 3 lc rgb "#666666"
set tics nomirror out
set grid lc rgb "#dddddd" lt 1
set key bottom right
stats file("roofline") using 1 skip 1 nooutput name "I"
stats file("roofline") using 2 skip 1 nooutput name "P"
stats file("roofline") using 3 skip 1 nooutput name "TOP"
stats file("roofline") using 4 skip 1 nooutput name "BYTES"
ridge = TOP_max / BYTES_max
set title "Roofline"
set xlabel "multiply-accumulates a byte of weights"
set ylabel "multiply-accumulates a second"
set logscale xy
set format y "%.0s%c"
left = (I_max < ridge ? I_max : ridge) / 8
right = (I_max > ridge ? I_max : ridge) * 8
set xrange [left:right]
set yrange [P_max / 20 < BYTES_max * left ? P_max / 20 : BYTES_max * left:TOP_max * 4]
roof(x) = x * BYTES_max < TOP_max ? x * BYTES_max : TOP_max
set samples 400
plot roof(x) with lines lw 2 lc rgb "#37474f" title sprintf("%.4g GB/s; %.4g GMAC/s", BYTES_max / 1e9, TOP_max / 1e9), \
  file("roofline") using 1:2 skip 1 with points pt 7 ps 1.6 lc rgb "#c62828" \
  title sprintf("this run: %.1f %% of what its bytes allow", 100 * P_max / roof(I_max))
