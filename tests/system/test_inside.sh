#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Every planted fault ends in a folder that names its op and its unit, that a script in it
# reproduces to the cycle, and whose waveform holds the first signal change that is wrong.
#
#   tests/system/test_inside.sh build/faults/seen-trace/lockstep build/tests/inside
program=$1
out=$2
model=build/tests/models/stories-Q4_0.gguf
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

# starts TRACE TIME: the cycle of the last rise of op_start_o up to that time. A register changes at
# the odd time before the even one that is its cycle's.
starts() {
  fst2vcd -f "$1" 2>/dev/null | awk -v until="$2" '
    $1 == "$var" && $5 == "op_start_o" && depth == 2 {id = $4}
    $1 == "$scope" {depth++} $1 == "$upscope" {depth--}
    /^#/ {now = substr($1, 2) + 0; if (now > until) exit}
    id != "" && $0 == "1" id {start = now}
    END {print (start + 1) / 2}'
}

# sim MODEL OPTION...
sim() {
  of=$1
  shift
  "$program" sim "$of" -p "Once upon a time" -n 8 --no-reference "$@"
}

# look NAME REPORT UNIT SIGNAL: the folder names op and unit, is repeated from elsewhere, and its save
# file begins with SIGNAL
look() {
  name=$1 folder=$out/$1
  says "$name" "$folder/report.txt" "$2"
  says "$name" "$folder/report.txt" "look first at: $3"
  (cd / && sh "$OLDPWD/$folder/again") >/dev/null 2>"$out/$name.log"
  says "$name, again" "$out/$name.log" "$(head -n 1 "$folder/report.txt")"
  scripts/save_file "$folder" >"$folder/wave.gtkw"
  grep '^top' "$folder/wave.gtkw" | head -n 12 >"$out/$name.shown"
  says "$name, save file" "$out/$name.shown" "$4"
}

# parts NAME SIGNAL: SIGNAL is among those that go wrong first, in good.fst against wave.fst
parts() {
  name=$1 folder=$out/$1
  scripts/wave_diff "$folder/good.fst" "$folder/wave.fst" >"$folder/parts"
  says "$name" "$folder/parts" "$2"
  difference=$(awk '$1 == "B" {print $2 / 2}' "$folder/markers")
  checks=$((checks + 1))
  parts=$(sed -n 's/^cycle //p' "$folder/parts")
  [ -n "$parts" ] && [ "$parts" -le "$difference" ] || {
    echo "$name: the waveforms part at '$parts', the difference is at $difference"
    failed=$((failed + 1))
  }
}

# begins NAME: marker A is at op_start_o
begins() {
  name=$1 folder=$out/$1
  b=$(awk '$1 == "B" {print $2}' "$folder/markers")
  begin=$(awk '$1 == "A" {print $2 / 2}' "$folder/markers")
  start=$(starts "$folder/wave.fst" "$b")
  checks=$((checks + 1))
  [ "$begin" = "$start" ] || {
    echo "$name: the op begins at $begin, op_start_o is at $start"
    failed=$((failed + 1))
  }
  says "$name" "$folder/report.txt" " $begin the op, $((b / 2)) the difference"
}

# fails NAME PLUSARG MODEL [OPTION VALUE]
fails() {
  name=$1 plusarg=$2
  shift 2
  checks=$((checks + 1))
  LOCKSTEP_PLUSARGS=$plusarg sim "$@" --fail "$out/$name" >/dev/null 2>"$out/$name.log"
  [ $? -eq 1 ] || { echo "$name: no difference"; failed=$((failed + 1)); }
}

