#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The description of the device and what is generated from it: a stale copy fails, and so does a bad
# description that the generator does not refuse. Run from the root of the project.
#
#   tests/unit/test_description.sh [SCRATCH]      default build/description
set -u
scratch=${1:-build/description}
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
        cmp -s "$1/$file" "$2/$file" || { echo "$file is stale: run make generate"; exit 1; }
    done
}

generate() { scripts/describe/generate "$@"; }

generate "$scratch/new"
check $? "device.txt is refused"
same "$scratch/new" .
check $? "a generated file differs"
generate "$scratch/again"
same "$scratch/new" "$scratch/again"
check $? "two runs differ"

# Planted faults: the comparison must see one changed number of every kind of line.
stale() { # file that must become stale, sed script
    sed "$2" device.txt >"$scratch/changed.txt"
    cmp -s device.txt "$scratch/changed.txt" && check 1 "$2 changes nothing"
    rm -rf "$scratch/changed"
    generate "$scratch/changed" "$scratch/changed.txt"
    check $? "refused after $2"
    cmp -s "$scratch/changed/$1" "$1"
    check $((! $?)) "$1 does not notice $2"
}
for file in generated/device.vh generated/device.h docs/registers.md generated/device_info.c; do
    stale $file 's/^reg VERSION 0x004 ro 0x0/reg VERSION 0x004 ro 0x1/'
    stale $file 's/^\(event OP *CONTROL *\)4s/\15s/'
    stale $file '/^event KV_WRITE/d; /^op KV/s/KV_WRITE/-/'
done
for file in generated/device.vh generated/device.h generated/device_info.c docs/registers.md; do
    stale $file 's/^type Q5_0  *6/type Q5_0 5/'
    stale $file 's/^op ADD  *17/op ADD 63/'
done
for file in generated/device_fn.vh generated/device_info.c docs/registers.md; do
    stale $file 's/^type Q4_0\(.*\) 18 /type Q4_0\1 20 /'
    stale $file 's/^op ADD\(.*\)VECTOR    ADD/op ADD\1MATVEC ADD/'
done
stale docs/architecture.md 's/^op ADD  *17/op ADD 63/'
stale docs/architecture.md 's/^type Q4_0\(.*\) 18 /type Q4_0\1 20 /'
stale docs/power.md 's/^\(event OP *CONTROL *\)4s/\15s/'
stale docs/power.md 's/^\(price DRAM *d *\)1300000/\11300001/'
stale generated/device_info.c 's/^\(price DRAM *d *\)1300000/\11300001/'
stale generated/device_info.c 's/^\(event OP *CONTROL *\)4s/\1a+4s/'
stale docs/power.md 's/^\(class SAMPLE *\).*/\1Other words./'
stale docs/power.md 's/^\(unit KV *\)work/\1-/'
stale waves/translate/op.txt 's/^op ADD/op PLUS/'

# A bundle: members lie one behind the other from bit 0 up, as wide as it needs.
(cat device.txt && printf 'bundle TOUR Text.\nmember OP 6 T.\nmember ON 1 T.\nmember M 64 T.\n') \
    >"$scratch/bundle.txt"
generate "$scratch/bundle" "$scratch/bundle.txt"
for line in 'TOUR_W 71' 'TOUR_OP 5:0' 'TOUR_ON 6' 'TOUR_M 70:7'; do
    tr -s ' ' <"$scratch/bundle/generated/device.vh" | grep -q -x "\`define LOCKSTEP_$line"
    check $? "no macro $line of a bundle"
done
for line in 'TOUR_BITS 71u' 'TOUR_M_LOW 7u' 'TOUR_M_BITS 64u'; do
    tr -s ' ' <"$scratch/bundle/generated/device.h" | grep -q -x "#define LOCKSTEP_$line"
    check $? "no macro $line of a bundle"
done

