/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The golden model's arithmetic: sections 1, 2 and 7 of docs/numerics.md.
 * A binary32 is its 32 bits in a uint32_t. Everything is integer arithmetic:
 * no floating-point type, no libm, so no compiler flag can change a result.
 *
 *     enum golden_fault fault = GOLDEN_FAULT_NONE;
 *     uint32_t y = golden_mul(golden_add(a, b, &fault), c, &fault);
 *     if (fault != GOLDEN_FAULT_NONE)
 *         return golden_fault_name(fault);
 *
 * A fault is sticky: the first one stays, the value returned with it means nothing.
 */
#ifndef LS_GOLDEN_ARITH_H
#define LS_GOLDEN_ARITH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

__extension__ typedef __int128 golden_int128;
__extension__ typedef unsigned __int128 golden_uint128;

#define GOLDEN_BLOCK     32u         /* elements of a block */
#define GOLDEN_ONE       0x3f800000u /* binary32 1 */
#define GOLDEN_SIGN      0x80000000u /* sign bit of a binary32 */
#define GOLDEN_EXPONENT  0x7f800000u /* exponent field of a binary32 */
#define GOLDEN_TURN_BITS 48          /* an angle is a 48-bit fraction of a turn */

/* Section 9. */
enum golden_fault {
    GOLDEN_FAULT_NONE,
    GOLDEN_FAULT_NONFINITE, /* an exponent field of all ones in a weight, scale or gain */
    GOLDEN_FAULT_RANGE,     /* a magnitude of 2^18 or more where a block is formed */
    GOLDEN_FAULT_OVERFLOW,  /* a binary32 result of magnitude 2^128 or more */
    GOLDEN_FAULT_DIVZERO    /* rcp or rsqrt outside its domain */
};

/* "RANGE: a magnitude of 2^18 or more where a block is formed"; never NULL. */
const char *golden_fault_name(enum golden_fault fault);

/* ---- Section 1: binary32. Operands are finite. ---- */

uint32_t golden_add(uint32_t a, uint32_t b, enum golden_fault *fault);
uint32_t golden_sub(uint32_t a, uint32_t b, enum golden_fault *fault);
uint32_t golden_mul(uint32_t a, uint32_t b, enum golden_fault *fault);

/* The binary32 nearest to n * 2^k; |n| < 2^127. */
uint32_t golden_round32(golden_int128 n, int k, enum golden_fault *fault);

/* Less than, equal to or greater than 0 as the real number a is to b. */
int golden_compare(uint32_t a, uint32_t b);

/* ---- Section 2: the block ---- */

struct golden_block {
    int16_t m[GOLDEN_BLOCK]; /* mantissas, |m| <= 2^(bits-1) - 1; 0 beyond the vector's end */
    int32_t shift;           /* 0..31; element = m * 2^(shift - 12 - bits) */
};

/* block(x, bits) of `count` values, 1..32. Gives GOLDEN_FAULT_RANGE and a block
 * that means nothing if a magnitude is 2^18 or more. */
enum golden_fault golden_block_from(const uint32_t *x, size_t count, int bits,
                                    struct golden_block *block);

/* A whole vector, ceil(count / 32) blocks. */
enum golden_fault golden_blocks_from(const uint32_t *x, size_t count, int bits,
                                     struct golden_block *blocks);

/* ---- Section 7: elementary functions ---- */

/* Coefficients of one segment of rcp or rsqrt. */
struct golden_quadratic {
    int64_t c0; /* units 2^-30 */
    int64_t c1; /* units 2^-22 */
    int64_t c2; /* units 2^-14 */
};

struct golden_tables {
    int64_t exp2[256]; /* C: 2^(i/256), units 2^-30 */
    int64_t sin[257];  /* G: sin(pi/2 * i/256), units 2^-30 */
    struct golden_quadratic rcp[256];
    struct golden_quadratic rsqrt_even[256];
    struct golden_quadratic rsqrt_odd[256];
};

/* Computes the tables, about 20 KB; the same integers on every host. */
void golden_tables_init(struct golden_tables *tables);

uint32_t golden_exp(const struct golden_tables *tables, uint32_t x); /* x <= 0 */
uint32_t golden_rcp(const struct golden_tables *tables, uint32_t x, enum golden_fault *fault);
uint32_t golden_rsqrt(const struct golden_tables *tables, uint32_t x, enum golden_fault *fault);

/* inc_j = nearest(2^48 * base^(-2j/n_rot) / (2 pi * factor)); base >= 1 and factor are
 * binary32, base >= 1, factor >= 2^-16, j < n_rot/2 < 2^16. */
uint64_t golden_rope_increment(uint32_t base, uint32_t factor, uint32_t j, uint32_t n_rot);

/* The binary32 nearest to 2 / cap, of a positive normal cap. */
uint32_t golden_cap_slope(uint32_t cap);

/* Cosine and sine of position * increment / 2^48 turns. */
void golden_rotation(const struct golden_tables *tables, uint64_t position, uint64_t increment,
                     uint32_t *cosine, uint32_t *sine);

#ifdef __cplusplus
}
#endif
#endif
