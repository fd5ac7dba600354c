/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Quantised blocks to exact values. Layouts after ggml's ggml-common.h and ggml-quants.c
 * (github.com/ggml-org/ggml); the drawings say what lies where, in bytes. A value is the scale
 * times the sub-scale (exact) times the integer, less a minimum likewise; each product and
 * difference is rounded once.
 */
#include "dequant_blocks.h"

#include <math.h>

static uint16_t load_u16(const uint8_t *p) {
    return (uint16_t)(p[0] | p[1] << 8);
}

static double half_at(const uint8_t *p) {
    return fp32_from_fp16(load_u16(p));
}

/* 4-bit integers in order: low nibbles of `count` bytes, then their high nibbles. */
static void nibbles(const uint8_t *q, int count, int *out) {
    for (int j = 0; j < count; j++) {
        out[j] = q[j] % 16;
        out[count + j] = q[j] / 16;
    }
}

/* ---- 32 elements ---- */

/* | d 2 | q 16 |                     x = d (q - 8) */
void dequant_q4_0(const uint8_t *block, double *x) {
    int q[32];
    nibbles(block + 2, 16, q);
    for (int j = 0; j < 32; j++)
        x[j] = half_at(block) * (q[j] - 8);
}

/* | d 2 | m 2 | q 16 |               x = d q + m */
void dequant_q4_1(const uint8_t *block, double *x) {
    int q[32];
    nibbles(block + 4, 16, q);
    for (int j = 0; j < 32; j++) {
        const double product = half_at(block) * q[j];
        x[j] = product + half_at(block + 2);
    }
}

/* The fifth bits: a little-endian word, bit j of element j. */
static void fifth_bits(const uint8_t *h, int *q) {
    const uint32_t word = load_u16(h) | (uint32_t)load_u16(h + 2) << 16;
    for (int j = 0; j < 32; j++)
        q[j] += (int)(word >> j & 1) * 16;
}

/* | d 2 | h 4 | q 16 |               x = d (q - 16) */
void dequant_q5_0(const uint8_t *block, double *x) {
    int q[32];
    nibbles(block + 6, 16, q);
    fifth_bits(block + 2, q);
    for (int j = 0; j < 32; j++)
        x[j] = half_at(block) * (q[j] - 16);
}

/* | d 2 | m 2 | h 4 | q 16 |         x = d q + m */
void dequant_q5_1(const uint8_t *block, double *x) {
    int q[32];
    nibbles(block + 8, 16, q);
    fifth_bits(block + 4, q);
    for (int j = 0; j < 32; j++) {
        const double product = half_at(block) * q[j];
        x[j] = product + half_at(block + 2);
    }
}

/* | d 2 | q 32, signed |             x = d q */
void dequant_q8_0(const uint8_t *block, double *x) {
    const int8_t *q = (const int8_t *)block + 2;
    for (int j = 0; j < 32; j++)
        x[j] = half_at(block) * q[j];
}

/* What the 4 bits of IQ4_NL and IQ4_XS name. */
static const double iq4[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                               1,    13,   25,  38,  53,  69,  89,  113};

/* | d 2 | q 16 |                     x = d iq4[q] */
void dequant_iq4_nl(const uint8_t *block, double *x) {
    int q[32];
    nibbles(block + 2, 16, q);
    for (int j = 0; j < 32; j++)
        x[j] = half_at(block) * iq4[q[j]];
}

/* | e 1 | q 16 |                     x = 2^(e - 127) E2M1(q)
 * E2M1: sign, two bits of exponent, one of fraction (OCP Microscaling Formats 1.0). 255 is NaN. */
void dequant_mxfp4(const uint8_t *block, double *x) {
    static const double magnitude[8] = {0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0};
    const double scale = block[0] == 255 ? NAN : ldexp(1.0, block[0] - 127);
    int q[32];
    nibbles(block + 1, 16, q);
    for (int j = 0; j < 32; j++)
        x[j] = (q[j] < 8 ? scale : -scale) * magnitude[q[j] % 8];
}

/* ---- 256 elements ---- */

/* | scales 16 | q 64 | d 2 | dmin 2 |
 * Two halves of 128: 32 bytes hold their four rows of 32, two bits each, lowest first. A byte of
 * scales serves 16 elements: low nibble times d is their scale, high one times dmin what is taken
 * off. */
void dequant_q2_k(const uint8_t *block, double *x) {
    const uint8_t *scale = block, *q = block + 16;
    const double d = half_at(block + 80), dmin = half_at(block + 82);
    for (int half = 0; half < 2; half++, q += 32)
        for (int shift = 0; shift < 8; shift += 2)
            for (int j = 0; j < 32; j += 16, scale++)
                for (int l = 0; l < 16; l++) {
                    const double product = d * (*scale % 16) * (q[j + l] >> shift & 3);
                    *x++ = product - dmin * (*scale / 16);
                }
}

/* | h 32 | q 64 | scales 12 | d 2 |
 * Rows as Q2_K; row r of the eight has its third bit, inverted, in bit r of h. The 16 scales have
 * six bits, less 32: four in the nibbles of the first 8 bytes (low ones first), two in the last 4,
 * of which byte k serves scales k, k + 4, k + 8 and k + 12, lowest first. */
