/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * binary32 to floats of the file, and the choice of a quantiser.
 */
#include "quants.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "quants_blocks.h"

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

static void quantize_f32(const float *x, uint8_t *block) {
    memcpy(block, x, sizeof *x);
}

static void quantize_f16(const float *x, uint8_t *block) {
    store_u16(block, fp16_from_fp32(*x));
}

/* Nearest, ties to even; a finite value may round to infinity. */
static void quantize_bf16(const float *x, uint8_t *block) {
    uint32_t bits;
    memcpy(&bits, x, sizeof bits);
    store_u16(block, (uint16_t)((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16));
}

/* Of one block; NULL: a type that this program cannot write. */
#define QUANTIZER(TYPE, type) [GGML_TYPE_##TYPE] = quantize_##type,
static void (*const quantizers[LOCKSTEP_TYPE_LIMIT])(const float *x, uint8_t *block) = {
    [GGML_TYPE_F32] = quantize_f32,
    [GGML_TYPE_F16] = quantize_f16,
    [GGML_TYPE_BF16] = quantize_bf16,
    LOCKSTEP_QUANTISED_TYPES(QUANTIZER)};
#undef QUANTIZER

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
