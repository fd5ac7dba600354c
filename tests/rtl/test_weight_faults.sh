#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The test of the weight path must fail with each fault of tests/rtl/faults, and pass without.
#
#   tests/rtl/test_weight_faults.sh TEST      TEST: test_weight_path on the device with faults
set -u
test=${1:?the test program}
checks=0 failures=0
for fault in none $(sed -n 's/.*plusargs("fault_\([a-z]*\)").*/\1/p' tests/rtl/faults/*.sed); do
    checks=$((checks + 1))
    LOCKSTEP_PLUSARGS="+fault_$fault" "$test" >/dev/null
    status=$?
    [ "$fault" = none ] && [ "$status" -eq 0 ] && continue
    [ "$fault" != none ] && [ "$status" -eq 1 ] && continue
    failures=$((failures + 1))
    echo "fault $fault: exit status $status"
done
if [ "$failures" -ne 0 ]; then
    echo "FAIL weight_faults ($failures of $checks checks)"
    exit 1
fi
echo "PASS weight_faults ($checks checks)"
