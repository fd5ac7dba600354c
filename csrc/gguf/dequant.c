/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Weights as they lie in a GGUF file, to binary32: floats here, blocks in dequant_blocks.c. They
 * have no alignment, so scalars are copied out.
 */
#include "dequant.h"

#include <string.h>

#include "dequant_blocks.h"

static float fp32_from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/*  15 14    10 9        0        subnormals: fraction * 2^-24
 * | S | E (5) | f (10)   |       normals: (1024 + f) * 2^(E - 25)
 */
float fp32_from_fp16(uint16_t half) {
    uint32_t sign = (uint32_t)(half >> 15) << 31;
    uint32_t exponent = (half >> 10) & 0x1fu, fraction = half & 0x3ffu;
    if (exponent == 0)
        return (sign != 0 ? -0x1p-24f : 0x1p-24f) * (float)fraction;
    return fp32_from_bits(sign | (exponent == 31 ? 0x7f800000u : (exponent + 112) << 23) |
                          fraction << 13);
}

static uint16_t load_u16(const uint8_t *p) {
    return (uint16_t)(p[0] | p[1] << 8);
}

static void dequant_f32(const uint8_t *block, double *x) {
    *x = fp32_from_bits(load_u16(block) | (uint32_t)load_u16(block + 2) << 16);
}

static void dequant_f16(const uint8_t *block, double *x) {
    *x = fp32_from_fp16(load_u16(block));
}

static void dequant_bf16(const uint8_t *block, double *x) {
    *x = fp32_from_bits((uint32_t)load_u16(block) << 16);
}

/* Of one block; NULL: a type that cannot be read. */
#define DEQUANTIZER(TYPE, type) [GGML_TYPE_##TYPE] = dequant_##type,
static void (*const dequantizers[LOCKSTEP_TYPE_LIMIT])(const uint8_t *block, double *x) = {
    [GGML_TYPE_F32] = dequant_f32,
    [GGML_TYPE_F16] = dequant_f16,
    [GGML_TYPE_BF16] = dequant_bf16,
    LOCKSTEP_QUANTISED_TYPES(DEQUANTIZER)};
#undef DEQUANTIZER

bool dequant_known(enum ggml_type type) {
    return (unsigned)type < LOCKSTEP_TYPE_LIMIT && dequantizers[type] != NULL;
}

int dequant_exact(enum ggml_type type, const void *blocks, double *values, uint64_t count) {
    const uint8_t *bytes = blocks;
    if (!dequant_known(type))
        return -1;
    for (uint64_t i = 0; i < count; i += type_info[type].elements, bytes += type_info[type].bytes)
        dequantizers[type](bytes, values + i);
    return 0;
}

int dequant_row(enum ggml_type type, const void *blocks, float *values, uint64_t count) {
    const uint8_t *bytes = blocks;
    double x[DEQUANT_BLOCK];
    if (type == GGML_TYPE_F32) {
        memcpy(values, blocks, count * sizeof *values);
        return 0;
    }
    if (!dequant_known(type))
        return -1;
    const uint16_t elements = type_info[type].elements;
    for (uint64_t i = 0; i < count; i += elements, bytes += type_info[type].bytes) {
        dequantizers[type](bytes, x);
        for (uint16_t j = 0; j < elements; j++)
            values[i + j] = (float)x[j];
    }
    return 0;
}
