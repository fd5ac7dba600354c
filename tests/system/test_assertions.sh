#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# A device that checks the properties of its modules (docs/debugging.md, Assertions) has all of them:
# each of the sources is there. None fails in the simulations of scripts/mutate/rtl_runs, which say
# what they say without, and under abuse; and of planted faults (waves/faults/) and a memory that breaks
# the rules of AXI each makes the property fail that it should, which the run then says.
#
#   tests/system/test_assertions.sh build/faults/seen-assert build/small/lockstep ABUSE build/tests/assertions
device=$1 plain=$2 abuse=$3 out=$4
checks=0 failures=0
rm -rf "$out" && mkdir -p "$out/models" || exit 1
check() { # check WHAT COMMAND...
  what=$1
  shift
  checks=$((checks + 1))
  "$@" >>"$out/log" 2>&1 && return
  failures=$((failures + 1))
  echo "$what"
}

# FILE:LINE of each property, of the copies that have faults, and of each that Verilator has compiled. Two
# it finds true by itself, with one channel; the gate of a clock is for Yosys alone.
for file in $(grep -l '^`ifdef FORMAL' rtl/*/*.v | grep -v '/clock_gate.v$'); do
  copy=build/faults/seen/${file##*/}
  [ -f "$copy" ] && file=$copy
  awk -v name="${file##*/}" '/^`ifdef FORMAL/ { formal = 1 } /^ *\/\// { next }
    formal && /(assert|assume) *\(/ && !/m_axi_awsize_o == BYTE|at\[COUNT_W/ { print name ":" FNR }' "$file"
done | sort -u >"$out/sources"
cat "$device"/gen/*.cpp | grep -o '[^ ]*: Assertion failed in' | sed 's/: .*//' | sort -u >"$out/compiled"
comm -23 "$out/sources" "$out/compiled" >"$out/missing"
properties=$(wc -l <"$out/sources")
check "no properties" [ "$properties" -gt 350 ]
check "not compiled: $(head -n 5 "$out/missing" | tr '\n' ' ')" [ ! -s "$out/missing" ]

told() { grep -av '^  \(simulated\|model\|assertions\)' "$1"; }
while read -r kind model options; do
  if [ "$kind" = model ]; then
    check "$model cannot be made" eval "build/gguf make '$out/models/$model.gguf' --vocab 260 --context 64 $options"
    continue
  fi
  [ "$kind" = run ] || continue
  for program in "$device/lockstep" "$plain"; do
    said=$out/said.$([ "$program" = "$plain" ] && echo plain || echo checked)
    eval "'$program' sim '$out/models/$model.gguf' --no-reference $options" >"$said" 2>&1 </dev/null
    echo "exit status $?" >>"$said"
    told "$said" >"$said.told"
  done
  check "$model $options: $(grep -a '^  verdict' "$out/said.checked")" cmp "$out/said.checked.told" "$out/said.plain.told"
  number=$(sed -n 's/^  assertions  \([0-9]*\) checked in every cycle$/\1/p' "$out/said.checked")
  check "$model $options: ${number:-no} assertions" [ "${number:-0}" -gt "$properties" ]
done <scripts/mutate/rtl_runs
check "abuse: an assertion fails" "$abuse" first=1 episodes=4

# fault MODULE[.LABEL] FAULT OPTIONS: the device with it breaks that property.
fault() {
  rm -rf "$out/fail"
  LOCKSTEP_PLUSARGS="+fault_$2" "$device/lockstep" sim "$out/models/llama.gguf" --no-reference -p Once $3 \
    --fail "$out/fail" >"$out/said" 2>&1 </dev/null
  status=$?
  check "fault $2: exit status $status, not 3" [ $status -eq 3 ]
  verdict="DEVICE_ERROR: assertion ${1%.*}\\.v:[0-9]* of lockstep\\..*${1#"${1%.*}"} fails at cycle [0-9]*\$"
  check "fault $2: $(grep -a '^  verdict' "$out/said")" grep -q "^  verdict     $verdict" "$out/said"
  check "fault $2: the report does not tell" grep -q "^assertion ${1%.*}\\.v:" "$out/fail/report.txt"
}
fault csr_status.bit_cleared cause '-n 2'
fault csr_windows.steps_2 step '-n 1'
fault beat_fifo.count drop '-n 1'
fault thermal thermal '-n 1'
fault throttle short '-n 12 --throttle hot --seed 3'

# A burst that ends early is none that the proof of the weight port assumes.
"$abuse" lawless=1 first=6 episodes=7 >"$out/said" 2>&1
check "the assumption of the weight port holds: $(tail -n 1 "$out/said")" \
  grep -q 'assertion weight_port\.v:[0-9]* of lockstep\..*\.u_port.* fails at cycle' "$out/said"

if [ "$failures" -ne 0 ]; then
  echo "FAIL assertions ($failures of $checks checks)"
  exit 1
fi
echo "PASS assertions ($checks checks): $properties properties, $number of instances"
