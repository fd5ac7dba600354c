/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Blocks as they lie in a GGUF file, to binary32. Blocks have no alignment
 * beyond two bytes, so scalars are copied out.
 */
#include "dequant.h"

#include <string.h>

/*  15 14    10 9        0        subnormals: fraction * 2^-24
 * | S | E (5) | f (10)   |       normals: (1024 + f) * 2^(E - 25)
 */
float fp32_from_fp16(uint16_t half) {
    uint32_t sign = (uint32_t)(half >> 15) << 31;
    uint32_t exponent = (half >> 10) & 0x1fu, fraction = half & 0x3ffu, bits;
    float value;
    if (exponent == 0) {
        value = (float)fraction * 0x1p-24f;
        return sign != 0 ? -value : value;
    }
    if (exponent == 31)
        bits = sign | 0x7f800000u | fraction << 13;
    else
        bits = sign | (exponent + 112) << 23 | fraction << 13;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* | d binary16 | 32 signed bytes |       value i = d * q[i] */
struct block_q8_0 {
    uint8_t d[2];
    int8_t q[32];
};
_Static_assert(sizeof(struct block_q8_0) == LOCKSTEP_BYTES_Q8_0, "Q8_0 block");

/* | d binary16 | 16 bytes |              value i      = d * ((q[i] & 15) - 8)
 *                                        value i + 16 = d * ((q[i] >> 4) - 8), i < 16 */
struct block_q4_0 {
    uint8_t d[2];
    uint8_t q[16];
};
_Static_assert(sizeof(struct block_q4_0) == LOCKSTEP_BYTES_Q4_0, "Q4_0 block");

static uint16_t load_u16(const uint8_t *p) {
    return (uint16_t)(p[0] | p[1] << 8);
}

static void dequant_f32(const uint8_t *block, float *values) {
    memcpy(values, block, sizeof *values);
}

static void dequant_f16(const uint8_t *block, float *values) {
    *values = fp32_from_fp16(load_u16(block));
}

static void dequant_bf16(const uint8_t *block, float *values) {
    const uint32_t bits = (uint32_t)load_u16(block) << 16;
    memcpy(values, &bits, sizeof bits);
}

static void dequant_q8_0(const uint8_t *bytes, float *values) {
    const struct block_q8_0 *block = (const void *)bytes;
    float d = fp32_from_fp16(load_u16(block->d));
    for (int j = 0; j < 32; j++)
        values[j] = d * (float)block->q[j];
}

static void dequant_q4_0(const uint8_t *bytes, float *values) {
    const struct block_q4_0 *block = (const void *)bytes;
    float d = fp32_from_fp16(load_u16(block->d));
    for (int j = 0; j < 16; j++) {
        values[j] = d * (float)((block->q[j] & 15) - 8);
        values[16 + j] = d * (float)((block->q[j] >> 4) - 8);
    }
}

/* Of one block; NULL: a type that cannot be read. */
static void (*const dequantizers[LOCKSTEP_TYPE_LIMIT])(const uint8_t *block, float *values) = {
    [GGML_TYPE_F32] = dequant_f32,   [GGML_TYPE_F16] = dequant_f16,
    [GGML_TYPE_BF16] = dequant_bf16, [GGML_TYPE_Q8_0] = dequant_q8_0,
    [GGML_TYPE_Q4_0] = dequant_q4_0,
};

int dequant_row(enum ggml_type type, const void *blocks, float *values, uint64_t count) {
    const struct type_info *info = type_info_of(type);
    const uint8_t *bytes = blocks;
    if (info == NULL || dequantizers[type] == NULL)
        return -1;
    for (uint64_t i = 0; i < count; i += info->elements, bytes += info->bytes)
        dequantizers[type](bytes, values + i);
    return 0;
}
