/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A function a type, from the drawings of section 11 of docs/numerics.md. Each fills in 32 columns,
 * part `part` of a block of the file; all but w, g and t are 0 before it is called.
 */
#include "golden_weights.h"

#include <string.h>

#include "csrc/base/device_info.h"

#define BLOCK GOLDEN_BLOCK

const int8_t golden_iq4_values[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                      1,    13,   25,  38,  53,  69,  89,  113};
static const int8_t mxfp4_values[] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

/* A binary16 is g * 2^(t - 24).       15 14   10 9        0
 *                                     s  exponent fraction  */
enum golden_fault golden_scale_from(const uint8_t *bytes, int32_t *g, unsigned *t) {
    const uint32_t d = bytes[0] | (uint32_t)bytes[1] << 8, field = d >> 10 & 31;
    const int32_t magnitude = (int32_t)((d & 1023) | (field != 0 ? 1024u : 0u));
    *g = (d & 0x8000) != 0 ? -magnitude : magnitude;
    *t = field - (field != 0);
    return field == 31 ? GOLDEN_FAULT_NONFINITE : GOLDEN_FAULT_NONE;
}

static enum golden_fault scale_of(struct golden_weights *out, const uint8_t *d) {
    return golden_scale_from(d, &out->g, &out->t);
}

static enum golden_fault minimum_of(struct golden_weights *out, const uint8_t *d) {
    return golden_scale_from(d, &out->h, &out->r);
}

/* ---- Blocks of 32 ---- */

/* Low nibbles are elements 0..15, high ones 16..31. */
static unsigned nibble(const uint8_t *q, unsigned i) {
    return i < 16 ? q[i] & 15u : q[i - 16] >> 4;
}

static unsigned bit_of(const uint8_t *bits, unsigned i) {
    return bits[i / 8] >> (i % 8) & 1u;
}

static enum golden_fault from_q4_0(const uint8_t *b, unsigned part, struct golden_weights *out) {
    (void)part;
    for (unsigned i = 0; i < BLOCK; i++)
        out->w[i] = (int16_t)((int)nibble(b + 2, i) - 8);
    return scale_of(out, b);
}

static enum golden_fault from_q4_1(const uint8_t *b, unsigned part, struct golden_weights *out) {
    (void)part;
    for (unsigned i = 0; i < BLOCK; i++)
        out->w[i] = (int16_t)nibble(b + 4, i);
    out->v[0] = out->v[1] = 1;
    return scale_of(out, b) | minimum_of(out, b + 2);
}

static enum golden_fault from_q5_0(const uint8_t *b, unsigned part, struct golden_weights *out) {
    (void)part;
    for (unsigned i = 0; i < BLOCK; i++)
        out->w[i] = (int16_t)((int)(nibble(b + 6, i) | bit_of(b + 2, i) << 4) - 16);
    return scale_of(out, b);
}

static enum golden_fault from_q5_1(const uint8_t *b, unsigned part, struct golden_weights *out) {
    (void)part;
    for (unsigned i = 0; i < BLOCK; i++)
        out->w[i] = (int16_t)(nibble(b + 8, i) | bit_of(b + 4, i) << 4);
    out->v[0] = out->v[1] = 1;
    return scale_of(out, b) | minimum_of(out, b + 2);
}

static enum golden_fault from_q8_0(const uint8_t *b, unsigned part, struct golden_weights *out) {
    (void)part;
    for (unsigned i = 0; i < BLOCK; i++)
        out->w[i] = (int8_t)b[2 + i];
    return scale_of(out, b);
}

static enum golden_fault from_iq4_nl(const uint8_t *b, unsigned part, struct golden_weights *out) {
    (void)part;
    for (unsigned i = 0; i < BLOCK; i++)
        out->w[i] = golden_iq4_values[nibble(b + 2, i)];
    return scale_of(out, b);
}

/* The scale is 2^(e - 128): with U = 28 a shift of e - 100, as far as 0..31 goes, and of the
 * integer beyond. */
static enum golden_fault from_mxfp4(const uint8_t *b, unsigned part, struct golden_weights *out) {
    const int e = b[0], up = e > 131 ? e - 131 : 0, down = e < 100 ? 100 - e : 0;
    (void)part;
    if (e == 255)
        return GOLDEN_FAULT_NONFINITE;
    if (e > 142)
        return GOLDEN_FAULT_RANGE;
    for (unsigned i = 0; i < BLOCK; i++) {
        int w = mxfp4_values[nibble(b + 1, i)] * (1 << up);
        if (down > 0) { /* to nearest, ties to even; below 1/32 of a unit nothing is left */
            const int shift = down < 8 ? down : 8, half = 1 << (shift - 1);
            w = (w + half - 1 + (w >> shift & 1)) >> shift;
        }
        out->w[i] = (int16_t)w;
    }
    out->g = 1;
    out->t = (unsigned)(e - 100 - up + down);
    return GOLDEN_FAULT_NONE;
}

