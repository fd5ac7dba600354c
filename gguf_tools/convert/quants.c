/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Quantisers. Each step is a statement of its own, so that no compiler
 * contracts a product and a sum into one rounding.
 */
#include "quants.h"

#include <math.h>
#include <string.h>
#include <strings.h>

uint16_t fp16_from_fp32(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t sign = (bits >> 16) & 0x8000u, magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u)
        return (uint16_t)(sign | 0x7e00u); /* NaN */
    if (magnitude >= 0x477ff000u)
        return (uint16_t)(sign | 0x7c00u); /* rounds to 65536 or more */
    if (magnitude < 0x38800000u) {         /* below 2^-14: units of 2^-24 */
        float units = fabsf(value) * 0x1p24f;
        return (uint16_t)(sign | (uint32_t)rintf(units));
    }
    uint32_t rounded = magnitude + 0xfffu + ((magnitude >> 13) & 1u);
    return (uint16_t)(sign | ((rounded - 0x38000000u) >> 13));
}

static void store_u16(uint8_t *p, uint16_t value) {
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
}

/* 1 / d, or 0 where binary32 has no such number: the block's scale is 0 in binary16 then. */
static float inverse_of(float d) {
    float inverse = d != 0.0f ? 1.0f / d : 0.0f;
    return isfinite(inverse) ? inverse : 0.0f;
}

/* | d binary16 | 32 signed bytes |   d = largest magnitude / 127 */
static void quantize_q8_0(const float *x, uint8_t *block) {
    float largest = 0.0f;
    for (int i = 0; i < 32; i++)
        largest = fabsf(x[i]) > largest ? fabsf(x[i]) : largest;
    float d = largest / 127.0f;
    float inverse = inverse_of(d);
    store_u16(block, fp16_from_fp32(d));
    for (int i = 0; i < 32; i++) {
        float scaled = x[i] * inverse;
        block[2 + i] = (uint8_t)(int8_t)roundf(scaled);
    }
}

/* 0..15, where 8 stands for zero. */
static uint8_t nibble(float x, float inverse) {
    float scaled = x * inverse;
    scaled += 8.5f;
    int q = (int)scaled;
    return (uint8_t)(q > 15 ? 15 : q);
}

/* | d binary16 | 16 bytes: low nibbles elements 0..15, high ones 16..31 |
 * d = the element of largest magnitude / -8, so that this one is exact */
static void quantize_q4_0(const float *x, uint8_t *block) {
    float largest = 0.0f, extreme = 0.0f;
    for (int i = 0; i < 32; i++)
        if (fabsf(x[i]) > largest) {
            largest = fabsf(x[i]);
            extreme = x[i];
        }
    float d = extreme / -8.0f;
    float inverse = inverse_of(d);
    store_u16(block, fp16_from_fp32(d));
    for (int i = 0; i < 16; i++)
        block[2 + i] = (uint8_t)(nibble(x[i], inverse) | nibble(x[i + 16], inverse) << 4);
}

static void quantize_f32(const float *x, uint8_t *block) {
    memcpy(block, x, sizeof *x);
}

static void quantize_f16(const float *x, uint8_t *block) {
    store_u16(block, fp16_from_fp32(*x));
}

/* Of one block; NULL: a type that this program cannot write. */
static void (*const quantizers[LOCKSTEP_TYPE_LIMIT])(const float *x, uint8_t *block) = {
    [GGML_TYPE_F32] = quantize_f32,
    [GGML_TYPE_F16] = quantize_f16,
    [GGML_TYPE_Q8_0] = quantize_q8_0,
    [GGML_TYPE_Q4_0] = quantize_q4_0,
};

int quantize_row(enum ggml_type type, const float *values, void *blocks, uint64_t count) {
    uint8_t *bytes = blocks;
    const struct type_info *info = type_info_of(type);
    if (info == NULL || quantizers[type] == NULL || count % info->elements != 0)
        return -1;
    for (uint64_t i = 0; i < count; i += info->elements, bytes += info->bytes)
        quantizers[type](values + i, bytes);
    return 0;
}

int quantize_type_find(const char *name) {
    for (uint32_t i = 0; i < LOCKSTEP_TYPE_LIMIT; i++)
        if (quantizers[i] != NULL && strcasecmp(type_info[i].name, name) == 0)
            return (int)i;
    return -1;
}
