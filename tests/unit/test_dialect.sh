#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# scripts/dialect refuses each thing that it must, planted in a file that it accepts.
#
#   tests/unit/test_dialect.sh [SCRATCH]      default build/dialect
set -u
scratch=${1:-build/dialect}
checks=0 failures=0
mkdir -p "$scratch" || exit 1

said() { # text that must be in what it says, sed script that spoils a sound file
    checks=$((checks + 1))
    sed "$2" rtl/weights/beat_fifo.v >"$scratch/spoiled.v"
    if scripts/dialect "$scratch/spoiled.v" >"$scratch/log" || ! grep -q "$1" "$scratch/log"; then
        failures=$((failures + 1))
        echo "not refused: $1, after $2"
    fi
}
said 'a tab' 's/^  input  wire  */\tinput wire /'
said 'a blank at the end' '/assign level_o/s/$/ /'
said 'longer than 100' '/assign level_o/s/$/ \/\/ ........................................................................................./'
said 'odd number of blanks' 's/^  assign level_o/ &/'
said 'port push does not end' 's/push_i/push/'
said 'port level_i does not end in _o' 's/level_o/level_i/'
said 'label is not' 's/begin : g_check/begin : gen_check/'
said 'label is not' 's/begin : g_take/begin : take/'
said 'no .default_nettype none' '/^.default_nettype none/d'
said 'default_nettype wire is not the last' '/^.default_nettype wire/d'
said 'register head does not end in _q' 's/head_q/head/g'
said 'by place, not by name' 's/u_error ();/u_error (clk_i);/'

checks=$((checks + 1))
scripts/dialect rtl/weights/beat_fifo.v || failures=$((failures + 1))

[ "$failures" -eq 0 ] && echo "PASS dialect ($checks checks)" && exit 0
echo "FAIL dialect ($failures of $checks checks)"
exit 1
