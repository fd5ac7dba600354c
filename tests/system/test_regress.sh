#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# `make regress`: the smoke suite passes and is not run twice; what differs from its verdict, its
# baseline or a sound table fails by name, with a command that repeats it; a run that was interrupted
# goes on; a seed makes the same random cases again; its pages are whole.
#
#   tests/system/test_regress.sh build/tests/regress
out=$1
rm -rf "$out"
mkdir -p "$out"
checks=0
failed=0
export REGRESS="$out/run" MAKE="${MAKE:-make}"

ends() { # ends STATUS COMMAND...: what it said is in $out/said
  wanted=$1
  shift
  checks=$((checks + 1))
  "$@" >"$out/said" 2>&1
  status=$?
  [ $status -eq "$wanted" ] || {
    failed=$((failed + 1))
    echo "$*: exit $status instead of $wanted:"
    tail -n 8 "$out/said"
  }
}

says() { # says TEXT [FILE]
  checks=$((checks + 1))
  grep -q -e "$1" "${2:-$out/said}" || {
    failed=$((failed + 1))
    echo "no '$1' in ${2:-what was said}:"
    tail -n 8 "${2:-$out/said}"
  }
}

smoke=$(grep -c '^smoke' tests/regress/matrix.txt)
ends 0 env SUITE=smoke scripts/regress/run
says "^$smoke passed, 0 failed, 0 skipped"
ends 0 env SUITE=smoke scripts/regress/run
checks=$((checks + 1))
[ "$(grep -c '(as before)$' "$out/said")" = "$smoke" ] || { failed=$((failed + 1)); echo "cases were run twice"; }

# pages: a case each in every one
for page in "junit.xml <testcase" "summary.json \"name\"" "index.html <tr.class"; do
  checks=$((checks + 1))
  [ "$(grep -c "${page#* }" "$REGRESS/${page%% *}")" = "$smoke" ] || {
    failed=$((failed + 1))
    echo "${page%% *} has not $smoke cases"
  }
done

# what was measured last is in them
mkdir -p "$out/measured"
printf 'Measured & kept\tnine of 9\tmake it\tabc\t2026-01-01\n' >"$out/measured/it"
ends 0 env FILTER=greedy MEASURED="$out/measured" scripts/regress/run
says '"name": "Measured & kept", "result": "nine of 9", "command": "make it", "commit": "abc"' "$REGRESS/summary.json"
says '<td>Measured &amp; kept</td><td>nine of 9</td>' "$REGRESS/index.html"

# planted: a wrong verdict, fewer cycles in the baseline, a file that is not there
cat >"$out/matrix" <<'END'
smoke sound    small stories:Q8_0 PASS       -n 1 --no-reference
smoke accused  small stories:Q8_0 DIFFERENCE -n 1 --no-reference
smoke absent   small no/such.gguf PASS
END
cycles=$(awk -F '\t' '$2 == "greedy" {print $6}' "$REGRESS/results")
export REGRESS_MATRIX="$out/matrix" REGRESS_BASELINE="$out/baseline"
ends 1 scripts/regress/run
says '^FAIL accused: PASS (exit 0) instead of DIFFERENCE'
says '^1 passed, 1 failed, 1 skipped'
says 'message="PASS (exit 0) instead of DIFFERENCE' "$REGRESS/junit.xml"
says '<skipped message="no/such.gguf is not there"' "$REGRESS/junit.xml"
again=$(sed -n 's/^ *again: sh //p' "$out/said")
ends 0 sh "$again"
cycles=$(awk -F '\t' '$2 == "sound" {print $6}' "$REGRESS/results")
echo "sound $((cycles - 1))" >"$out/baseline"
ends 1 env FRESH=1 FILTER=sound scripts/regress/run
says "^FAIL sound: $cycles cycles, $((cycles - 1)) in the baseline"
ends 0 env FRESH=1 FILTER=sound MARGIN=1 scripts/regress/run
ends 0 env FRESH=1 FILTER=sound BASELINE=update MARGIN=1 scripts/regress/run
says "^sound $cycles\$" "$out/baseline"

# tables and variables that are wrong
ends 2 env SUITE=smoky scripts/regress/run
says 'SUITE=smoky is none of smoke, full, nightly'
ends 2 env FILTER=nothing-like-it scripts/regress/run
says 'no case of SUITE=smoke matches'
ends 2 env SEEDS=many scripts/regress/run
echo 'smoke twice small' >"$out/matrix"
ends 2 scripts/regress/run
says 'matrix:1: not SUITE NAME CONFIG'

# variables that are wrong, and as make hands them on
for wrong in MARGIN=x MARGIN=-1 MARGIN=. MARGIN=1.2.3 JOBS=x JOBS=1.5 SEEDS=-1; do
  ends 2 env $wrong scripts/regress/run
  says "$wrong is not a number"
done
for large in SEEDS=12345678901234567890 SEED=1234567890; do
  ends 2 env $large scripts/regress/run
  says "$large.*: at most 999999 cases"
done
ends 2 env JOBS=0 scripts/regress/run
says 'JOBS=0: give 1 or more'
ends 2 env FILTER='(' scripts/regress/run
says 'FILTER=( is not a regular expression'
ends 2 "$MAKE" regress JOBS=x
says 'JOBS=x is not a number'
ends 2 env REGRESS_MATRIX=tests/regress/matrix.txt "$MAKE" regress FILTER='^none$'
says 'matches FILTER=^none\$$'

# interrupted, it goes on
cat >"$out/matrix" <<'END'
smoke first  small stories:Q8_0 PASS -n 1 --no-reference
smoke second small stories:Q8_0 PASS -n 200 --no-reference
END
rm -f "$out/baseline"
checks=$((checks + 1))
setsid env JOBS=1 scripts/regress/run >"$out/said" 2>&1 &
run=$!
i=0
until grep -q 'pass first' "$out/said" || [ $i -ge 300 ]; do sleep 0.1; i=$((i + 1)); done
sleep 0.3
kill -s TERM -- "-$run"
wait $run
status=$?
[ $status -ne 0 ] || { failed=$((failed + 1)); echo "an interrupted run ends with $status"; }
sed -i 's/-n 200/-n 2/' "$out/matrix"
ends 0 env JOBS=1 scripts/regress/run
says 'pass first (as before)'
says '^2 passed, 0 failed'

# seeds
list() { awk -v suite=smoke -v filter=random -v seeds=5 -v first="$1" -v types="Q8_0 Q4_K F16" \
  -f scripts/regress/cases.awk tests/regress/matrix.txt; }
checks=$((checks + 1))
[ "$(list 1 | sed -n 3p)" = "$(list 3 | sed -n 1p)" ] && [ "$(list 1 | sort -u | wc -l)" = 5 ] || {
  failed=$((failed + 1))
  echo "seed 3 does not make the same case again"
}
echo 'smoke first small stories:Q8_0 PASS -n 1 --no-reference' >"$out/matrix"
ends 0 env SEEDS=2 SEED=11 FILTER=random scripts/regress/run
says 'pass random-12'

[ "$failed" = 0 ] && echo "PASS regress ($checks checks)" && exit 0
echo "FAIL regress: $failed of $checks checks"
exit 1
