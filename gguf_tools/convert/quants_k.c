/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Blocks of 256 values. Each sub-block gets the scale (and minimum) of least squares among a few
 * candidates; these are rounded to multiples of the block's own; then the values are rounded to
 * what is left. Deterministic: plain sums in order.
 */
#include <math.h>
#include <string.h>

#include "csrc/gguf/dequant.h"
#include "quants.h"
#include "quants_blocks.h"
#include "quants_fit.h"

#define BLOCK 256

static void store_half(uint8_t *p, float value) {
    const uint16_t half = fp16_from_fp32(value);
    p[0] = (uint8_t)half;
    p[1] = (uint8_t)(half >> 8);
}

/* What a reader makes of it. */
static float as_half(float value) {
    return fp32_from_fp16(fp16_from_fp32(value));
}

static int nearest(float x, int low, int high) {
    const float rounded = roundf(x);
    return rounded<(float)low ? low : rounded>(float) high ? high : (int)rounded;
}

/* The scales of `count` sub-blocks as multiples low..high of *d, the one of largest magnitude being
 * `low`. */
static void share_scales(const float *scale, int count, int low, int high, float *d,
                         int *multiple) {
    float extreme = 0.0f;
    for (int k = 0; k < count; k++)
        extreme = fabsf(scale[k]) > fabsf(extreme) ? scale[k] : extreme;
    *d = as_half(extreme / (float)low);
    const float inverse = fit_inverse(*d);
    for (int k = 0; k < count; k++)
        multiple[k] = nearest(scale[k] * inverse, low, high);
}

/* The same of scales that are not negative, the largest being `high`. */
static void share_positive(const float *scale, int count, int high, float *d, int *multiple) {
    float largest = 0.0f;
    for (int k = 0; k < count; k++)
        largest = scale[k] > largest ? scale[k] : largest;
    *d = as_half(largest / (float)high);
    const float inverse = fit_inverse(*d);
    for (int k = 0; k < count; k++)
        multiple[k] = nearest(scale[k] * inverse, 0, high);
}

/* q = low..high with x about d * multiple * q. */
static void round_symmetric(const float *x, int size, float d, const int *multiple, int low,
                            int high, int *q) {
    for (int i = 0; i < BLOCK; i++)
        q[i] = nearest(x[i] * fit_inverse(d * (float)multiple[i / size]), low, high);
}

static void symmetric(const float *x, int size, int low, int high, int scale_low, int scale_high,
                      float *d, int *multiple, int *q) {
    float scale[BLOCK / 16];
    for (int k = 0; k < BLOCK / size; k++)
        scale[k] = fit_symmetric(x + k * size, size, low, high);
    share_scales(scale, BLOCK / size, scale_low, scale_high, d, multiple);
    round_symmetric(x, size, *d, multiple, low, high, q);
}

/* x about d * sc * q - dmin * mn, q = 0..high, sc and mn = 0..most. */
static void with_minimum(const float *x, int size, int high, int most, float *d, float *dmin,
                         int *sc, int *mn, int *q) {
    float scale[BLOCK / 16], minimum[BLOCK / 16];
    for (int k = 0; k < BLOCK / size; k++)
        fit_minimum(x + k * size, size, high, &scale[k], &minimum[k]);
    share_positive(scale, BLOCK / size, most, d, sc);
    share_positive(minimum, BLOCK / size, most, dmin, mn);
    for (int i = 0; i < BLOCK; i++) {
        const int k = i / size;
        const float lifted = x[i] + *dmin * (float)mn[k];
        q[i] = nearest(lifted * fit_inverse(*d * (float)sc[k]), 0, high);
    }
}

/* Two bits an element: rows of 32, four to 32 bytes. */
static void pack_two_bits(const int *q, uint8_t *bytes) {
    for (int i = 0; i < BLOCK; i++)
        bytes[i / 128 * 32 + i % 32] |= (uint8_t)((q[i] & 3) << (i / 32 % 4 * 2));
}

void quantize_q2_k(const float *x, uint8_t *block) {
    float d, dmin;
    int sc[16], mn[16], q[BLOCK];
    with_minimum(x, 16, 3, 15, &d, &dmin, sc, mn, q);
    memset(block, 0, LOCKSTEP_BYTES_Q2_K);
    for (int k = 0; k < 16; k++)
        block[k] = (uint8_t)(sc[k] | mn[k] << 4);
    pack_two_bits(q, block + 16);
    store_half(block + 80, d);
    store_half(block + 82, dmin);
}

void quantize_q3_k(const float *x, uint8_t *block) {
    float d;
    int sc[16], q[BLOCK];
    symmetric(x, 16, -4, 3, -32, 31, &d, sc, q);
    memset(block, 0, LOCKSTEP_BYTES_Q3_K);
    for (int i = 0; i < BLOCK; i++) {
        q[i] += 4;
        block[i % 32] |= (uint8_t)((q[i] >> 2) << i / 32);
    }
    pack_two_bits(q, block + 32);
    uint8_t *s = block + 96;
    for (int k = 0; k < 16; k++) {
        const int value = sc[k] + 32;
        s[k % 8] |= (uint8_t)((value & 15) << k / 8 * 4);
        s[8 + k % 4] |= (uint8_t)((value >> 4) << k / 4 * 2);
    }
    store_half(block + 108, d);
}