/* ---- Blocks of 256: `part` is 0..7 ---- */

/* Two bits a weight: 32 bytes serve four parts. */
static unsigned two_bits(const uint8_t *q, unsigned part, unsigned i) {
    return q[32 * (part / 4) + i] >> 2 * (part % 4) & 3u;
}

/* | scales 16 | q 64 | d | dmin |   a byte of scales: the scale low, the minimum high */
static enum golden_fault from_q2_k(const uint8_t *b, unsigned part, struct golden_weights *out) {
    const uint8_t *scale = b + 2 * part;
    for (unsigned i = 0; i < BLOCK; i++)
        out->w[i] = (int16_t)((scale[i / 16] & 15u) * two_bits(b + 16, part, i));
    out->v[0] = (int16_t)-(scale[0] >> 4);
    out->v[1] = (int16_t)-(scale[1] >> 4);
    return scale_of(out, b + 80) | minimum_of(out, b + 82);
}

/* Scale k of Q3_K: four bits in a nibble, two in the last four bytes. */
static int q3_k_scale(const uint8_t *s, unsigned k) {
    const unsigned low = k < 8 ? s[k] & 15u : s[k - 8] >> 4;
    const unsigned high = s[8 + k % 4] >> 2 * (k / 4) & 3u;
    return (int)(low | high << 4) - 32;
}

/* | high bits 32 | q 64 | scales 12 | d | */
static enum golden_fault from_q3_k(const uint8_t *b, unsigned part, struct golden_weights *out) {
    for (unsigned i = 0; i < BLOCK; i++) {
        const unsigned high = b[i] >> part & 1u;
        const int q = (int)(two_bits(b + 32, part, i) | high << 2) - 4;
        out->w[i] = (int16_t)(q3_k_scale(b + 96, 2 * part + i / 16) * q);
    }
    return scale_of(out, b + 108);
}

/* Scale and minimum of part j of Q4_K and Q5_K, six bits each in 12 bytes. */
static void six_bits(const uint8_t *s, unsigned j, unsigned *scale, unsigned *minimum) {
    if (j < 4) {
        *scale = s[j] & 63u;
        *minimum = s[j + 4] & 63u;
    } else {
        *scale = (s[j + 4] & 15u) | (unsigned)s[j - 4] >> 6 << 4;
        *minimum = (unsigned)s[j + 4] >> 4 | (unsigned)s[j] >> 6 << 4;
    }
}

/* Four bits a weight: 32 bytes serve two parts. */
static unsigned four_bits(const uint8_t *q, unsigned part, unsigned i) {
    return q[32 * (part / 2) + i] >> 4 * (part % 2) & 15u;
}

/* | d | dmin | scales 12 | q 128 | */
static enum golden_fault from_q4_k(const uint8_t *b, unsigned part, struct golden_weights *out) {
    unsigned scale, minimum;
    six_bits(b + 4, part, &scale, &minimum);
    for (unsigned i = 0; i < BLOCK; i++)
        out->w[i] = (int16_t)(scale * four_bits(b + 16, part, i));
    out->v[0] = out->v[1] = (int16_t)-(int)minimum;
    return scale_of(out, b) | minimum_of(out, b + 2);
}

/* | d | dmin | scales 12 | high bits 32 | q 128 | */
static enum golden_fault from_q5_k(const uint8_t *b, unsigned part, struct golden_weights *out) {
    unsigned scale, minimum;
    six_bits(b + 4, part, &scale, &minimum);
    for (unsigned i = 0; i < BLOCK; i++) {
        const unsigned high = b[16 + i] >> part & 1u;
        out->w[i] = (int16_t)(scale * (four_bits(b + 48, part, i) | high << 4));
    }
    out->v[0] = out->v[1] = (int16_t)-(int)minimum;
    return scale_of(out, b) | minimum_of(out, b + 2);
}

/* | low bits 128 | high bits 64 | scales 16, signed | d | */
static enum golden_fault from_q6_k(const uint8_t *b, unsigned part, struct golden_weights *out) {
    const unsigned half = part / 4, quarter = part % 4;
    for (unsigned i = 0; i < BLOCK; i++) {
        const unsigned low = b[64 * half + 32 * (quarter % 2) + i] >> 4 * (quarter / 2) & 15u;
        const unsigned high = two_bits(b + 128, part, i);
        out->w[i] = (int16_t)((int8_t)b[192 + 2 * part + i / 16] * ((int)(low | high << 4) - 32));
    }
    return scale_of(out, b + 208);
}

/* | d | high bits of scales 2 | low bits of scales 4 | q 128 | */
static enum golden_fault from_iq4_xs(const uint8_t *b, unsigned part, struct golden_weights *out) {
    const unsigned low = b[4 + part / 2] >> 4 * (part % 2) & 15u;
    const unsigned high = b[2 + part / 4] >> 2 * (part % 4) & 3u;
    const int scale = (int)(low | high << 4) - 32;
    for (unsigned i = 0; i < BLOCK; i++)
        out->w[i] = (int16_t)(scale * golden_iq4_values[nibble(b + 8 + 16 * part, i)]);
    return scale_of(out, b);
}

