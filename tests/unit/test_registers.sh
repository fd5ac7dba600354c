#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The register description and what is generated from it: a stale copy fails, and so does a bad
# description that the generator does not refuse. Run from the root of the project.
#
#   tests/unit/test_registers.sh [SCRATCH]      default build/registers
set -u
scratch=${1:-build/registers}
checks=0 failures=0
rm -rf "$scratch" && mkdir -p "$scratch" || exit 1

check() { # exit status, message
    checks=$((checks + 1))
    if [ "$1" -ne 0 ]; then
        failures=$((failures + 1))
        echo "$2"
    fi
}

# Whether `root` has the same generated files as the tree.
same() {
    (cd "$1" && find . -type f) | sort | while read -r file; do
        cmp -s "$1/$file" "$2/$file" || { echo "$file is stale: run scripts/gen_regs rtl/registers.txt"; exit 1; }
    done
}

scripts/gen_regs root="$scratch/new" rtl/registers.txt
check $? "rtl/registers.txt is refused"
same "$scratch/new" .
check $? "a generated file differs"
scripts/gen_regs root="$scratch/again" rtl/registers.txt
same "$scratch/new" "$scratch/again"
check $? "two runs differ"

# A planted fault: the comparison must see one changed reset value.
sed 's/^reg VERSION 0x004 ro 0x00010000/reg VERSION 0x004 ro 0x00010001/' rtl/registers.txt \
    >"$scratch/changed.txt"
scripts/gen_regs root="$scratch/changed" "$scratch/changed.txt"
same "$scratch/changed" . >/dev/null && check 1 "a stale copy is not noticed" || check 0 ""

# What must be refused, one line each, after a good beginning.
refuse() { # message pattern, lines
    printf 'group G\nreg A 0x10 rw 0 Text.\nfield F 7:4 Text.\nenum E 2 Text.\nvalue V 1 Text.\n%b\n' \
        "$2" >"$scratch/bad.txt"
    if scripts/gen_regs root="$scratch/bad" "$scratch/bad.txt" 2>"$scratch/bad.err"; then
        check 1 "accepted: $2"
    else
        grep -q "$1" "$scratch/bad.err"
        check $? "refused for another reason: $2: $(cat "$scratch/bad.err")"
    fi
}
refuse 'not aligned' 'reg B 0x12 rw 0 Text.'
refuse 'appears twice' 'reg B 0x10 rw 0 Text.'
refuse 'appears twice' 'reg A 0x14 rw 0 Text.'
refuse 'appears twice' 'counter C 0xc Text.'
refuse 'appears twice' 'word A Text.'
refuse 'appears twice' 'reg B 0x14 rw 0 T.\nfield X 7:0 T.\nfield Y 7 T.'
refuse 'appears twice' 'reg B 0x14 rw 0 T.\nfield X 7:0 T.\nfield X 9 T.'
refuse 'appears twice' 'reg B 0x14 rw 0 T.\nfield C_D 0 T.\nreg B_C 0x18 rw 0 T.\nfield D 0 T.'
refuse 'do not lie' 'reg B 0x14 rw 0 Text.\nfield X 32 Text.'
refuse 'do not lie' 'reg B 0x14 rw 0 Text.\nfield X 3:4 Text.'
refuse 'appears twice' 'value V 2 Text.'
refuse 'appears twice' 'value W 1 Text.'
refuse 'does not fit' 'value W 4 Text.'
refuse 'not a number' 'reg B 0xzz rw 0 Text.'
refuse 'not a number' 'reg B 0x14 rw 0x123456789 Text.'
refuse 'unknown access' 'reg B 0x14 rx 0 Text.'
refuse 'behind 64 KiB' 'reg B 0x10000 rw 0 Text.'
refuse 'not a name' 'reg b 0x14 rw 0 Text.'
refuse 'text is missing' 'reg B 0x14 rw 0'
refuse 'not a keyword' 'register B 0x14 rw 0 Text.'
refuse 'field of nothing' 'field X 1 Text.'
refuse 'value of nothing' 'reg B 0x14 rw 0 Text.\nvalue X 1 Text.'

if [ "$failures" -ne 0 ]; then
    echo "FAIL registers ($failures of $checks checks)"
    exit 1
fi
echo "PASS registers ($checks checks)"
