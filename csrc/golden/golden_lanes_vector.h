/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Private to golden_lanes.c: 16 elements in a vector of gcc and clang, which is as many registers
 * as the machine needs. exp and rcp are integers of 64 bits; factors are known to have 32, for
 * which there are instructions.
 */
#ifndef LS_GOLDEN_LANES_VECTOR_H
#define LS_GOLDEN_LANES_VECTOR_H

#include <fenv.h>
#include <string.h>

#include "golden_lanes.h"

/* Functions are inlined: how a machine without such registers hands over a vector does not matter.
 */
#pragma GCC diagnostic ignored "-Wpsabi"

typedef uint32_t vector __attribute__((vector_size(64)));
typedef vector lanes; /* all bits of those */
#define NO_LANES ((vector){0})
typedef float floats __attribute__((vector_size(64)));
typedef int32_t narrow __attribute__((vector_size(32))); /* eight */
typedef int64_t wide __attribute__((vector_size(64)));   /* eight */

static inline vector load(const uint32_t *x) {
    vector v;
    memcpy(&v, x, sizeof v);
    return v;
}

/* Any but the usual rounding is for the plain functions, too. What makes the value may add to odd,
 * which is read behind it. */
static inline bool store(uint32_t *y, vector value, const lanes *odd) {
    uint64_t word[8], any = 0;
    memcpy(y, &value, sizeof value);
    memcpy(word, odd, sizeof word);
    for (unsigned i = 0; i < 8; i++)
        any |= word[i];
    return any == 0 && fegetround() == FE_TONEAREST;
}

static inline vector all(uint32_t x) {
    return (vector){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x};
}

/* Subnormal or not finite. */
static inline lanes odd_of(vector x) {
    const vector magnitude = x & ~GOLDEN_SIGN;
    return (lanes)(magnitude - 0x00800000u >= GOLDEN_EXPONENT - 0x00800000u) &
           (lanes)(magnitude != 0);
}

static inline vector add(vector a, vector b, lanes *odd) {
    const vector y = (vector)((floats)a + (floats)b);
    *odd |= odd_of(a) | odd_of(b) | odd_of(y);
    return y;
}

static inline vector mul(vector a, vector b, lanes *odd) {
    const vector y = (vector)((floats)a * (floats)b);
    *odd |= odd_of(a) | odd_of(b) | odd_of(y) |
            (lanes)((y & ~GOLDEN_SIGN) == 0x00800000u); /* 2^-126: it may have been less */
    return y;
}

static inline lanes negative_of(vector x) {
    return (lanes)((x & GOLDEN_SIGN) != 0);
}

static inline vector choose(lanes which, vector yes, vector no) {
    return (yes & which) | (no & ~which);
}

static inline vector minus(vector x) {
    return x ^ GOLDEN_SIGN;
}

/* ---- section 7, of eight ---- */

static inline narrow half_of(vector x, unsigned half) {
    narrow v;
    memcpy(&v, (const char *)&x + half * sizeof v, sizeof v);
    return v;
}

static inline vector halves(narrow low, narrow high) {
    vector v;
    memcpy(&v, &low, sizeof low);
    memcpy((char *)&v + sizeof low, &high, sizeof high);
    return v;
}

static inline wide unsigned_64(narrow x) {
    return __builtin_convertvector(x, wide) & 0xffffffff;
}

static inline wide signed_64(narrow x) {
    return __builtin_convertvector(x, wide);
}

static inline narrow low_32(wide x) {
    return __builtin_convertvector(x, narrow);
}

static inline narrow exp_8(const struct golden_tables *tables, narrow x) {
    const narrow field = (x >> 23) & 255;
    const narrow m = (x & 0x7fffff) | 0x800000;
    narrow drop = 33 + 127 - field; /* beyond 62 nothing is left; below 27 it is not used */
    drop = (drop & (drop < 63)) | (63 & (drop >= 63));
    drop = (drop & (drop > 1)) | (1 & (drop <= 1));
    const wide product = unsigned_64(m) * (198282496599 & 0xffffffff) +
                         (unsigned_64(m) * (198282496599 >> 32) << 32);
    const wide places = unsigned_64(drop);
    const wide t = (product + ((wide){1, 1, 1, 1, 1, 1, 1, 1} << (places - 1))) >> places;
    const wide u = -t & ((1 << 27) - 1);
    const narrow whole = low_32((t + u) >> 27); /* -k */
    const narrow at = low_32(u >> 19);
    narrow c;
    for (unsigned i = 0; i < 8; i++)
        c[i] = (int32_t)(uint32_t)tables->exp2[at[i]];
    const wide a = ((u & ((1 << 19) - 1)) * 744261118) >> 22;
    const wide h = a + (((a & 0xffffffff) * (a & 0xffffffff)) >> 36);
    const wide y = unsigned_64(c) + ((unsigned_64(c) * (h & 0xffffffff)) >> 35);
    const narrow rounded = low_32((y + 64) >> 7);
    return (((126 - whole) << 23) + rounded) & (whole <= 126) & (field < 127 + 7);
}

/* Of normal x, 2^-126 < |x| < 2^126. */
static inline narrow rcp_8(const struct golden_tables *tables, narrow x) {
    const narrow f = x & 0x7fffff, at = f >> 15, h = (f & 0x7fff) - (1 << 14);
    narrow c0, c1, c2;
    for (unsigned i = 0; i < 8; i++) {
        c0[i] = (int32_t)tables->rcp[at[i]].c0;
        c1[i] = (int32_t)tables->rcp[at[i]].c1;
        c2[i] = (int32_t)tables->rcp[at[i]].c2;
    }
    const wide line = (signed_64(c1) * signed_64(h)) << 15;
    const wide square = signed_64(c2) * signed_64(h * h);
    const wide y = (signed_64(c0) << 30) - line + square;
    const narrow m = low_32((y + (1ll << 35)) >> 36);
    const narrow field = (x >> 23) & 255;
    return (((2 * 127 - 2 - field) << 23) + m) | (x & (narrow)(half_of(all(GOLDEN_SIGN), 0)));
}

static inline vector exp_16(const struct golden_tables *tables, vector x) {
    return halves(exp_8(tables, half_of(x, 0)), exp_8(tables, half_of(x, 1)));
}

static inline vector rcp_16(const struct golden_tables *tables, vector x) {
    return halves(rcp_8(tables, half_of(x, 0)), rcp_8(tables, half_of(x, 1)));
}

/* nearest(e * 2^16) of 0 <= e <= 1 */
static inline vector fixed_16(vector e) {
    const floats units = (floats)e * 0x1p16f + 0x1p23f;
    return (vector)units & 0x7fffff;
}

/* Every second element of a and then of b, from the first or the second on. */
static inline vector every_second(vector a, vector b, int from) {
    return from == 0 ? __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24,
                                               26, 28, 30)
                     : __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25,
                                               27, 29, 31);
}

/* Elements of a and b in turn: of their first eight, or of their second eight. */
static inline vector in_turn(vector a, vector b, int second) {
    return second == 0 ? __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6,
                                                 22, 7, 23)
                       : __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29,
                                                 14, 30, 15, 31);
}

#endif
