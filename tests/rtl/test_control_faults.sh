#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Each checker of the control tests must fail when what it looks at is spoiled (enum bench_fault of
# tests/rtl/control_bench.h).
#
#   tests/rtl/test_control_faults.sh DIR      DIR holds test_axil, ..., sampler/test
set -u
dir=${1:?the folder of the test programs}
checks=0 failures=0

must_fail() { # test, faults
    for fault in $2; do
        checks=$((checks + 1))
        "$dir/$1" fault="$fault" >/dev/null
        status=$?
        [ "$status" -eq 1 ] && continue # 127, say, is a program that is not there
        failures=$((failures + 1))
        echo "$1 with fault $fault: exit status $status, not 1"
    done
}

must_fail test_axil "1 2"
must_fail test_control "1 3 4 5 6 7 8 10"
must_fail test_loader "1 9"
must_fail test_validator "1"
must_fail sampler/test "1"
must_fail logit_store/test "1"

if [ "$failures" -ne 0 ]; then
    echo "FAIL control_faults ($failures of $checks checks)"
    exit 1
fi
echo "PASS control_faults ($checks checks)"