/* Eight scales and minimums of six bits in twelve bytes. */
static void pack_six_bits(const int *sc, const int *mn, uint8_t *s) {
    for (int k = 0; k < 4; k++) {
        s[k] = (uint8_t)(sc[k] | (sc[k + 4] >> 4) << 6);
        s[k + 4] = (uint8_t)(mn[k] | (mn[k + 4] >> 4) << 6);
        s[k + 8] = (uint8_t)((sc[k + 4] & 15) | (mn[k + 4] & 15) << 4);
    }
}

/* Four bits an element: rows of 32, two to 32 bytes. */
static void pack_four_bits(const int *q, uint8_t *bytes) {
    for (int i = 0; i < BLOCK; i++)
        bytes[i / 64 * 32 + i % 32] |= (uint8_t)((q[i] & 15) << (i / 32 % 2 * 4));
}

void quantize_q4_k(const float *x, uint8_t *block) {
    float d, dmin;
    int sc[8], mn[8], q[BLOCK];
    with_minimum(x, 32, 15, 63, &d, &dmin, sc, mn, q);
    memset(block, 0, LOCKSTEP_BYTES_Q4_K);
    store_half(block, d);
    store_half(block + 2, dmin);
    pack_six_bits(sc, mn, block + 4);
    pack_four_bits(q, block + 16);
}

void quantize_q5_k(const float *x, uint8_t *block) {
    float d, dmin;
    int sc[8], mn[8], q[BLOCK];
    with_minimum(x, 32, 31, 63, &d, &dmin, sc, mn, q);
    memset(block, 0, LOCKSTEP_BYTES_Q5_K);
    store_half(block, d);
    store_half(block + 2, dmin);
    pack_six_bits(sc, mn, block + 4);
    for (int i = 0; i < BLOCK; i++)
        block[16 + i % 32] |= (uint8_t)((q[i] >> 4) << i / 32);
    pack_four_bits(q, block + 48);
}

void quantize_q6_k(const float *x, uint8_t *block) {
    float d;
    int sc[16], q[BLOCK], high[BLOCK];
    symmetric(x, 16, -32, 31, -128, 127, &d, sc, q);
    memset(block, 0, LOCKSTEP_BYTES_Q6_K);
    for (int i = 0; i < BLOCK; i++) {
        const int value = q[i] + 32;
        block[i / 128 * 64 + i % 64] |= (uint8_t)((value & 15) << (i / 64 % 2 * 4));
        high[i] = value >> 4;
    }
    pack_two_bits(high, block + 128);
    for (int k = 0; k < 16; k++)
        block[192 + k] = (uint8_t)(int8_t)sc[k];
    store_half(block + 208, d);
}

void quantize_iq4_xs(const float *x, uint8_t *block) {
    float scale[8], d;
    int sc[8];
    for (int k = 0; k < 8; k++)
        scale[k] = fit_iq4(x + 32 * k, 32);
    share_scales(scale, 8, -32, 31, &d, sc);
    memset(block, 0, LOCKSTEP_BYTES_IQ4_XS);
    store_half(block, d);
    for (int k = 0; k < 8; k++) {
        const int value = sc[k] + 32;
        const float inverse = fit_inverse(d * (float)sc[k]);
        block[4 + k / 2] |= (uint8_t)((value & 15) << k % 2 * 4);
        block[2 + k / 4] |= (uint8_t)((value >> 4) << k % 4 * 2);
        for (int i = 0; i < 16; i++)
            block[8 + 16 * k + i] = (uint8_t)(fit_iq4_code(x[32 * k + i] * inverse) |
                                              fit_iq4_code(x[32 * k + 16 + i] * inverse) << 4);
    }
}

/* -1, 0 or 1 times the largest magnitude, as 0..2. */
static float ternary(const float *x, int *q) {
    float largest = 0.0f;
    for (int i = 0; i < BLOCK; i++)
        largest = fabsf(x[i]) > largest ? fabsf(x[i]) : largest;
    for (int i = 0; i < BLOCK; i++)
        q[i] = nearest(x[i] * fit_inverse(largest), -1, 1) + 1;
    return largest;
}

/* Rows of `bytes` digits in base three, the first the highest, as fractions of 256, rounded up: so
 * that the digits come out again. */
static void pack_ternary(const int *q, int bytes, int digits, uint8_t *out) {
    for (int j = 0; j < bytes; j++) {
        int value = 0;
        for (int n = 0; n < 5; n++)
            value = 3 * value + (n < digits ? q[n * bytes + j] : 0);
        out[j] = (uint8_t)((value * 256 + 242) / 243);
    }
}

void quantize_tq1_0(const float *x, uint8_t *block) {
    int q[BLOCK];
    const float d = ternary(x, q);
    pack_ternary(q, 32, 5, block);
    pack_ternary(q + 160, 16, 5, block + 32);
    pack_ternary(q + 240, 4, 4, block + 48);
    store_half(block + 52, d);
}

void quantize_tq2_0(const float *x, uint8_t *block) {
    int q[BLOCK];
    const float d = ternary(x, q);
    memset(block, 0, LOCKSTEP_BYTES_TQ2_0);
    pack_two_bits(q, block);
    store_half(block + 64, d);
}
