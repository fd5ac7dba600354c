#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Every signal of every list (waves/lists/) is in a trace, FST and VCD; a wrong name is found (planted
# fault); GTKWave itself, on a screen of its own, opens each save file, shows as many traces as the
# list has, and shows names, numbers and text where the list asks for them.
#
#   tests/system/test_waves.sh build/small-trace/lockstep build/tests/waves
program=$1
out=$2
model=build/tests/models/stories-Q4_0.gguf
for tool in fst2vcd gtkwave xvfb-run; do
  command -v $tool >/dev/null || { echo "skipped: $tool is missing: install gtkwave, xvfb, xauth"; exit 77; }
done
rm -rf "$out"
mkdir -p "$out"
checks=0
failed=0

bad() {
  failed=$((failed + 1))
  echo "$@"
}

"$program" sim "$model" -p "Once upon a time" -n 8 --no-reference --throttle hot --token 6 --layer 1 \
  --trace "$out/window.fst" >/dev/null 2>"$out/err" || bad "no trace: $(tail -n 1 "$out/err")"
build/gguf inspect --pieces "$model" >"$out/tokens.txt"
fst2vcd -f "$out/window.fst" -o "$out/window.vcd" 2>/dev/null

cat >"$out/values.tcl" <<'END'
gtkwave::setMarker [ expr { ([ gtkwave::getMinTime ] + [ gtkwave::getMaxTime ]) / 2 } ]
foreach name [ gtkwave::getDisplayedSignals ] {
  puts "value $name [ gtkwave::getTraceValueAtMarkerFromName $name ]"
}
gtkwave::/File/Quit
END

shown() { # shown LIST SIGNAL PATTERN: what GTKWave shows of it
  checks=$((checks + 1))
  grep -Eq "^value [^ ]*\.$2(\[[0-9:]*\])? $3\$" "$out/$1.values" ||
    bad "$1: $2 shows '$(grep "\.$2" "$out/$1.values")', not $3"
}

lists=$(ls waves/lists | sed 's/\.txt$//')
for list in $lists; do
  for trace in fst vcd; do
    checks=$((checks + 1))
    waves/save "$list" "$out/window.$trace" >"$out/$list-$trace.gtkw" 2>"$out/err" || bad "$list, $trace: $(cat "$out/err")"
  done
  checks=$((checks + 1))
  timeout 60 xvfb-run -a -s "-screen 0 1600x900x24" gtkwave --rcvar "splash_disable on" -S "$out/values.tcl" \
    "$out/$list-fst.gtkw" >"$out/$list.values" 2>&1
  wanted=$(grep -Ev '^(#|- |$)' "waves/lists/$list.txt" | wc -l)
  [ "$(grep -c '^value ' "$out/$list.values")" = "$wanted" ] ||
    bad "$list: GTKWave shows $(grep -c '^value ' "$out/$list.values") of $wanted signals"
done
shown overview 'u_engine\.op' '[A-Z]+'
shown overview 'u_engine\.state_o' '[A-Z]+'
shown overview 'u_engine\.error_code' 'NONE'
shown overview 'u_engine\.op_type' '[FQ][0-9_]+'
shown overview 'u_emitter\.go_token_o' '[^0-9]+'
shown bus 'u_csr\.bus_addr' '[A-Z]+[A-Z0-9_]+'
shown vector_unit 'u_vector\.norm_r' '-?[0-9]+\.[0-9]+'
shown vector_unit 'u_vector\.w_data_o' '-?[0-9.e-]+ -?[0-9.e-]+ -?[0-9.e-]+ -?[0-9.e-]+'
shown power 'part_unit_o' '[A-Z]+'
shown power 'u_accounts\.class_now' '[A-Z_]+'
shown power 'u_accounts\.coef_index_q' '[A-Z_0-9]+'
shown power 'window_die_o' '7[0-9]\.[0-9]+'

# Every file of names is used by a list.
for names in waves/translate/*.txt; do
  name=${names##*/}
  checks=$((checks + 1))
  grep -q " ${name%.txt}\$" waves/lists/*.txt || bad "$names: no list uses it"
done

# A list that names what is not there.
checks=$((checks + 1))
sed 's/op_layer /op_layers /' waves/lists/overview.txt >"$out/planted.txt"
waves/save "$out/planted.txt" "$out/window.fst" >/dev/null 2>"$out/err" && bad "a wrong name is not found"
grep -q "op_layers is not in the trace" "$out/err" || bad "the wrong name is not told: $(cat "$out/err")"

[ "$failed" -eq 0 ] && echo "PASS waves ($checks checks)"
[ "$failed" -eq 0 ]
