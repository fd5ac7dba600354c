#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The second run by itself: a difference, an error and a hang each leave a folder with a report, a
# command that reproduces them, a waveform that holds the place, and a save file for it. Then the
# trigger `difference`, and a token reached by fast-forward and looked into.
#
#   tests/system/test_look.sh build/faults/seen-trace/lockstep build/tests/look
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

bad() {
  failed=$((failed + 1))
  echo "$@"
}

says() { # says WHAT FILE TEXT
  checks=$((checks + 1))
  grep -qF -e "$3" "$2" || { bad "$1: '$3' is not in $2:"; sed 's/^/    /' "$2" | head -n 20; }
}

equal() { # equal WHAT IS EXPECTED
  checks=$((checks + 1))
  [ "$2" = "$3" ] || bad "$1: $2, expected $3"
}

sim() { # sim OPTION...: 8 tokens on the device
  "$program" sim "$model" -p "Once upon a time" -n 8 --no-reference "$@"
}

span() { # span FST: its first and last time
  fst2vcd -f "$1" | sed -n 's/^#//p' | sed -n '1p;$p' | tr '\n' ' '
}

# look NAME STATUS REPORT SIGNAL OPTION...: fails, is repeated, and shows SIGNAL
look() {
  name=$1 status=$2 report=$3 signal=$4
  shift 4
  folder=$out/$name
  sim "$@" --fail "$folder" >/dev/null 2>"$out/$name.err"
  equal "$name, status" $? "$status"
  scripts/look_inside "$status" "$folder" "$program" >/dev/null 2>"$out/$name.look"
  equal "$name, status of the second run" $? "$status"
  says "$name" "$folder/report.txt" "$report"
  says "$name, second run" "$folder/again.log" "$(head -n 1 "$folder/report.txt")"
  says "$name" "$out/$name.look" "gtkwave $folder/wave.gtkw"
  says "$name, save file" "$folder/wave.gtkw" "$signal"
  a=$(awk '$1 == "A" {print $2}' "$folder/markers")
  b=$(awk '$1 == "B" {print $2}' "$folder/markers")
  says "$name, save file" "$folder/wave.gtkw" " $b $a $b"
  says "$name, save file" "$folder/wave.gtkw" "[timestart] $((a - 40))"
  set -- $(span "$folder/wave.fst")
  checks=$((checks + 1))
  [ "${1:-$a}" -lt "$a" ] && [ "${2:-0}" -gt "$a" ] || bad "$name: the trace is of $*, not around $a"
  [ "$name" = hang ] || [ "${2:-0}" -gt "$b" ] || bad "$name: the trace is of $*, not around $b"
}

look difference 1 "blk.0.ffn_gate.weight, MATVEC" u_weights.res_data_o --flip-weight 133970:3
look kv 1 "blk.0.attn_out, ATTEND" u_sram.k_even_o --flip-kv 12:14
look error 3 "PORT_RESPONSE (code 16) at op 17 MATVEC, layer 0, tensor blk.0.ffn_gate.weight" \
  u_weights. --port-error 133970
look hang 3 "PORT_TIMEOUT (code 17) at op 17 MATVEC, layer 0, tensor blk.0.ffn_gate.weight" \
  u_weights. --port-hang 133970
says "error" "$out/error/report.txt" "expected   blk.0.ffn_gate.weight"
says "difference" "$out/difference/vectors.txt" " <"

# Without a folder there is no second run, and a folder that cannot be repeated keeps the status.
scripts/look_inside 2 "$out/none" "$program"
equal "no folder" $? 2

SECOND=0 scripts/look_inside 3 "$out/difference" /nowhere/program
equal "SECOND=0" $? 3

# make waves TRIGGER=difference: from the op's start to the difference, 100 cycles more each way.
sim --flip-weight 133970:3 --trigger difference --trace "$out/trigger.fst" >/dev/null 2>"$out/trigger"
equal "trigger, status" $? 1
equal "trigger, cycles" "$(span "$out/trigger.fst")" "$(awk '
  $1 == "A" {printf "%d ", $2 - 200} $1 == "B" {printf "%d ", $2 + 201}' "$out/difference/markers")"
sim --trigger difference --trace "$out/trigger.fst" >/dev/null 2>"$out/trigger"
equal "trigger without a difference, status" $? 2

# A trigger by value: 100 cycles before it, 100 behind it. Values have names.
trigger() { # trigger STATUS SIGNAL=VALUE WIRE BITS OPTION...: WIRE of the trace becomes BITS then
  status=$1 moment=$2 wire=$3 bits=$4
  shift 4
  rm -f "$out/trigger.fst"
  sim --trigger "$moment" --trace "$out/trigger.fst" "$@" >/dev/null 2>"$out/trigger"
  equal "trigger $moment, status" $? "$status"
  equal "trigger $moment, cycles before" "$(fst2vcd -f "$out/trigger.fst" | awk -v wire="$wire" -v bits="b$bits" '
    $1 == "$var" && $5 == wire && $3 == length(bits) - 1 {id = $4}
    /^#/ {now = substr($1, 2); if (first == "") first = now}
    id != "" && $2 == id && $1 == bits {print (now - first) / 2; exit}')" 99.5
  equal "trigger $moment, cycles" "$(span "$out/trigger.fst" | awk '{print ($2 + 1 - $1) / 2}')" 201
}
trigger 0 state=THROTTLED state_o 1000 --throttle hot
trigger 3 error=PORT_RESPONSE error_code 00010000 --port-error 133970
trigger 0 beats_level=32 level_o 100000
trigger 0 op=ROPE,op_layer=2 op_i 001101

