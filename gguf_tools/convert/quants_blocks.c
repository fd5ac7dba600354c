/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Blocks of 32 values. Q4_0 and Q8_0 are, byte for byte, those of llama.cpp's reference
 * (ggml-quants.c: quantize_row_q8_0_ref, quantize_row_q4_0_ref). Each step is a statement of its
 * own, so that no compiler contracts a product and a sum into one rounding.
 */
#include "quants_blocks.h"

#include <math.h>
#include <string.h>

#include "csrc/gguf/dequant.h"
#include "quants.h"
#include "quants_fit.h"

static void store_half(uint8_t *p, float value) {
    const uint16_t half = fp16_from_fp32(value);
    p[0] = (uint8_t)half;
    p[1] = (uint8_t)(half >> 8);
}

/* Low nibbles elements 0..15, high ones 16..31. */
static void pack_nibbles(const int *q, uint8_t *bytes) {
    for (int i = 0; i < 16; i++)
        bytes[i] = (uint8_t)((q[i] & 15) | (q[16 + i] & 15) << 4);
}

/* | d 2 | 32 signed bytes |   d = largest magnitude / 127 */
void quantize_q8_0(const float *x, uint8_t *block) {
    float largest = 0.0f;
    for (int i = 0; i < 32; i++)
        largest = fabsf(x[i]) > largest ? fabsf(x[i]) : largest;
    const float d = largest / 127.0f;
    const float inverse = fit_inverse(d);
    store_half(block, d);
    for (int i = 0; i < 32; i++) {
        const float scaled = x[i] * inverse;
        block[2 + i] = (uint8_t)(int8_t)roundf(scaled);
    }
}

/* Integers 0..2 * middle - 1, where middle stands for zero, by the scale d = the element of largest
 * magnitude / -middle, so that this one is exact. */
static float around_middle(const float *x, int middle, int *q) {
    float largest = 0.0f, extreme = 0.0f;
    for (int i = 0; i < 32; i++)
        if (fabsf(x[i]) > largest) {
            largest = fabsf(x[i]);
            extreme = x[i];
        }
    const float d = extreme / (float)-middle;
    const float inverse = fit_inverse(d);
    for (int i = 0; i < 32; i++) {
        float scaled = x[i] * inverse;
        scaled += (float)middle + 0.5f;
        q[i] = (int)scaled > 2 * middle - 1 ? 2 * middle - 1 : (int)scaled;
    }
    return d;
}

/* | d 2 | q 16 | */
void quantize_q4_0(const float *x, uint8_t *block) {
    int q[32];
    store_half(block, around_middle(x, 8, q));
    pack_nibbles(q, block + 2);
}

/* The fifth bits, a little-endian word. */
static void pack_fifth_bits(const int *q, uint8_t *bytes) {
    memset(bytes, 0, 4);
    for (int i = 0; i < 32; i++)
        bytes[i / 8] |= (uint8_t)((q[i] >> 4) << i % 8);
}

/* | d 2 | h 4 | q 16 | */
void quantize_q5_0(const float *x, uint8_t *block) {
    int q[32];
    store_half(block, around_middle(x, 16, q));
    pack_fifth_bits(q, block + 2);
    pack_nibbles(q, block + 6);
}

/* Integers 0..high from the smallest value m up, d = range / high. */
static float from_minimum(const float *x, int high, float *m, int *q) {
    float low = x[0], top = x[0];
    for (int i = 1; i < 32; i++) {
        low = x[i] < low ? x[i] : low;
        top = x[i] > top ? x[i] : top;
    }
    const float d = (top - low) / (float)high;
    const float inverse = fit_inverse(d);
    for (int i = 0; i < 32; i++) {
        float scaled = (x[i] - low) * inverse;
        scaled += 0.5f;
        q[i] = (int)scaled > high ? high : (int)scaled;
    }
    *m = low;
    return d;
}

/* | d 2 | m 2 | q 16 | */
void quantize_q4_1(const float *x, uint8_t *block) {
    int q[32];
    float m;
    store_half(block, from_minimum(x, 15, &m, q));
    store_half(block + 2, m);
    pack_nibbles(q, block + 4);
}

/* | d 2 | m 2 | h 4 | q 16 | */
void quantize_q5_1(const float *x, uint8_t *block) {
    int q[32];
    float m;
    store_half(block, from_minimum(x, 31, &m, q));
    store_half(block + 2, m);
    pack_fifth_bits(q, block + 4);
    pack_nibbles(q, block + 8);
}

/* | d 2 | q 16 | */
void quantize_iq4_nl(const float *x, uint8_t *block) {
    int q[32];
    const float d = fp32_from_fp16(fp16_from_fp32(fit_iq4(x, 32)));
    const float inverse = fit_inverse(d);
    for (int i = 0; i < 32; i++)
        q[i] = fit_iq4_code(x[i] * inverse);
    store_half(block, d);
    pack_nibbles(q, block + 2);
}

/* | e 1 | q 16 |    the largest magnitude has the largest exponent of E2M1, 2 */
void quantize_mxfp4(const float *x, uint8_t *block) {
    static const float magnitude[8] = {0.0f, 0.5f, 1.0f, 1.5f, 2.0f, 3.0f, 4.0f, 6.0f};
    float largest = 0.0f;
    int exponent, q[32];
    for (int i = 0; i < 32; i++)
        largest = fabsf(x[i]) > largest ? fabsf(x[i]) : largest;
    frexpf(largest, &exponent); /* largest = 0.5..1 times 2^exponent */
    int e = largest > 0.0f ? exponent - 1 - 2 + 127 : 0;
    e = e < 0 ? 0 : e;
    for (int i = 0; i < 32; i++) {
        const float scaled = ldexpf(fabsf(x[i]), 127 - e);
        int code = 0;
        while (code < 7 && scaled > (magnitude[code] + magnitude[code + 1]) / 2)
            code++;
        q[i] = code + (x[i] < 0.0f ? 8 : 0);
    }
    block[0] = (uint8_t)e;
    pack_nibbles(q, block + 1);
}
