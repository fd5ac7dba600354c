#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Each planted fault of the telemetry (waves/faults/telemetry.sed, thermal.sed) ends the run as a
# difference that names what is wrong.
#
#   tests/test_power_faults.sh build/faults/seen-trace/lockstep
program=$1
model=../shared/models/stories260K-Q4_0.gguf
if [ ! -f "$model" ]; then
  echo "skipped: ../shared/models is absent"
  exit 77
fi
checks=0
failed=0

# fault NAME TEXT [OPTION...]: the difference holds TEXT
fault() {
  name=$1 text=$2
  shift 2
  checks=$((checks + 1))
  message=$(LOCKSTEP_PLUSARGS=${name:++fault_$name} "$program" sim "$model" \
    -p "Once upon a time" -n 2 --no-reference "$@" 2>&1 >/dev/null)
  status=$?
  case "$status $message" in
    "1 "*"verdict     DIFFERENCE: first difference: $text"*) return ;;
  esac
  failed=$((failed + 1))
  echo "$name: exit $status, not a difference '$text':"
  echo "$message" | sed 's/^/    /'
}

fault count "counter: event kv_read, pass 1, token 1 at position 0: the device has "
fault coef "counter: energy (fJ) dot, pass 1, token 1 at position 0: the device has "
fault stall "counter: WEIGHT_STALLS against its class, pass 1, "
fault layer "counter: ops of layer 0, pass 1, "
fault burst "counter: event burst, end of the run, "
fault access "counter: event register, end of the run, "
fault thermal "window 1 at cycle "
fault ramp "window " --throttle hot
fault window "window "
fault parts "energy (fJ) of "
fault still "window 2 did not close: none in the last "
fault peak "register POWER_PEAK after window "

checks=$((checks + 1))
"$program" sim "$model" -p "Once upon a time" -n 2 --no-reference >/dev/null 2>&1 || {
  echo "without a fault: exit $?"
  failed=$((failed + 1))
}
[ "$failed" -eq 0 ] && echo "PASS power_faults ($checks checks)"
[ "$failed" -eq 0 ]
