#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# How `make coverage` counts: what devices wrote, floors, exclusions. Each of them must be able to fail.
#
#   tests/unit/test_coverage.sh build/tests/coverage
out=$1
checks=0
failed=0
rm -rf "$out"
mkdir -p "$out/rtl"

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

[ "$failed" -eq 0 ] && echo "PASS coverage ($checks checks)"
[ "$failed" -eq 0 ]