# fault NAME OP UNIT SHOWN SIGNAL [MODEL]: planted in the RTL, +fault_NAME; the name may go on with "-"
fault() {
  fails "$1" "+fault_${1%%-*}" "${6:-$model}"
  look "$1" "op         $2" "$3" "$4"
  LOCKSTEP_PLUSARGS= "$out/$1/again" "$out/$1/good.fst" >/dev/null 2>&1
  parts "$1" "$5"
  [ "$1" = best ] || begins "$1" # SAMPLE has no op_start
  rm -f "$out/$1"/*.fst
}

# flip NAME OP UNIT SHOWN SIGNAL OPTION VALUE HARMLESS: planted by the harness; the other value of the
# option does as much, but to something that is not used
flip() {
  fails "$1" "" "$model" "$6" "$7"
  look "$1" "op         $2" "$3" "$4"
  sim "$model" "$6" "$8" --cycles "$(sed -n 's/.*--cycles \([0-9:]*\) .*/\1/p' "$out/$1/again")" \
    --trace "$out/$1/good.fst" >/dev/null 2>&1
  parts "$1" "$5"
  begins "$1"
  rm -f "$out/$1"/*.fst
}

fault lane "blk.0.attn_q.weight, MATVEC" "dot_array, lane 1 (" "g_slot[0].u_dot.dot_i" "u_dot.t_i"
fault slot "blk.0.attn_q.weight, MATVEC" "dot_array, lane 0 of slot 1 (" "g_slot[1].u_dot.dot_i" "g_slot[1].u_dot.t_i"
fault carry "blk.0.attn_q.weight, MATVEC" "dot_slot" "u_dot.lanes_i" "u_dot."
fault stale "blk.0.attn_out, ATTEND" "kv_sram, word" "u_sram.w_data_i" "u_write."
fault mantissa "blk.0.kv, KV" "attention_unit (kv_write" "u_write." "kv_data_o"
fault rotary "blk.0.attn_q_rope, ROPE" "vec_angles" "u_angles.pair_i" "u_angles."
fault best "sample, SAMPLE" "sampler" "u_sampler.rd_id_o" "rd_id_o"
for made in made-F32 made-F16 made-Q4_0 stories-Q8_0; do
  fault "drop-$made" "blk.0.attn_q.weight, MATVEC" "weight stream (beat_fifo" "u_fifo.level_o" "u_fifo." \
    "build/tests/models/$made.gguf"
done
says drop-made-Q4_0 "$out/drop-made-Q4_0/report.txt" "row 10 is right but for 1 beat(s) that were lost before it"
says mantissa "$out/mantissa/report.txt" "wrong value: expected 0x00ccffe3 (-29 204), got 0x00ccffc3 (-61 204)"
says mantissa "$out/mantissa/report.txt" "the first in K, head 0, block 0: mantissas 2 and 3"
says mantissa "$out/mantissa/vectors.txt" " -29 204  00ccffc3          -61 204 <"
says mantissa "$out/mantissa/vectors.txt" " shift "
says best "$out/best/report.txt" "(id 990), got 0x000003dc (id 988)"
says best "$out/best/vectors.txt" "id 988 <"
flip flip_weight "blk.0.ffn_gate.weight, MATVEC" "weight blk.0.ffn_gate.weight, row 85, on its way" \
  u_fifo.data_i m_axi_rdata_i --flip-weight 133970:3 96930:3
says flip_weight "$out/flip_weight/report.txt" "bit 3 of byte 133970 explains it"
# mantissa 25 of a head of 16 elements
flip flip_kv "blk.0.attn_out, ATTEND" "kv_sram, word 12 " "u_sram.dbg_en_i" kv_dbg_wdata_i --flip-kv 12:14 12:400
says flip_kv "$out/flip_kv/report.txt" "mantissas 0 and 1: expected -1578 -3295, holds -17962 -3295"

# telemetry NAME UNIT TEXT: no word is wrong, but a counter, an energy or a temperature
telemetry() {
  fails "$1" "+fault_$1" "$model"
  look "$1" "that were committed are right" "telemetry ($2" "window_die_o"
  says "$1" "$out/$1/report.txt" "$3"
  rm -f "$out/$1"/*.fst
}
telemetry count event_batch "event kv_read, pass 1, token 1 at position 0: the device has "
telemetry coef energy_meter "energy (fJ) dot, pass 1, token 1 at position 0: the device has "
telemetry thermal "power_window, thermal" "window 1 at cycle "
telemetry peak power_window "register POWER_PEAK after window "

# Token-out's word for the end, which no commit shows.
fails last "+fault_last" "$model"
says last "$out/last.log" "tensor token-out, element 0: wrong flag LAST: expected 0x00000000 (0), got 0x00000001 (1)"

# A run that goes on from a checkpoint, which it then writes anew: that is not what `again` goes on
# from, nor does it touch what the run has left.
"$program" sim "$model" -p "Once upon a time" -n 4 --no-reference --checkpoint "$out/state" >/dev/null 2>&1
fails resumed "" "$model" --resume "$out/state" --checkpoint "$out/state" --every 1 --report="$out/report.json" \
  --power "$out" --flip-kv 12:14
cksum "$out/state" "$out/report.json" "$out/power.csv" >"$out/left"
look resumed "op         blk.0.attn_out, ATTEND" "kv_sram, word 12 " "u_sram."
cksum "$out/state" "$out/report.json" "$out/power.csv" >"$out/left.now"
checks=$((checks + 1))
[ "$(wc -l <"$out/left")" -eq 3 ] && cmp -s "$out/left" "$out/left.now" || {
  echo "resumed: 'again' writes to what the run left"
  failed=$((failed + 1))
}

# Without a build for tracing `again` says what makes it; a folder that cannot be made is told.
mkdir -p "$out/plain"
cp "$program" "$out/plain/lockstep"
traced=$program
program=$out/plain/lockstep
fails plain "" "$model" --flip-weight 133970:3
program=$traced
(cd / && sh "$OLDPWD/$out/plain/again") >/dev/null 2>"$out/plain.log"
says plain "$out/plain.log" "/plain-trace/lockstep is missing: make "
LOCKSTEP_PLUSARGS= sim "$model" --flip-weight 133970:3 --fail "$out/plain/lockstep/none" >/dev/null 2>"$out/none.log"
says "no folder" "$out/none.log" "lockstep: $out/plain/lockstep/none: cannot be written: Not a directory"
# A report must not come of a run without a fault.
checks=$((checks + 1))
"$program" sim "$model" -p "Once upon a time" -n 2 --no-reference --fail "$out/none" \
  >/dev/null 2>&1 && [ ! -e "$out/none" ] || {
  echo "none: a report without a fault"
  failed=$((failed + 1))
}
[ "$failed" -eq 0 ] && echo "PASS inside ($checks checks)"
[ "$failed" -eq 0 ]
