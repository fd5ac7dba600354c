#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Twenty small faults at random, ten in C and ten in the RTL, are all seen, or explained: docs/verification.md,
# Mutations. They are drawn by what they are, so that changed sources bring others.
#
#   tests/system/test_mutants.sh build/tests/mutants
MUTATE=$1 MEASURED=$1
export MUTATE MEASURED
rm -rf "$MUTATE"
mkdir -p "$MUTATE"
for kind in mutate mutate-rtl; do
  "${MAKE:-make}" $kind COUNT=10 SEED=1 JOBS=1 >"$MUTATE/said" 2>&1
  status=$?
  tail -n 40 "$MUTATE/said"
  [ "$status" = 0 ] || { echo "FAIL mutants: make $kind COUNT=10: exit $status"; exit 1; }
  planted=$(awk '$1 == "all" { print $2 }' "$MUTATE/said")
  [ "$planted" = 10 ] || { echo "FAIL mutants: $planted of 10 planted"; exit 1; }
done
echo "PASS mutants (20 faults)"