/* Digit n of a byte of Q3: a fraction of 256 in base three, so the n-th digit behind the point. */
static int trit(uint8_t byte, unsigned n) {
    static const uint8_t power[5] = {1, 3, 9, 27, 81};
    const uint8_t q = (uint8_t)(byte * power[n]);
    return (q * 3 >> 8) - 1;
}

/* | q 48: 32 bytes of five rows of 32, then 16 of five rows of 16 | 4 bytes of four rows of 4 | d |
 */
static enum golden_fault from_tq1_0(const uint8_t *b, unsigned part, struct golden_weights *out) {
    for (unsigned i = 0; i < BLOCK; i++) {
        const unsigned e = 32 * part + i;
        out->w[i] = (int16_t)(e < 160   ? trit(b[e % 32], e / 32)
                              : e < 240 ? trit(b[32 + (e - 160) % 16], (e - 160) / 16)
                                        : trit(b[48 + (e - 240) % 4], (e - 240) / 4));
    }
    return scale_of(out, b + 52);
}

/* | q 64 | d | */
static enum golden_fault from_tq2_0(const uint8_t *b, unsigned part, struct golden_weights *out) {
    for (unsigned i = 0; i < BLOCK; i++)
        out->w[i] = (int16_t)((int)two_bits(b, part, i) - 1);
    return scale_of(out, b + 64);
}

static enum golden_fault (*const decoders[LOCKSTEP_TYPE_LIMIT])(const uint8_t *block, unsigned part,
                                                                struct golden_weights *out) = {
    [GGML_TYPE_Q4_0] = from_q4_0,     [GGML_TYPE_Q4_1] = from_q4_1,
    [GGML_TYPE_Q5_0] = from_q5_0,     [GGML_TYPE_Q5_1] = from_q5_1,
    [GGML_TYPE_Q8_0] = from_q8_0,     [GGML_TYPE_Q2_K] = from_q2_k,
    [GGML_TYPE_Q3_K] = from_q3_k,     [GGML_TYPE_Q4_K] = from_q4_k,
    [GGML_TYPE_Q5_K] = from_q5_k,     [GGML_TYPE_Q6_K] = from_q6_k,
    [GGML_TYPE_IQ4_NL] = from_iq4_nl, [GGML_TYPE_IQ4_XS] = from_iq4_xs,
    [GGML_TYPE_TQ1_0] = from_tq1_0,   [GGML_TYPE_TQ2_0] = from_tq2_0,
    [GGML_TYPE_MXFP4] = from_mxfp4,
};

bool golden_weights_known(enum ggml_type type) {
    return (unsigned)type < LOCKSTEP_TYPE_LIMIT && decoders[type] != NULL;
}

int golden_weights_unit(enum ggml_type type) {
    return type == GGML_TYPE_MXFP4 ? 28 : 24;
}

enum golden_fault golden_weights_from(enum ggml_type type, const uint8_t *row, size_t block,
                                      struct golden_weights *weights) {
    const struct type_info *info = &type_info[type];
    const size_t parts = info->elements / BLOCK;
    memset(weights, 0, sizeof *weights);
    return decoders[type](row + block / parts * info->bytes, (unsigned)(block % parts), weights);
}

/* w and v times their scales, exact, rounded once. */
static uint32_t value_of(const struct golden_weights *w, unsigned i, int unit,
                         enum golden_fault *fault) {
    const golden_int128 sum = (golden_int128)(w->w[i] * w->g) * ((int64_t)1 << w->t) +
                              (golden_int128)(w->v[i / 16] * w->h) * ((int64_t)1 << w->r);
    return golden_round32(sum, -unit, fault);
}

enum golden_fault golden_weights_values(enum ggml_type type, const uint8_t *row, size_t block,
                                        uint32_t values[GOLDEN_BLOCK], size_t *done) {
    enum golden_fault fault = GOLDEN_FAULT_NONE;
    *done = 0;
    if (type == GGML_TYPE_MXFP4) { /* as it is in the file: no block is formed */
        const uint8_t *b = row + block * LOCKSTEP_BYTES_MXFP4;
        if (b[0] == 255)
            return GOLDEN_FAULT_NONFINITE;
        for (; *done < BLOCK && fault == GOLDEN_FAULT_NONE; *done += fault == GOLDEN_FAULT_NONE)
            values[*done] =
                golden_round32(mxfp4_values[nibble(b + 1, (unsigned)*done)], b[0] - 128, &fault);
        return fault;
    }
    struct golden_weights w;
    fault = golden_weights_from(type, row, block, &w);
    for (; *done < BLOCK && fault == GOLDEN_FAULT_NONE; *done += fault == GOLDEN_FAULT_NONE)
        values[*done] = value_of(&w, (unsigned)*done, golden_weights_unit(type), &fault);
    return fault;
}
