#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The faults that `make mutate` plants: which ones a source gives, none in comments, strings and
# directives; the score, and explanations that explain nothing.
#
#   tests/unit/test_mutate.sh build/tests/mutate
out=$1
checks=0
failed=0
mkdir -p "$out"

is() { # is WHAT ACTUAL EXPECTED
  checks=$((checks + 1))
  [ "$2" = "$3" ] && return
  failed=$((failed + 1))
  printf '%s:\n%s\n' "$1" "$2"
}

cat >"$out/source.c" <<'END'
#define TWO (1 + 1)
/* a + b: 3 of them
 * 4 - 3 */
static int sum(int *a, int n) {
    int s = n - TWO; // 5 < 6
    if (n < 7 && !a["3 + 4"])
        a[n] = s;
    return s;
}
END
mutants() { awk -f scripts/mutate/mutants.awk "$1" | cut -f 1,4,5 | tr '\t' ' '; }
is "mutants" "$(mutants "$out/source.c")" '5 - +
5 n - TWO TWO - n
6 (n < 7 && !a["3 + 4"]) (0 && (n < 7 && !a["3 + 4"]))
6 (n < 7 && !a["3 + 4"]) (1 || (n < 7 && !a["3 + 4"]))
6 < <=
6 n < 7 7 < n
6 7 (7 + 1)
6 && ||
6 !  
7 a[n] = s; ;'

score() { awk -f scripts/mutate/score.awk "$out/explained" "$out/list" "$out/results" >"$out/score"; echo $?; }
printf 'r\tf/a.c\t5\t1\t1\t-\t+\tx = a - b;\n' >"$out/list"
printf 'killed\tsum\tf/a.c:5:1\t-\t+\tx = a - b;\n' >"$out/results"
: >"$out/explained"
is "all are killed" "$(score)" 0
is "their score" "$(grep -c '100.0%' "$out/score")" 1
sed -i 's/^killed\tsum/alive\t-/' "$out/results"
is "one is alive" "$(score)" 1
is "it is named" "$(head -n 2 "$out/score")" 'alive: f/a.c:5:1: - -> +
    x = a - b;'
printf 'f/a.c: - -> +\nx = a - b;\nb is 0\n' >"$out/explained"
is "it is explained" "$(score)" 0
printf 'f/a.c: - -> +\nx = a - c;\nb is 0\n' >>"$out/explained"
sed -i '3a\\' "$out/explained"
is "an explanation of none" "$(score)" 2
printf 'f/a.c: - -> +\nx = a - b;\n' >"$out/explained"
is "an explanation without a reason" "$(score)" 2

[ "$failed" -eq 0 ] && echo "PASS mutate ($checks checks)"
[ "$failed" -eq 0 ]
