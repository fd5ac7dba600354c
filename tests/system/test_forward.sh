#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# A token reached by fast-forward, or from a checkpoint, is the token that a run of everything
# reaches: the same committed words, the same text, and the same counters of that token alone (the
# difference of a run that ends with it and one that ends before it).
#
#   tests/system/test_forward.sh build/small/lockstep build/tests/forward
program=$1
out=$2
model=build/tests/models/stories-Q4_0.gguf
rm -rf "$out"
mkdir -p "$out"
checks=0
failed=0

bad() {
  failed=$((failed + 1))
  echo "$@"
}

run() { # run NAME OPTION...: report, text and commits of a run of 60 positions
  name=$1
  shift
  "$program" sim "$model" -p "Once upon a time" --context 60 --no-reference "$@" \
    --report "$out/$name.json" --commits "$out/$name.log" >"$out/$name.txt" 2>"$out/$name.err" ||
    bad "$name: $(tail -n 1 "$out/$name.err")"
}

same() { # same WHAT FILE FILE
  checks=$((checks + 1))
  [ -s "$2" ] && cmp -s "$2" "$3" || bad "$1: $2 and $3 differ, or are empty"
}

words() { # words NAME POSITION: what a run committed for a position
  grep "^$2 " "$out/$1.log" >"$out/$1.$2"
}

counters() { # counters NAME BEFORE: what NAME counted more than BEFORE
  for counter in cycles macs weight_bytes passes weight_stalls kv_reads kv_writes; do
    grep -m 1 "\"$counter\":" "$out/$1.json" "$out/$2.json" |
      awk -v c="$counter" '{gsub(/[^0-9]/, "", $NF); v[NR] = $NF} END {print c, v[1] - v[2]}'
  done >"$out/$1.counters"
}

# The completion begins at position 5; -n 40 ends with the pass of position 43.
run full -n 40
run before -n 39
counters full before
words full 43
for start in 43 20 6 5 4 2; do
  run late -n 40 --start-token $start
  run late_before -n 39 --start-token $start
  counters late late_before
  words late 43
  words late "$start"
  words full "$start"
  same "start at $start, words of position 43" "$out/full.43" "$out/late.43"
  same "start at $start, words of position $start" "$out/full.$start" "$out/late.$start"
  same "start at $start, text" "$out/full.txt" "$out/late.txt"
  [ $start = 43 ] || same "start at $start, counters" "$out/full.counters" "$out/late.counters"
done

# The last token itself, on its own: its lead-in subtracted.
run lead -n 39 --start-token 43
run last -n 40 --start-token 43
counters last lead
same "counters of the token that was asked for" "$out/full.counters" "$out/last.counters"

# Chosen by the firmware: the sampler goes on, too.
run chosen -n 40 --temp 1 --seed 7
run chosen_late -n 40 --temp 1 --seed 7 --start-token 30
words chosen 43
words chosen_late 43
same "chosen tokens, words" "$out/chosen.43" "$out/chosen_late.43"
same "chosen tokens, text" "$out/chosen.txt" "$out/chosen_late.txt"

# Checkpoints.
says() { # says FILE TEXT
  checks=$((checks + 1))
  grep -qF -e "$2" "$out/$1" || bad "'$2' is not in $1: $(tail -n 1 "$out/$1")"
}
run short -n 8 --checkpoint "$out/state" --every 100
says short.err "$out/state (the state behind token 8 of the completion)"
run resumed -n 40 --resume "$out/state"
same "resumed behind the last token, text" "$out/full.txt" "$out/resumed.txt"
for how in "" "--temp 1 --seed 7"; do
  run kept -n 40 $how
  run part -n 36 $how --checkpoint "$out/state" --every 12
  run resumed -n 40 $how --resume "$out/state"
  words kept 43
  words resumed 43
  same "resumed$how, words" "$out/kept.43" "$out/resumed.43"
  same "resumed$how, text" "$out/kept.txt" "$out/resumed.txt"
done

# What must be refused.
refuse() { # refuse TEXT OPTION...
  checks=$((checks + 1))
  says=$1
  shift
  "$program" sim "$model" --no-reference "$@" >/dev/null 2>"$out/err"
  [ $? -eq 2 ] && grep -q "$says" "$out/err" || bad "$*: $(cat "$out/err")"
}
once="Once upon a time"
refuse "this run has positions 0 to 12; raise -n" -p "$once" -n 8 --start-token 90
refuse "positions 0 to 319, all of the model's context" -p "$once" -n 600 --start-token 5000
refuse "another prompt" -p "Once upon a day" -n 40 --context 60 --temp 1 --seed 7 --resume "$out/state"
for other in "--temp 2" "--seed 8" "--top-k 5" "--top-p 0.5" "--repeat-penalty 1.5"; do
  refuse "chosen with another ${other% *};" -p "$once" -n 40 --context 60 --temp 1 --seed 7 $other --resume "$out/state"
done
refuse "do not fit" -p "$once" -n 8 --temp 1 --seed 7 --resume "$out/state"
for paced in "--throttle on" "--power-cap 3000" "--token-rate 20000"; do
  checks=$((checks + 1))
  "$program" sim "$model" --no-reference -p "$once" -n 12 $paced --start-token 10 >/dev/null 2>"$out/err" &&
    grep -q "heat and pacing began anew" "$out/err" || bad "$paced: $(cat "$out/err")"
done
refuse "one prompt" -p a -p b -n 8 --start-token 3
# A weight of the last tensor is another.
cp "$model" "$out/other.gguf"
chmod u+w "$out/other.gguf"
printf 'x' | dd of="$out/other.gguf" bs=1 seek=$(($(wc -c <"$model") - 9)) conv=notrunc 2>/dev/null
theirs=$model
model=$out/other.gguf
refuse "another model" -p "$once" -n 40 --context 60 --temp 1 --seed 7 --resume "$out/state"
model=$theirs
printf '\377\377\377' | dd of="$out/state" bs=1 seek=3000 conv=notrunc 2>/dev/null
refuse "damaged" -p "$once" -n 40 --context 60 --temp 1 --seed 7 --resume "$out/state"

# The check fails if K and V are not those of the golden model: a bit of the first word flipped.
checks=$((checks + 1))
"$program" sim "$model" -p "$once" -n 20 --no-reference --start-token 10 --flip-kv 3:14 \
  >/dev/null 2>&1
[ $? -eq 1 ] || bad "a wrong word in the KV SRAM is not found"

[ "$failed" -eq 0 ] && echo "PASS forward ($checks checks)"
[ "$failed" -eq 0 ]
