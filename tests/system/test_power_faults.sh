#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Each planted fault of the telemetry (waves/faults/accounts.sed, telemetry.sed, thermal.sed,
# counters.sed, cycle_classes.sed, throttle.sed) ends the run as a difference that names what is wrong.
#
#   tests/system/test_power_faults.sh build/faults/seen-trace/lockstep
program=$1
model=build/tests/models/stories-Q4_0.gguf
checks=0
failed=0
warm=build/tests/power_faults.profile # paced to the end
mkdir -p build/tests
printf 'initial_c = 73\nramp_start_c = 70\n' >"$warm"

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
fault parts "energy (fJ) of control: "
fault dot "energy (fJ) of dot: "
fault still "window 2 did not close: none in the last "
fault peak "register POWER_PEAK after window "
fault status "STATUS.THROTTLED after window " --throttle on --profile "$warm"
fault macs "counter: counter MACS, pass 1, "
fault beats "counter: counter WEIGHT_BEATS, pass 1, "
fault reads "counter: counter KV_READS, pass 1, "
fault writes "counter: counter KV_WRITES, pass 1, "
fault in "counter: counter TOKENS_IN, pass 1, "
fault out "counter: counter TOKENS_OUT, pass "
fault prefill "counter: counter PREFILL_CYCLES, pass "
fault check "counter: cycles of class validate, before the first pass: "
fault choose "counter: cycles of class sample, pass 1, "
fault push "counter: cycles of class fifo_wait, pass "
fault held "counter: cycles of class throttled, pass " --throttle hot
fault short "counter: cycles of class throttled, pass " --throttle hot
fault long "counter: cycles of class throttled, pass " --throttle hot

checks=$((checks + 1))
"$program" sim "$model" -p "Once upon a time" -n 2 --no-reference >/dev/null 2>&1 || {
  echo "without a fault: exit $?"
  failed=$((failed + 1))
}
[ "$failed" -eq 0 ] && echo "PASS power_faults ($checks checks)"
[ "$failed" -eq 0 ]