void dequant_q3_k(const uint8_t *block, double *x) {
    const uint8_t *q = block + 32, *s = block + 96;
    const double d = half_at(block + 108);
    int scale[16];
    nibbles(s, 8, scale);
    for (int k = 0; k < 16; k++)
        scale[k] += (s[8 + k % 4] >> (k / 4 * 2)) % 4 * 16 - 32;
    for (int row = 0; row < 8; row++)
        for (int j = 0; j < 32; j++) {
            const int low = q[row / 4 * 32 + j] >> (row % 4 * 2) & 3;
            const int value = (block[j] & 1 << row) != 0 ? low : low - 4;
            *x++ = d * scale[row * 2 + j / 16] * value;
        }
}

/* The twelve bytes of Q4_K and Q5_K: eight scales and eight minimums of six bits. Bytes 0..3 and
 * 4..7 hold those of parts 0..3 in their low six bits; bytes 8..11 the low nibbles of parts 4..7,
 * scale low and minimum high, whose upper two bits are on top of bytes 0..7. */
static void scales_and_minimums(const uint8_t *s, int *scale, int *minimum) {
    for (int k = 0; k < 4; k++) {
        scale[k] = s[k] % 64;
        minimum[k] = s[k + 4] % 64;
        scale[k + 4] = s[k + 8] % 16 + s[k] / 64 * 16;
        minimum[k + 4] = s[k + 8] / 16 + s[k + 4] / 64 * 16;
    }
}

/* | d 2 | dmin 2 | scales 12 | q 128 |    32 bytes hold two rows of 32: low nibbles, then high. */
void dequant_q4_k(const uint8_t *block, double *x) {
    const double d = half_at(block), dmin = half_at(block + 2);
    int scale[8], minimum[8], q[64];
    scales_and_minimums(block + 4, scale, minimum);
    for (int pair = 0; pair < 4; pair++) {
        nibbles(block + 16 + 32 * pair, 32, q);
        for (int j = 0; j < 64; j++) {
            const int part = 2 * pair + j / 32;
            const double product = d * scale[part] * q[j];
            *x++ = product - dmin * minimum[part];
        }
    }
}

/* | d 2 | dmin 2 | scales 12 | h 32 | q 128 |    as Q4_K; row r has its fifth bit in bit r of h. */
void dequant_q5_k(const uint8_t *block, double *x) {
    const double d = half_at(block), dmin = half_at(block + 2);
    const uint8_t *h = block + 16;
    int scale[8], minimum[8], q[64];
    scales_and_minimums(block + 4, scale, minimum);
    for (int pair = 0; pair < 4; pair++) {
        nibbles(block + 48 + 32 * pair, 32, q);
        for (int j = 0; j < 64; j++) {
            const int part = 2 * pair + j / 32;
            const int value = q[j] + ((h[j % 32] & 1 << part) != 0 ? 16 : 0);
            const double product = d * scale[part] * value;
            *x++ = product - dmin * minimum[part];
        }
    }
}

/* | low 128 | high 64 | scales 16, signed | d 2 |
 * Two halves of 128: rows 0 and 1 are the low nibbles of 64 bytes, rows 2 and 3 the high ones; two
 * more bits of each in 32 bytes, lowest first; less 32. A scale serves 16 elements. */
void dequant_q6_k(const uint8_t *block, double *x) {
    const int8_t *scale = (const int8_t *)block + 192;
    const double d = half_at(block + 208);
    for (int half = 0; half < 2; half++) {
        const uint8_t *high = block + 128 + 32 * half;
        int q[128];
        nibbles(block + 64 * half, 64, q);
        for (int j = 0; j < 128; j++) {
            const int value = q[j] + (high[j % 32] >> (j / 32 * 2)) % 4 * 16 - 32;
            *x++ = d * scale[8 * half + j / 16] * value;
        }
    }
}

/* | d 2 | scale bits 5..4: 2 | scale bits 3..0: 4 | q 128 |    eight times IQ4_NL, scales less 32
 */
void dequant_iq4_xs(const uint8_t *block, double *x) {
    const double d = half_at(block);
    const uint16_t high = load_u16(block + 2);
    for (int part = 0; part < 8; part++) {
        const int low = part % 2 == 0 ? block[4 + part / 2] % 16 : block[4 + part / 2] / 16;
        const int scale = low + (high >> (2 * part)) % 4 * 16 - 32;
        int q[32];
        nibbles(block + 8 + 16 * part, 16, q);
        for (int j = 0; j < 32; j++)
            *x++ = d * scale * iq4[q[j]];
    }
}

/* Digits of bytes in base three: `digits` rows of `bytes` elements, the highest digit first. A byte
 * is a fraction of 256: times three, what leaves it is the next digit. */
static double *ternary(const uint8_t *q, int bytes, int digits, double d, double *x) {
    for (int j = 0; j < bytes; j++) {
        unsigned fraction = q[j];
        for (int n = 0; n < digits; n++) {
            fraction *= 3;
            x[n * bytes + j] = d * ((int)(fraction / 256) - 1);
            fraction %= 256;
        }
    }
    return x + digits * bytes;
}

/* | q 48 | h 4 | d 2 |    5 x 32 of the first 32 bytes, 5 x 16 of the next 16, 4 x 4 of h */
void dequant_tq1_0(const uint8_t *block, double *x) {
    const double d = half_at(block + 52);
    x = ternary(block, 32, 5, d, x);
    x = ternary(block + 32, 16, 5, d, x);
    ternary(block + 48, 4, 4, d, x);
}

/* | q 64 | d 2 |          rows as Q2_K; x = d (q - 1) */
void dequant_tq2_0(const uint8_t *block, double *x) {
    const double d = half_at(block + 64);
    for (int row = 0; row < 8; row++)
        for (int j = 0; j < 32; j++)
            *x++ = d * ((block[row / 4 * 32 + j] >> (row % 4 * 2) & 3) - 1);
}