# What cannot be shown is told, and no file is left or named.
refuse() { # refuse TEXT OPTION...
  text=$1
  shift
  rm -f "$out/none.fst"
  sim --trace "$out/none.fst" "$@" >/dev/null 2>"$out/refused"
  equal "$*, status" $? 2
  equal "$*, lines" "$(wc -l <"$out/refused")" 1
  says "$*" "$out/refused" "$text"
  checks=$((checks + 1))
  [ ! -e "$out/none.fst" ] || bad "$*: there is a trace"
}
refuse "'FULL' is no value of state" --trigger state=FULL
refuse "'999' is no value of state" --trigger state=999
refuse "it did not come in this run of" --trigger error=OVERHEAT
refuse "'commit_data_o' has more than 64 bits" --trigger commit_data_o=0
refuse "--token 90: this run has positions 0 to 12; raise -n" --token 90
refuse "--token 3: this run begins behind it" --token 3 --start-token 10
refuse "--layer 99: the model has layers 0 to 3" --layer 99
refuse "--layer 999: the model has layers 0 to 3" --layer 999
refuse "--op nope: this run has no op or tensor of that name" --op nope
refuse "--op LOGITS: the token or layer asked for has no such op" --op LOGITS --token 2
refuse "--op QUANT: commits nothing, so it cannot be told apart; --trigger op=QUANT" --op QUANT
refuse "--op ANGLES: commits nothing" --op ANGLES
refuse "--cycles does not go with --token" --cycles 10:20 --token 3
refuse "--cycles 900000000:900000100: this run has cycles 0 to" --cycles 900000000:900000100
refuse "before what is asked for: the device stopped with an error: PORT_RESPONSE" --port-error 133970 --token 9
refuse "--trace needs --backend rtl" --backend golden

# A trace ends once it is as large as it may be; the run goes on to the end of what was asked for.
sim --token 3 --most 1 --timeline "$out/long" --trace "$out/long.fst" >/dev/null 2>"$out/long"
equal "a long trace, status" $? 0
cut=$(sed -n 's/^the trace was cut short at cycle \([0-9]*\): .*/\1/p' "$out/long")
equal "a long trace, its end" "$(span "$out/long.fst" | awk '{print ($2 + 1) / 2}')" "$cut"
size=$(wc -c <"$out/long.fst")
checks=$((checks + 1))
[ "$size" -ge 1000000 ] && [ "$size" -lt 2000000 ] || bad "a long trace: $size bytes"
says "a long trace, the token" "$out/long.txt" "at position 3"

# A run may be stopped in the midst of a register access: what is read then is still what was asked.
for last in $(seq 28500 31 29500); do
  cycles=$(sim --cycles "10:$last" --trace "$out/stop.fst" 2>&1 | awk '$1 == "cycles" {print $2 + 0}')
  checks=$((checks + 1))
  [ "$cycles" -lt "$last" ] && [ "$cycles" -gt $((last - 2000)) ] || bad "stopped at $last: $cycles cycles"
done

# A build without tracing says which one has it.
build/small/lockstep sim "$model" -p Once -n 1 --trace "$out/x.fst" >/dev/null 2>"$out/untraced"
equal "untraced, status" $? 2
says "untraced" "$out/untraced" "build/CONFIG-trace/lockstep"

# make debug: the ops of a token take the same cycles as in a run of everything, which ends with it.
debug() { # debug NAME OPTION...
  name=$1
  shift
  "$program" sim "$model" -p "Once upon a time" --context 60 --no-reference \
    --timeline "$out/$name" "$@" >/dev/null 2>"$out/$name.err"
}
ops() { # ops NAME: cycles, op, tensor
  awk 'NR > 4 {print $2, $4, $5}' "$out/$1.txt"
}
debug full -n 40
debug late -n 45 --start-token 43 --token 43 --trace "$out/late.fst"
equal "debug, status" $? 0
checks=$((checks + 1))
[ "$(ops full | wc -l)" -gt 80 ] && [ "$(ops full)" = "$(ops late)" ] || bad "debug: other ops"
says "debug" "$out/late.txt" "at position 43"
set -- $(span "$out/late.fst")
first=$(awk 'NR == 2 {print 2 * $2}' "$out/late.txt")
last=$(awk 'NR == 2 {print 2 * $4}' "$out/late.txt")
checks=$((checks + 1))
[ "${1:-$first}" -lt "$first" ] && [ "${2:-0}" -ge "$last" ] ||
  bad "debug: the trace is of $*, the token of $first to $last"
LOCKSTEP_PLUSARGS=+fault_lane debug wrong -n 45 --start-token 43 --token 43 --trace "$out/wrong.fst"
equal "debug of a faulty device, status" $? 1
scripts/debug_summary 1 "$out" 43 "" CONFIG=small >"$out/summary"
equal "summary, status" $? 1
says "summary" "$out/summary" "make sim CONFIG=small"

rm -f "$out"/*.fst "$out"/*/*.fst
[ "$failed" -eq 0 ] && echo "PASS look ($checks checks)"
[ "$failed" -eq 0 ]
