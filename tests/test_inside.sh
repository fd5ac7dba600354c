#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Every planted fault ends in a folder that names its op and its unit, that a script in it
# reproduces to the cycle, and whose waveform holds the first signal change that is wrong.
#
#   tests/test_inside.sh build/faults/seen-trace/lockstep build/tests/inside
program=$1
out=$2
model=../shared/models/stories260K-Q4_0.gguf
if [ ! -f "$model" ]; then
  echo "skipped: ../shared/models is absent"
  exit 77
fi
if ! command -v fst2vcd >/dev/null; then
  echo "skipped: fst2vcd is missing: install gtkwave"
  exit 77
fi
rm -rf "$out"
mkdir -p "$out"
checks=0
failed=0

says() { # says WHAT FILE TEXT
  checks=$((checks + 1))
  grep -qF -e "$3" "$2" && return
  failed=$((failed + 1))
  echo "$1: '$3' is not in $2:"
  sed 's/^/    /' "$2" | head -n 30
}

# fault NAME OP UNIT SIGNAL PLUSARG [OPTION VALUE]: SIGNAL is among those that go wrong first
fault() {
  name=$1 op=$2 unit=$3 signal=$4 plusarg=$5
  shift 5
  folder=$out/$name
  LOCKSTEP_PLUSARGS=$plusarg "$program" sim "$model" -p "Once upon a time" -n 8 --no-reference "$@" \
    --fail "$folder" >/dev/null 2>"$out/$name.log"
  [ $? -eq 1 ] || { echo "$name: no difference"; failed=$((failed + 1)); return; }
  says "$name" "$folder/report.txt" "op         $op"
  says "$name" "$folder/report.txt" "look first at: $unit"
  sh "$folder/again" >/dev/null 2>"$out/$name.log"
  says "$name, again" "$out/$name.log" "$(head -n 1 "$folder/report.txt")"
  # The same cycles without the fault.
  cycles=$(sed -n 's/.*--cycles \([0-9:]*\) .*/\1/p' "$folder/again")
  "$program" sim "$model" -p "Once upon a time" -n 8 --no-reference --cycles "$cycles" \
    --trace "$folder/good.fst" >/dev/null 2>&1
  scripts/wave_diff "$folder/good.fst" "$folder/wave.fst" >"$folder/parts"
  says "$name" "$folder/parts" "$signal"
  difference=$(awk '$1 == "B" {print $2 / 2}' "$folder/markers")
  checks=$((checks + 1))
  parts=$(sed -n 's/^cycle //p' "$folder/parts")
  [ -n "$parts" ] && [ "$parts" -le "$difference" ] || {
    echo "$name: the waveforms part at '$parts', the difference is at $difference"
    failed=$((failed + 1))
  }
  rm -f "$folder"/*.fst
}

fault lane "blk.0.attn_q.weight, MATVEC" "dot_array, lane 1" "g_lane[1]." +fault_lane
fault carry "blk.0.attn_q.weight, MATVEC" "row_sum" "u_sum." +fault_carry
fault stale "blk.0.attn_out, ATTEND" "kv_sram, word" "u_write." +fault_stale
fault rotary "blk.0.attn_q_rope, ROPE" "vec_angles" "u_angles." +fault_rotary
fault drop "blk.0.attn_q.weight, MATVEC" "beat_fifo" "u_fifo." +fault_drop
fault flip_weight "blk.0.ffn_gate.weight, MATVEC" \
  "weight blk.0.ffn_gate.weight, row 85, on its way" "m_axi_rdata_i" "" --flip-weight 100000:3
fault flip_kv "blk.0.attn_out, ATTEND" "kv_sram, word 3 " "s_axil_" "" --flip-kv 3:14

# A report must not come of a run without a fault.
checks=$((checks + 1))
"$program" sim "$model" -p "Once upon a time" -n 2 --no-reference --fail "$out/none" \
  >/dev/null 2>&1 && [ ! -e "$out/none" ] || {
  echo "none: a report without a fault"
  failed=$((failed + 1))
}
[ "$failed" -eq 0 ] && echo "PASS inside ($checks checks)"
[ "$failed" -eq 0 ]