# What must be refused, one line each, after a good beginning; KINDS are some classes, units, prices,
# events.
KINDS='enum CLASS 4 T.\nclass C T.\nenum UNIT 3 T.\nunit U - T.\nenum PRICE - T.\nprice P p 5 T.\nenum EVENT 5 T.\nevent X U p T.\n'
refuse() { # message pattern, lines
    lines=$2
    case $lines in KINDS*) lines=$KINDS${lines#KINDS} ;; esac
    printf 'group G\nreg A 0x10 rw 0 Text.\nfield F 7:4 Text.\nenum E 2 Text.\nvalue V 1 Text.\n%b\n' \
        "$lines" >"$scratch/bad.txt"
    if generate "$scratch/bad" "$scratch/bad.txt" 2>"$scratch/bad.err"; then
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
refuse 'appears twice' 'constant B 1 T.\nconstant B 2 T.'
refuse 'not a number' 'constant B x T.'
refuse 'text is missing' 'constant B 1'
refuse 'member of nothing' 'reg B 0x14 rw 0 Text.\nmember X 1 Text.'
refuse 'member of no bits' 'bundle B Text.\nmember X 0 Text.'
refuse 'appears twice' 'bundle B Text.\nmember X 1 Text.\nmember X 1 Text.'
refuse 'appears twice' 'bundle B Text.\nmember W 1 Text.'
refuse 'appears twice' 'bundle A Text.'
refuse 'is written `class`' 'enum CLASS 4 T.\nvalue D 3 T.'
refuse 'behind `enum CLASS` alone' 'class C T.'
refuse 'behind `enum OP` alone' 'KINDSop P 3 U C X - - T.'
refuse 'is no unit' 'KINDSevent Y V p T.'
for recipe in q 5 0p p/0 p/ 1/2p p2 p/2/3 p+ +p p+q -p 2pp; do
    refuse 'is no price' "KINDSevent Y U $recipe T."
done
refuse 'appears twice' 'KINDSevent Y U p+2p T.'
refuse '2^32 fJ' 'KINDSevent Y U 999999999p T.'
refuse 'is no letter' 'enum PRICE - T.\nprice P pp 5 T.'
refuse 'appears twice' 'enum PRICE - T.\nprice P p 5 T.\nprice Q p 5 T.'
refuse 'not a number' 'enum PRICE - T.\nprice P p five T.'
refuse 'goes through' 'KINDSeach type reg T_$name 0x20 rw 0 T.'
refuse 'described behind' 'each class reg C_$name 0x20 rw 0 T.'
refuse 'makes reg or counter' 'KINDSeach class word C_$name T.'
refuse 'one register many times' 'KINDSeach class reg C 0x20 rw 0 T.'
refuse 'appears twice' 'KINDSeach class reg C_$name 0x10 rw 0 T.'
type='KINDSenum FILE_TYPE 8 T.\nvalue L 7 T.\nenum TYPE 8 T.\ntype'
refuse 'appears twice' "$type Q 1 L 32 18 1 4 - - T.\ntype R 2 L 32 18 1 4 - - T."
refuse '1 element or a multiple of 32' "$type Q 1 - 31 18 1 4 - - T."
refuse 'is no file_type' "$type Q 1 K 32 18 1 4 - - T."
refuse 'no bytes' "$type Q 1 - 32 0 1 4 - - T."
refuse 'is no event' "$type Q 1 - 32 18 1 4 Y device T."
refuse 'is no flag' "$type Q 1 - 32 18 1 4 - bfloat T."
refuse 'exactly if the device' "$type Q 1 - 32 18 1 4 X - T."
refuse 'exactly if the device' "$type Q 1 - 32 18 1 4 - device T."
refuse 'blocks of 32 and of 256' "$type Q 1 - 64 36 1 4 X device T."
refuse 'appears twice' "$type Q 1 - 32 18 1 4 - - T.\ntype R 1 - 32 18 1 4 - - T."
op='KINDSenum OP 6 T.\nop'
refuse 'does not fit' "$op P 64 U C X - - T."
refuse 'is no unit' "$op P 1 V C X - - T."
refuse 'is no class' "$op P 1 U D X - - T."
refuse 'is no event' "$op P 1 U C Y - - T."
refuse 'is no operand' "$op P 1 U C X c - T."
refuse 'is no flag' "$op P 1 U C X - often T."
refuse 'n words or a word a row' "$op P 1 U C X dst,rows - T."
refuse 'text is missing' "$op P 1 U C X - -"

if [ "$failures" -ne 0 ]; then
    echo "FAIL description ($failures of $checks checks)"
    exit 1
fi
echo "PASS description ($checks checks)"
