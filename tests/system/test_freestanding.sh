#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The firmware needs no C library: compiled freestanding by the host's compiler and, if there is
# one, a bare-metal RISC-V compiler, it asks for nothing but memcpy and its like. Run from the root
# of the project.
#
#   tests/system/test_freestanding.sh [SCRATCH]      default build/freestanding
set -u
scratch=${1:-build/freestanding}
checks=0 failures=0
rm -rf "$scratch" && mkdir -p "$scratch" || exit 1

# Names that the objects given leave open and a compiler may not take for granted.
missing() { # nm, object
    "$1" -u "$2" | awk '{print $NF}' | grep -v -x -E 'memcpy|memmove|memset|memcmp'
}

expect() { # status, message
    checks=$((checks + 1))
    [ "$1" -eq 0 ] && return
    failures=$((failures + 1))
    echo "$2"
}

build() { # cc, nm, flags
    cc=$1 nm=$2 flags=$3
    # shellcheck disable=SC2086
    for file in firmware/*.c; do
        "$cc" -std=c11 -ffreestanding -nostdinc -isystem "$("$cc" -print-file-name=include)" \
            -I. -Wall -Wextra -Wpedantic -Werror -O2 $flags -c "$file" \
            -o "$scratch/$cc-$(basename "$file" .c).o"
        expect $? "$cc refuses $file"
    done
    # shellcheck disable=SC2086
    "$cc" $flags -nostdlib -r "$scratch/$cc"-[a-z]*.o -o "$scratch/$cc.all"
    expect $? "$cc cannot link the firmware"
    open=$(missing "$nm" "$scratch/$cc.all")
    expect "$([ -z "$open" ]; echo $?)" "$cc: the firmware needs $(echo $open)"
}

build gcc nm -fno-stack-protector
if command -v riscv64-unknown-elf-gcc >/dev/null 2>&1; then
    build riscv64-unknown-elf-gcc riscv64-unknown-elf-nm "-march=rv64gc -mabi=lp64d -mcmodel=medany"
else
    echo "no riscv64-unknown-elf-gcc: only the host's compiler was asked"
fi

# A planted call of the C library must be noticed.
printf 'int puts(const char *);\nint planted(void);\nint planted(void) { return puts("x"); }\n' \
    >"$scratch/planted.c"
gcc -std=c11 -ffreestanding -c "$scratch/planted.c" -o "$scratch/planted.o"
expect "$([ "$(missing nm "$scratch/planted.o")" = puts ]; echo $?)" "a planted puts goes unseen"

if [ "$failures" -ne 0 ]; then
    echo "FAIL freestanding ($failures of $checks checks)"
    exit 1
fi
echo "PASS freestanding ($checks checks)"
