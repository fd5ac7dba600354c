#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Tests do not spoil each other: no two have one name, each that lies in the tree is in the list, and
# what one writes lies in a folder of its name; all draw from one generator of random numbers, count checks by
# one macro, clock Verilated modules by one clock and have the functions of docs/numerics.md from one
# oracle. Planted faults: a name twice, a stray file, a test left out, another generator, another
# count, another clock, another oracle.
#
#   tests/unit/test_kit.sh build/tests/kit
out=$1
checks=0
failed=0

is() { # is WHAT ACTUAL EXPECTED
  checks=$((checks + 1))
  [ "$2" = "$3" ] && return
  failed=$((failed + 1))
  echo "$1:"
  echo "$2" | sed 's/^/    /'
}

names() { sed 's/ .*//' "$1" | sort; } # names LIST

# twice LIST: names that stand in it more than once
twice() { names "$1" | uniq -d; }

# left_out LIST: test programs and scripts that no line of it starts
left_out() {
  find tests/unit tests/system tests/rtl -name 'test_*.[ch]' -o -name 'test_*.sh' | grep -v '\.h$' | sort |
    while read -r file; do
      name=${file##*/test_}
      grep -qE "test_${name%.*}(\.sh)?( |\$)" "$1" && continue
      # a bench is named after its parameters: test_vector.c is vector4 and vector8
      case $file in tests/rtl/*) grep -qE "^${name%.*}[0-9]* |^${name%_path.*}[0-9]* " "$1" && continue ;; esac
      echo "$file"
    done
}

# strays TREE: files in build/ that a test of TREE names, which are neither programs nor models nor
# in its folder build/tests/NAME, or that it has not made that folder for
strays() {
  (cd "$1" && for file in tests/unit/test_*.c tests/system/test_*.c; do
    name=${file##*/test_}
    name=${name%.c}
    grep -oE '"build/[^"]*' "$file" |
      grep -vE '^"build/(gguf|[a-z-]+/lockstep|faults/[^/]*/lockstep|tests|tests/models(/.*)?|tests/no_memory\.so)$' | sort -u |
      while read -r path; do
        case $path in
        "\"build/tests/$name" | "\"build/tests/$name/"*)
          grep -q 'host_folder(&t)' "$file" || echo "$file: no host_folder for ${path#?}" ;;
        *) echo "$file: ${path#?}" ;;
        esac
      done
  done)
}

# generators TREE: other generators of random numbers than that of the kit, by constants and shifts
generators() {
  (cd "$1" && grep -rnE '0x9e3779b97f4a7c15|0x2545f4914f6cdd1d|1664525|6364136223846793005|random \^= ' tests \
    --include='*.[ch]' | grep -v '^tests/kit/random\.h:')
}

# counts TREE: tests in C that count checks or tell the verdict by other means than the kit's
counts() {
  (cd "$1" && grep -rnE 'define CHECK\(|(checks|failures)\+\+|"(PASS|FAIL)[^"]*checks\)' tests --include='*.[ch]' |
    grep -v '^tests/kit/host_test\.h:')
}

# clocks TREE: tests that open or clock a Verilated module by themselves
clocks() {
  (cd "$1" && grep -rnE 'dut_(open|close)\(|\*[a-z>.-]*clk(_i)? = ' tests --include='*.[ch]' |
    grep -v '^tests/kit/top\.h:')
}

# oracles TREE: tests that compute functions of docs/numerics.md by themselves, by its constants;
# test_golden_func.c holds the golden model's tables to real arithmetic
oracles() {
  (cd "$1" && grep -rnE '198282496599|744261118|3373259426|0x1p30L' tests --include='*.[ch]' |
    grep -vE '^tests/(kit/numerics\.h|unit/test_golden_func\.c):')
}

is "oracles besides tests/kit/numerics.h" "$(oracles .)" ""
is "clocks besides tests/kit/top.h" "$(clocks .)" ""
is "counts of checks besides tests/kit/host_test.h" "$(counts .)" ""
is "generators of random numbers besides tests/kit/random.h" "$(generators .)" ""
is "names that two tests have" "$(twice build/tests/list)" ""
is "tests that are not in the list" "$(left_out build/tests/list)" ""
is "files outside their test's folder" "$(strays .)" ""

rm -rf "$out"
mkdir -p "$out"
(cat build/tests/list; echo 'golden build/tests/test_golden again') >"$out/list"
is "planted: a name twice" "$(twice "$out/list")" golden
grep -v '^golden ' build/tests/list >"$out/list"
is "planted: a test left out" "$(left_out "$out/list")" tests/unit/test_golden.c
cp -r tests "$out"
echo 'static const char *path = "build/tests/stray.txt";' >>"$out/tests/unit/test_golden.c"
is "planted: another generator" "$(echo 'x = x * 1664525;' >"$out/tests/unit/test_lcg.c"; generators "$out")" \
  "tests/unit/test_lcg.c:1:x = x * 1664525;"
is "planted: another oracle" "$(echo 'p = m * 198282496599u;' >"$out/tests/unit/test_lcg.c"; oracles "$out")" \
  "tests/unit/test_lcg.c:1:p = m * 198282496599u;"
is "planted: another clock" "$(echo '*b->clk_i = 0;' >"$out/tests/unit/test_lcg.c"; clocks "$out")" \
  "tests/unit/test_lcg.c:1:*b->clk_i = 0;"
is "planted: another count" "$(echo 'checks++;' >"$out/tests/unit/test_lcg.c"; counts "$out")" \
  "tests/unit/test_lcg.c:1:checks++;"
rm "$out/tests/unit/test_lcg.c"
is "planted: a folder that is not made" "$(echo 'o = "build/tests/lcg/a";' >"$out/tests/unit/test_lcg.c"; strays "$out" | grep lcg)" \
  "tests/unit/test_lcg.c: no host_folder for build/tests/lcg/a"
rm "$out/tests/unit/test_lcg.c"
is "planted: a stray file" "$(strays "$out")" "tests/unit/test_golden.c: build/tests/stray.txt"
rm -rf "$out"

[ "$failed" -eq 0 ] && echo "PASS kit ($checks checks)"
[ "$failed" -eq 0 ]
