#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# How `make coverage` counts: what devices and gcov wrote, floors, exclusions, cover points. Each of them
# must be able to fail.
#
#   tests/unit/test_coverage.sh build/tests/coverage
out=$1
checks=0
failed=0
rm -rf "$out"
mkdir -p "$out/rtl" "$out/cases/A.late.off" "$out/cases/A.late.hot" "$out/cases/error.BAD"

is() { # is WHAT ACTUAL EXPECTED
  checks=$((checks + 1))
  [ "$2" = "$3" ] && return
  failed=$((failed + 1))
  printf '%s:\n%s\n' "$1" "$2"
}

# ---- what Verilator writes: two devices; a bit must change twice in one of them ----
record() { # record FILE LINE COLUMN PAGE NAME LINES COUNT
  printf "C '\001f\002%s\001l\002%s\001n\002%s\001page\002v_%s/m\001o\002%s%s\001h\002top' %s\n" "$1" "$2" "$3" "$4" "$5" \
    "${6:+$(printf '\001S\002')$6}" "$7"
}
for device in 1 2; do
  {
    record rtl/a.v 3 1 toggle 'x[0]' '' 1
    record rtl/a.v 3 1 toggle 'x[1]' '' $device
    record rtl/a.v 5 2 line block 5,7-8 0
    record rtl/a.v 8 4 branch if 8 $device
    record rtl/a.v 8 5 branch else '' 1000
    record rtl/a_table.vh 1 1 line block 1 0
    record tests/rtl/tb.v 1 1 line block 1 0
  } >"$out/device$device"
done
verilator() { awk -f scripts/coverage/verilator.awk "$out/device1" "$out/device2" | sort -t "$(printf '\t')" -k2n -k3 -k4 | tr '\t' ' '; }
is "points of devices" "$(verilator)" 'rtl/a.v 3 toggle x[0] 0
rtl/a.v 3 toggle x[1] 2
rtl/a.v 5 line - 0
rtl/a.v 7 line - 0
rtl/a.v 8 branch else:5 2000
rtl/a.v 8 branch if:4 3
rtl/a.v 8 line - 3'

printf '%s\n' '        -:    0:Source:csrc/a.c' '        -:    1:/* */' '       3*:    2:x();' '    #####:    3:y();' \
  '        -:    0:Source:/usr/include/z.h' '        5:    1:z();' >"$out/gcov"
is "points of gcov" "$(awk -f scripts/coverage/gcov.awk "$out/gcov" | sort | tr '\t' ' ')" 'csrc/a.c 2 line - 3
csrc/a.c 3 line - 0'

# ---- floors and exclusions: nine of ten lines of one file, three of four bits of another ----
printf 'text of line %d\n' 1 2 3 4 5 6 7 8 9 10 >"$out/rtl/a.v"
for line in 1 2 3 4 5 6 7 8 9 10; do printf "$out/rtl/a.v\t%d\tline\t-\t%d\n" $line $((line != 7)); done >"$out/points"
for bit in 0 1 2 3; do printf "$out/rtl/b.v\t1\ttoggle\tb[%d]\t%d\n" $bit $((bit != 2)); done >>"$out/points"
summary() { # summary EXCLUSIONS FLOORS: its exit status and what is wrong
  printf "$1" >"$out/exclusions"
  printf "$2" >"$out/floors"
  awk -v by=file -v merged="$out/merged" -v missed="$out/missed" -f scripts/coverage/summary.awk \
    "$out/exclusions" "$out/floors" "$out/points" >"$out/summary" 2>"$out/wrong"
  echo "$?" $(sed "s,$out/,,g" "$out/wrong")
}
is "floors that are held" "$(summary '' 'all line 90\neach toggle 75\n')" 0
is "a floor of all" "$(summary '' 'all line 91\n')" "1 coverage: all: lines below 91 %"
is "a floor of each" "$(summary '' 'each toggle 76\n')" "1 coverage: rtl/b.v: toggles below 76 %"
is "a floor of one" "$(summary '' "each toggle 76\n$out/rtl/b.v toggle 75\n")" 0
is "a floor of one that needs none" "$(summary '' "each toggle 60\n$out/rtl/b.v toggle 50\n")" \
  "1 coverage: floors:2: rtl/b.v does not need a floor of its own"
