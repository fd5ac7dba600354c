#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The targets of waves/waves.mk, and `make sim` with its second run, as a person types them: what they
# print, what they leave, how they end, and what they refuse before anything is run. They run in a
# tree of links, so that nobody's build/fail or build/waves is touched; all that they use is built.
#
#   tests/system/test_targets.sh build/tests/targets
out=$1
if ! command -v fst2vcd >/dev/null; then
  echo "skipped: fst2vcd is missing: install gtkwave"
  exit 77
fi
rm -rf "$out"
mkdir -p "$out/tree/build/waves"
here=$PWD
for entry in *; do
  [ "$entry" = build ] || ln -s "$here/$entry" "$out/tree/$entry"
done
for entry in build/*; do
  case ${entry#build/} in
    fail | waves | debug | timeline | sim) ;;
    *) ln -s "$here/$entry" "$out/tree/$entry" ;;
  esac
done
cp -p build/waves/binary32 build/waves/celsius "$out/tree/build/waves/"
cp models/stories-600K-Q8_0.gguf "$out/tree/my model.gguf"
cd "$out/tree" || exit 2
unset DISPLAY
checks=0
failed=0

bad() {
  failed=$((failed + 1))
  echo "$@"
  tail -n 4 said | sed 's/^/    /'
}

# target STATUS TEXT WORD...: `make WORD...` ends so, says TEXT, and builds nothing
target() {
  status=$1 text=$2
  shift 2
  "${MAKE:-make}" CONFIG=small N=4 "$@" >said 2>&1
  [ $? -eq "$status" ] || bad "make $*: not exit status $status"
  grep -qF -e "$text" said || bad "make $*: does not say '$text'"
  grep -q 'compiling\|verilating' said && bad "make $*: something was built"
  checks=$((checks + 3))
}

there() { # there FILE...
  for file; do
    checks=$((checks + 1))
    [ -s "$file" ] || bad "$file is not there"
  done
}

gone() { # gone FILE
  checks=$((checks + 1))
  [ ! -e "$1" ] || bad "$1 is there"
}

# make waves
target 0 "gtkwave build/waves/overview.gtkw" waves TOKEN=3 OP=blk.1.attn_q
there build/waves/window.fst build/waves/overview.gtkw
target 0 "build/waves/window.vcd" waves TOKEN=3 OP=blk.1.attn_q FORMAT=vcd LIST=power MODEL="my model.gguf"
there build/waves/window.vcd build/waves/power.gtkw
sed 's/ u_telemetry / u_other /' build/waves/window.vcd >bare.vcd
waves/save power bare.vcd >/dev/null 2>said && bad "waves/save: finds telemetry where there is none"
checks=$((checks + 2))
grep -q "u_telemetry.power is not in the trace: this device is built without telemetry" said || bad "waves/save: another reason"
target 2 "gtkwave build/waves/overview.gtkw" waves TRIGGER=difference ARGS="--flip-weight 400000:3"
there build/waves/window.fst
for refused in "|what of the run?" "TOKEN=3 LIST=nope|LIST=nope is none of" "TOKEN=3 FORMAT=xyz|neither fst nor vcd" \
  "CYCLES=900000000:900000100|this run has cycles 0 to" "TOKEN=3 CYCLES=1:2|does not go with" \
  "TOKEN=5000|this run has positions 0 to" "OP=QUANT|commits nothing" \
  "TOKEN=3 ARGS=--backend=golden|--trace needs --backend rtl"; do
  rm -f build/waves/window.*
  target 2 "${refused#*|}" waves ${refused%|*}
  gone build/waves/window.fst
done

# make debug: the commands that it prints repeat this very run.
target 0 "waveform       build/debug/token.fst" debug TOKEN=6 MODEL="my model.gguf" PROMPT="It's \$2" ARGS="--temp 1"
there build/debug/token.fst build/debug/token.json build/debug/token.svg
same="CONFIG=small MODEL='my model.gguf' PROMPT='It'\\''s \$2'"
checks=$((checks + 2))
grep -qF "make debug $same TOKEN=7 ARGS='--temp 1'" said || bad "make debug: another next token"
one=$(sed -n 's/^  one op  *make //p' said)
[ "$one" = "waves $same TOKEN=6 OP=blk.0.attn_q N=8 ARGS='--start-token 6 --temp 1'" ] || bad "make debug: $one"
eval "target 0 'gtkwave build/waves/overview.gtkw' $one"
target 2 "which token?" debug
target 2 "which token?" debug TOKEN=-3
target 2 "all of the model's context" debug TOKEN=5000

# make timeline
target 0 "build/timeline/my model.svg" timeline MODEL="my model.gguf"
there "build/timeline/my model.json" "build/timeline/my model.svg" "build/timeline/my model.txt"

# make sim and make fault: a difference is followed by a second run with a waveform around it.
target 0 "verdict     PASS" sim
gone build/fail
target 2 "gtkwave build/fail/wave.gtkw" sim ARGS="--no-reference --flip-weight 400000:3"
there build/fail/report.txt build/fail/vectors.txt build/fail/again build/fail/wave.fst build/fail/wave.gtkw
target 2 "first difference" sim SECOND=0 ARGS="--no-reference --flip-weight 400000:3"
there build/fail/report.txt
gone build/fail/wave.fst
target 2 "gtkwave build/fail/wave.gtkw" fault FAULT=lane
there build/fail/wave.fst
target 2 "FAULT=foo is none of" fault FAULT=foo

rm -f build/*/*.fst build/*/*.vcd *.vcd
[ "$failed" -eq 0 ] && echo "PASS targets ($checks checks)"
[ "$failed" -eq 0 ]
