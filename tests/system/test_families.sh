#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Every family on the device, in lockstep, near its float reference, on models of random weights
# that `gguf make` makes: neighbours and halves in rotation (one group of the vector lanes, several,
# a part of a block), biases, output tied or separate, several slots a pass or one, a slow memory.
# Two types of weights each, prompts by several tokens a pass and one by one, longer than windows.
# A wrong bit of a bias, a norm of heads or a learned position is found.
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
  case " $* " in *" -n "*) ;; *) set -- "$@" -n 8 ;; esac
  sim "$@" && grep -q "^  verdict *PASS" "$out/said" &&
    grep -q "^  lockstep .* 0 differences" "$out/said" && grep -q "^  timing .* 0 differences" "$out/said" &&
    awk '$1 == "reference" {exit !($3 + 0 < 1e-6)}' "$out/said" || {
    bad "$model, $*:"
    sed 's/^/    /' "$out/said"
  }
}

# finds TENSOR OP: a bit of the first word of the tensor, flipped on its way, is found in this op
finds() {
  checks=$((checks + 1))
  offset=$("$gguf" inspect "$model" | awk -v name="$1" '$1 == name {print $(NF - 1)}')
  if sim "$small" -n 4 --flip-weight "$((offset + 2)):6"; then
    bad "$model: $1 that differs at $offset is not found"
  else
    grep -q "$2, tensor $1" "$out/said" || bad "$model, $1: $(grep -m 1 tensor "$out/said")"
  fi
}

make qwen2 --arch qwen2 --type Q8_0 # heads of 8
passes "$small"
passes "$small" --slots 1 --latency 77
passes "$small" --jitter 30 --gaps 64
passes "$single"
finds blk.0.attn_k.bias BIAS
make wide --arch qwen2 --type F16 --tied --dim 96 --heads 2 --kv-heads 1 # of 48: a block and a half
passes "$small"
passes "$single"
make biases --biases --type Q4_0
passes "$small"
passes "$single" --latency 40

# family NAME TYPE TYPE OPTION...: one type by several tokens a pass and in single, the other by one
family() {
  name=$1
  types="$2 $3"
  shift 3
  for type in $types; do
    make "$name-$type" --arch "$name" --type "$type" "$@"
    case $types in
      "$type "*) passes "$small" ;;
      *) passes "$small" --slots 1 ;;
    esac
    passes "$single"
  done
}

family qwen3 Q8_0 F16
finds blk.0.attn_q_norm.weight ROW
family gemma3 Q4_0 BF16 --layers 7 # the sixth is global; the window is 8
family gpt2 F32 Q5_1
finds position_embd.weight POSITION
family phi3 Q4_1 F16 --rope-scaling longrope
family gemma2 Q5_0 F32
family gemma IQ4_NL Q8_0
family granite Q4_0 F16
family olmo2 Q8_0 BF16
family starcoder2 MXFP4 F32
family stablelm Q5_1 Q4_0
family stablelm F16 IQ4_NL --parallel
finds blk.0.attn_k_norm.weight ROW
make heads --arch stablelm --parallel --heads 3 --kv-heads 1 --dim 96 --head-size 52 --type F32
"$gguf" quantize "$model" "$out/quantized.gguf" Q5_0 >/dev/null || bad "gguf quantize $model"
model=$out/quantized.gguf # gains of each head stay F32
passes "$small"
family gptneox Q8_0 Q4_1
family gptneox BF16 Q5_0 --parallel
family phi2 Q4_0 F32
family phi2 Q8_0 BF16 --biases --vocab 4500 # logits in three pieces
finds output.bias BIAS
family qwen2moe Q8_0 F32
finds blk.0.ffn_gate_inp_shexp.weight MATVEC
finds blk.1.ffn_gate_inp.weight MATVEC
family qwen3moe Q4_0 BF16
family llama F16 IQ4_NL --experts 4
# What some of them may have besides.
make many --arch qwen3moe --layers 2 --hidden 32 --experts 128 --experts-used 8 --type Q8_0
passes "$small"
make all --arch qwen2moe --layers 2 --experts 3 --experts-used 3 --type Q4_0
passes "$small" --jitter 30 --gaps 64
passes "$single"
make mixed --arch qwen3moe --layers 1 --dim 256 --hidden 256 --experts 5 --type Q4_K_M
passes "$small" --front-door
make llama3 --rope-scaling llama3 --type Q8_0
passes "$small"
make yarn --rope-scaling yarn --arch qwen2 --type Q4_0
passes "$small"
make linear --arch gemma3 --rope-scaling linear --type Q8_0 --layers 6 # the last is global
passes "$small"
make window --arch phi3 --window 5 --rotary 8 --type F16 # of all layers
passes "$small"
make parts --arch phi3 --dim 32 --hidden 171 --type Q8_0 # 171 rows of 34 bytes, and the rest begins
passes "$small" --front-door                             # within a word

# 12 elements: halves of 6 are no groups of 4 or 8 lanes.
make odd --arch qwen2 --dim 48 --heads 4 --kv-heads 2 --type F16
passes "$small"
passes "$single"

# The same function in two families.
shared=${LOCKSTEP_SHARED:-../shared}/models
if [ -r "$shared/stories260K-as-qwen2-f32.gguf" ]; then
  for name in stories260K stories260K-as-qwen2-f32; do
    model=$shared/$name.gguf
    passes "$small" -n 48
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