is "a floor of nothing" "$(summary '' 'rtl/c.v line 5\n')" "1 coverage: floors:1: there is no line of rtl/c.v"
is "a floor without a number" "$(summary '' 'all line high\n')" "1 coverage: floors:1: not WHAT KIND PERCENT"
is "exclusions" "$(summary '.*a.v line text.of.line.7 -- never\n.*b.v toggle b\\[[12]\\] -- nor this\n' 'all line 100\neach toggle 100\n')" 0
is "they are told" "$(tail -n 1 "$out/summary")" "excluded with a reason: 1 lines, 1 toggles"
is "nothing is missed" "$(cat "$out/missed")" ""
is "an exclusion of what is met" "$(summary '.*a.v line text.of.line.8 -- never\n' '')" \
  "1 coverage: exclusions:1: excludes nothing that is not met anyway"
is "an exclusion without a reason" "$(summary '.*a.v line text.of.line.7\n' '')" "1 coverage: exclusions:1: not FILE KIND NAME -- REASON"
is "what is missed" "$(summary '' '')$(cut -f 2- "$out/missed" | tr '\t' ' ')" '07 line - text of line 7
1 toggle b[2] '
awk -v title=T -v summary="$out/summary" -f scripts/coverage/page.awk "$out/merged" >"$out/page.html"
is "the page marks it" "$(grep -c 'class="no"' "$out/page.html")" 1

# ---- cover points: one port, two ways to throttle, one op that knows types ----
cat >"$out/device.txt" <<'END'
class CONTROL  A class.
type A 2 A 32 18 1 4 DOT4 device A type.
op MATVEC 12 DOT MATVEC - rows,n tensor,commit An op.
op END 0 CONTROL CONTROL - - - No op.
enum ERROR 8 Errors.
value BAD 16 An error.
value LATE 17 Another one.
END
printf 'port late -l 3\nthrottle off\nthrottle hot -t\n' >"$out/spec"
printf '%s\tx\n' A.late.off A.late.hot error.BAD >"$out/list"
events='{"name":"t","args":{"op":"MATVEC","pc":1,"layer":0,"slots":%d,"stalls":1}}\n'
for throttle in off hot; do
  printf "$events$events" 3 2 >"$out/cases/A.late.$throttle/timeline.json"
  printf '%s\n' 'counters.cycle_classes.control 4' 'counters.cycle_classes.weight_stall 1' 'cycles.exact true' \
    "counters.cycle_classes.throttled $([ $throttle = hot ] && echo 5 || echo 0)" >"$out/cases/A.late.$throttle/values"
done
echo 'message the device stopped with an error: BAD (code 16)' >"$out/cases/error.BAD/values"
points() { # points SAID: exit status and what is wrong
  printf "$1" >"$out/said"
  awk -v slots=2 -v folder="$out/cases" -v page="$out/points.html" -f scripts/coverage/points.awk "$out/device.txt" "$out/spec" "$out/list" "$out/said" \
    >"$out/counts" 2>"$out/wrong"
  echo "$?" $(cat "$out/wrong")
}
is "all points are met" "$(points 'error 17\n')" 0
is "they are counted" "$(tr -s ' ' <"$out/counts")" 'op 4 points, 4 met, 0 that cannot be
type 4 points, 4 met, 0 that cannot be
class 1 points, 1 met, 0 that cannot be
error 2 points, 2 met, 0 that cannot be'
is "they are listed" "$(grep -c "<tr><td>" "$out/points.html")" 11
is "an error is missed" "$(points 'error 18\n')" "1 coverage: missed: error/LATE"
echo 'never error/LATE -- it is never late' >>"$out/spec"
is "what cannot be" "$(points 'no error\n')" 0
is "what can be all the same" "$(points 'error 17\n')" "1 coverage: points.txt: never ^(error/LATE)\$: no point that is missed"
sed -i '$d' "$out/spec"
printf "$events" 3 >"$out/cases/A.late.hot/timeline.json"
is "a number of slots is missed" "$(points 'error 17\n')" \
  "1 coverage: missed: op/MATVEC/1/late/hot coverage: missed: type/A/MATVEC/1/late/hot"
printf "$events$events" 3 2 >"$out/cases/A.late.hot/timeline.json"
sed -i 's/throttled 5/throttled 0/' "$out/cases/A.late.hot/values"
is "a throttle that does not" "$(points 'error 17\n')" "1 coverage: A.late.hot: is it throttled?"

[ "$failed" -eq 0 ] && echo "PASS coverage ($checks checks)"
[ "$failed" -eq 0 ]
