#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Every family on the device, in lockstep, near its float reference, on models of random weights
# that `gguf make` makes: neighbours and halves in rotation (one group of the vector lanes, several,
# a part of a block), biases, output tied or separate, several slots a pass or one, a slow memory.
# A wrong bit of a bias is found, and a model whose halves fit no device is refused.
#
#   tests/system/test_families.sh build/gguf build/small/lockstep build/single/lockstep build/tests/families
gguf=$1
small=$2
single=$3
out=$4
rm -rf "$out"
mkdir -p "$out"
checks=0
failed=0

bad() {
  failed=$((failed + 1))
  echo "$@"
}

make() { # make NAME OPTION...: $model
  model=$out/$1.gguf
  shift
  "$gguf" make "$model" --layers 2 --context 128 "$@" >/dev/null || bad "gguf make $*"
}

sim() { # sim PROGRAM OPTION...: its status; what it said is in $out/said
  program=$1
  shift
  "$program" sim "$model" -p "Once upon a time there was" --report "$out/report.json" "$@" \
    >"$out/text" 2>"$out/said"
}

passes() { # passes PROGRAM OPTION...: in lockstep, cycles as predicted, near the reference
  checks=$((checks + 1))
  sim "$@" -n 8 && grep -q "^  verdict *PASS" "$out/said" &&
    grep -q "^  lockstep .* 0 differences" "$out/said" && grep -q "^  timing .* 0 differences" "$out/said" &&
    awk '$1 == "reference" {exit !($3 + 0 < 1e-6)}' "$out/said" || {
    bad "$model, $*:"
    sed 's/^/    /' "$out/said"
  }
}

make qwen2 --arch qwen2 --type Q8_0 # heads of 8
passes "$small"
passes "$small" --slots 1 --latency 77
passes "$small" --jitter 30 --gaps 64
passes "$single"
checks=$((checks + 1)) # a bit of the first word of a bias, flipped on its way
offset=$("$gguf" inspect "$model" | awk '$1 == "blk.0.attn_k.bias" {print $(NF - 1)}')
if sim "$small" -n 4 --flip-weight "$((offset + 2)):6"; then
  bad "a bias that differs at $offset is not found"
else
  grep -q "BIAS, tensor blk.0.attn_k.bias" "$out/said" || bad "$(grep -m 1 tensor "$out/said")"
fi
make wide --arch qwen2 --type F16 --tied --dim 96 --heads 2 --kv-heads 1 # of 48: a block and a half
passes "$small"
passes "$single"
make biases --biases --type Q4_0
passes "$small"
passes "$single" --latency 40

# 12 elements: halves of 6 are no groups of 4 lanes, of 24: halves of 12 none of 8.
refused() { # refused PROGRAM TEXT
  checks=$((checks + 1))
  sim "$1" -n 1
  [ $? -eq 2 ] && grep -q "$2" "$out/said" || bad "$1: $(cat "$out/said")"
}
make odd --arch qwen2 --dim 48 --heads 4 --kv-heads 2 --type F16
refused "$small" "rotary part by halves"
make odd --arch qwen2 --dim 96 --heads 4 --kv-heads 2 --type F16
refused "$single" "rotary part by halves"
passes "$small"

# The same function in two families.
shared=${LOCKSTEP_SHARED:-../shared}/models
if [ -r "$shared/stories260K-as-qwen2-f32.gguf" ]; then
  for name in stories260K stories260K-as-qwen2-f32; do
    model=$shared/$name.gguf
    passes "$small"
    sim "$small" -n 48 --no-reference || bad "$name: $(tail -n 1 "$out/said")"
    cp "$out/text" "$out/$name.txt"
  done
  checks=$((checks + 1))
  [ -s "$out/stories260K.txt" ] && cmp -s "$out/stories260K.txt" "$out/stories260K-as-qwen2-f32.txt" ||
    bad "stories260K and stories260K-as-qwen2-f32 tell different stories"
else
  echo "SKIP families: one function in two families: no $shared/stories260K-as-qwen2-f32.gguf (LOCKSTEP_SHARED names its folder)"
fi

[ "$failed" -eq 0 ] && echo "PASS families ($checks checks)"
[ "$failed" -eq 0 ]
