#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# A device with faults in its registers, its loader, its sequencer (waves/faults/) does not stand
# abuse: tests/rtl/test_abuse.c sees each of them. Without one it does.
#
#   tests/rtl/test_abuse_faults.sh build/tests/abuse_of_faults
checks=0 failures=0
for fault in none lock strobe cause over answer validate late crc step beyond kept; do
    checks=$((checks + 1))
    wanted=1
    [ $fault = none ] && wanted=0
    for seed in 1 2 3 4; do # what is seen may take a while
        LOCKSTEP_PLUSARGS="+fault_$fault" "$1" seed=$seed episodes=3 >/dev/null 2>&1
        status=$?
        { [ $status -ne 0 ] || [ $fault = none ]; } && break
    done
    [ $status -eq $wanted ] && continue # 127, say, is a program that is not there
    failures=$((failures + 1))
    echo "fault $fault: exit status $status, not $wanted"
done

if [ "$failures" -ne 0 ]; then
    echo "FAIL abuse_faults ($failures of $checks checks)"
    exit 1
fi
echo "PASS abuse_faults ($checks checks)"
