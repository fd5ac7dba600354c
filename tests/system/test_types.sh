#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Every tensor type that the device decodes, in lockstep: random models whose rows are one and two
# blocks of 256, of two families, the shipped model brought to each type, the usual mixes; a few
# tokens on `small` and `single`, without a difference. A wrong bit in a weight of each type must be
# one. What others made tells 48 tokens on `default`, near the float reference.
#
#   tests/system/test_types.sh build/gguf build/tests/types CONFIG...
gguf=$1
out=$2
shift 2
rm -rf "$out"
mkdir -p "$out"
checks=0
failed=0

bad() {
  failed=$((failed + 1))
  echo "$@"
}

ends() { # ends STATUS WHAT COMMAND...
  wanted=$1
  what=$2
  shift 2
  checks=$((checks + 1))
  "$@" >"$out/said" 2>&1
  status=$?
  [ $status -eq "$wanted" ] || { bad "$what ends with $status:"; tail -n 5 "$out/said"; }
}

holds() { # holds MODEL TYPE: in at least one matrix
  checks=$((checks + 1))
  "$gguf" inspect "$1" | grep -qE "^  blk.*\.weight +$2 " || bad "$1 has no $2"
}

runs() { # runs MODEL CONFIG...
  model=$1
  shift
  for config in "$@"; do
    ends 0 "$model on $config" "build/$config/lockstep" sim "$model" -p "Once upon" -n 3 --no-reference
    checks=$((checks + 1))
    grep -q 'verdict *PASS' "$out/said" || bad "$model on $config does not pass"
  done
}

# Flips a bit of a byte of the first query matrix, one a run, until one is seen: not every one
# changes a result.
flips() { # flips MODEL
  at=$("$gguf" inspect "$1" | awk '$1 == "blk.0.attn_q.weight" { print $(NF - 1) }')
  checks=$((checks + 1))
  for k in 16 81 150 210; do
    build/small/lockstep sim "$1" -p "Once" -n 1 --no-reference --flip-weight $((at + k)):5 >"$out/said" 2>&1
    status=$?
    [ $status -eq 1 ] && grep -q 'attn_q' "$out/said" && return
  done
  bad "no wrong bit of $1 is seen"
  tail -n 5 "$out/said"
}

types=$(awk '$1 == "type" && $10 ~ /device/ { print $2 }' device.txt)
for type in $types; do
  made=$out/made-$type.gguf
  ends 0 "gguf make $type" "$gguf" make "$made" --type "$type" --dim 256 --hidden 512 --layers 1 --context 64
  holds "$made" "$type"
  runs "$made" "$@"
  flips "$made"
  ends 0 "gguf make gemma $type" "$gguf" make "$made" --arch gemma --type "$type" --dim 256 --hidden 256 --layers 1 \
    --context 64
  holds "$made" "$type"
  runs "$made" small
  rm -f "$made"
done
for type in $(awk '$1 == "type" && $10 ~ /device/ && $5 < 256 { print $2 }' device.txt) Q4_K_M; do
  stories=$out/stories-$type.gguf
  ends 0 "gguf quantize $type" "$gguf" quantize models/stories-600K-Q8_0.gguf "$stories" "$type"
  runs "$stories" "$@"
  rm -f "$stories"
done
ends 0 "gguf make F32" "$gguf" make "$out/wide.gguf" --type F32 --dim 256 --hidden 512 --layers 2 --context 64
for type in Q2_K Q3_K_M Q4_K_M Q5_K_M; do
  mixed=$out/mixed-$type.gguf
  ends 0 "gguf quantize $type" "$gguf" quantize "$out/wide.gguf" "$mixed" "$type"
  runs "$mixed" "$@"
  rm -f "$mixed"
done
# tells MODEL KL: at most KL on average; those of F32, F16, Q8_0 and Q4_0 are test_sim's
tells() {
  ends 0 "$1" build/default/lockstep sim "$1" -p "Once upon a time" -n 48
  checks=$((checks + 1))
  grep -q 'verdict *PASS' "$out/said" && awk -v most="$2" '$1 == "reference" { exit !($3 + 0 < most) }' "$out/said" ||
    bad "$1: $(grep reference "$out/said")"
}
shared=${LOCKSTEP_SHARED:-../shared}/models
for name in BF16 Q4_1 Q5_0 Q5_1 pad256-Q3_K_M pad256-Q4_K_M pad256-Q5_K_M pad256-Q6_K pad256-Q8_0 pad256-Q2_K; do
  if [ ! -r "$shared/stories260K-$name.gguf" ]; then
    echo "SKIP $shared/stories260K-$name.gguf is not there"
  elif [ $name = pad256-Q2_K ]; then # roundings cost it more (docs/numerics.md, Measured)
    tells "$shared/stories260K-$name.gguf" 2e-6
  else
    tells "$shared/stories260K-$name.gguf" 1e-6
  fi
done
if [ $failed -eq 0 ]; then
  echo "PASS types ($checks checks)"
else
  echo "FAIL types ($failed of $checks checks)"
  exit 1
fi
