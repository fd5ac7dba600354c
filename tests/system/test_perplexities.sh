#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# `lockstep perplexity`: the device's is the golden model's, whatever the configuration shares out;
# near the float reference's; a device that is wrong is found. `lockstep sim --text`: the run of a
# prompt.
#
#   tests/system/test_perplexities.sh build/small/lockstep build/single/lockstep FAULTS build/tests/perplexities
small=$PWD/$1
single=$PWD/$2
seen=$PWD/$3
out=$4
model=$PWD/models/stories-600K-Q8_0.gguf
gguf=$PWD/build/gguf
export OPENBLAS_NUM_THREADS=1
rm -rf "$out"
mkdir -p "$out"
cd "$out" || exit 2
checks=0
failed=0
check() { # check WHAT COMMAND...
  what=$1
  shift
  checks=$((checks + 1))
  "$@" && return
  failed=$((failed + 1))
  echo "$what"
  tail -n 8 said | sed 's/^/    /'
}
is() { # is STATUS TEXT...: what was said has each TEXT
  [ "$status" = "$1" ] || return 1
  shift
  for text in "$@"; do grep -qF -e "$text" said || return 1; done
}
run() { # run PROGRAM OPTION...
  "$@" >said 2>&1
  status=$?
}
value() { # value NAME: its PPL
  sed -n "s/^  $1  *PPL = \([0-9.]*\) .*/\1/p" said
}

cat >text <<'END'
Once upon a time, there was a careful boy named Leo. He loved to plant flowers. One day, Leo wanted to give a
present to his mother, who had been sick all month. Leo looked into his pocket. There was only one coin and a
piece of string. Then Leo had an idea. With wool and patience, he made a scarf for his mother.
END
run "$small" perplexity "$model" -f text -c 20
check "the device" is 0 "5 chunks of 20 tokens, of each the last 9 count" "[1]" ",[5]" "Final estimate: PPL = " \
  "the same logits to the last bit" "words of the device compared with the golden model: PASS"
device=$(value device)
check "one value is missing" [ -n "$device" ]
check "device $device, golden $(value 'golden model')" [ "$device" = "$(value 'golden model')" ]
float=$(value 'float reference')
check "device $device, float $float" awk -v a="$device" -v b="$float" 'BEGIN {exit !(a / b - 1 < 1e-3 && b / a - 1 < 1e-3)}'
grep '^\[' said >chunks

run "$small" perplexity "$model" -f text -c 20 --backend golden --threads 3
check "the golden model alone" is 0 "Final estimate: PPL = $device "
check "its running values" [ "$(grep '^\[' said)" = "$(cat chunks)" ]
run "$small" perplexity "$model" -f text -c 20 --backend float
check "the float reference alone" is 0 "Final estimate: PPL = $float "

# one slot: the chunks come one after the other
run "$single" perplexity "$model" -f text -c 20 --chunks 3 --no-reference
check "a device of one slot" is 0 "the same logits"
check "its running values" [ "$(grep '^\[' said)" = "$(sed 's/\[4\].*//' chunks)" ]

# logits in pieces, with a bias
"$gguf" make phi2.gguf --arch phi2 --dim 64 --hidden 64 --layers 1 --heads 2 --kv-heads 2 --vocab 300 --context 64 \
  --biases --type Q8_0 >/dev/null || exit 1
run "$small" perplexity phi2.gguf -f text -c 32 --chunks 2 --no-reference
check "logits with a bias" is 0 "the same logits to the last bit"

# a device that is wrong
[ -x "$seen" ] && {
  LOCKSTEP_PLUSARGS=+fault_turn
  export LOCKSTEP_PLUSARGS
  run "$seen" perplexity "$model" -f text -c 20 --chunks 1 --no-reference
  unset LOCKSTEP_PLUSARGS
  check "a planted fault" is 1 "first difference: token "
}

# ---- input ----
run "$small" perplexity "$model" -f nothing
check "no such file" is 2 "lockstep: nothing: "
run "$small" perplexity "$model" -f text
check "too short" is 2 "lockstep: text: " "a shorter --ctx-size"
run "$small" perplexity "$model" -f text -c 1000
check "too long a chunk" is 2 "--ctx-size 1000: the model has a context of "
run "$small" perplexity "$model"
check "no text" is 2 "--file is missing"
: >empty
run "$small" perplexity "$model" -f empty -c 8
check "an empty text" is 2 "lockstep: empty: "

# ---- --text ----
printf 'Once upon a time, there was a little girl' >short
run "$small" sim "$model" --text short --no-reference --commits words --report report
check "--text" is 0 "of prompt, 1 generated" "0 differences"
run "$small" sim "$model" -p "$(cat short)" -n 1 --no-reference --commits others
check "the same as a prompt" cmp words others
run "$small" sim "$model" --text short --no-reference --backend golden
check "of the golden model" is 0 "1 generated"
run "$small" sim "$model" --text short --flip-weight 300000:2 --no-reference
check "--text: a fault" is 1 "first difference: "
run "$small" sim "$model" --text short -p "Once"
check "--text and --prompt" is 2 "--text does not go with --prompt"
run "$small" sim "$model" --text short -n 3
check "--text and --tokens" is 2 "--text does not go with --tokens"
run "$small" sim "$model" --text empty
check "an empty text" is 2 "--text: the prompt is empty"
run "$small" sim "$model"
check "neither" is 2 "--prompt is missing"

if [ $failed != 0 ]; then
  echo "FAIL perplexities ($failed of $checks checks)"
  exit 1
fi
echo "PASS perplexities ($checks checks)"
