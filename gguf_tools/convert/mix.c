/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The rules of llama.cpp's src/llama-quant.cpp. Learned positions and routers stay F32.
 */
#include "mix.h"

#include <string.h>
#include <strings.h>

#include "csrc/base/device_info.h"

/* Types of attn_v and ffn_down in the layers that get more bits and in the others. */
struct mix {
    const char *name;
    uint32_t file; /* LOCKSTEP_FILE_TYPE_*; UINT32_MAX: as the type says */
    enum ggml_type all, output, qkv, attn_output, v_more, v, down_more, down;
};

#define T(name)       GGML_TYPE_##name
#define FILE(name)    #name, LOCKSTEP_FILE_TYPE_##name
#define PURE(t, name) {#t, UINT32_MAX, T(t), T(t), T(t), T(t), T(t), T(t), T(t), T(t)},
/* Of those of one name the first counts. */
static const struct mix mixes[] = {
    {FILE(Q5_K_M), T(Q5_K), T(Q6_K), T(Q6_K), T(Q5_K), T(Q6_K), T(Q5_K), T(Q6_K), T(Q5_K)},
    {FILE(Q4_K_M), T(Q4_K), T(Q6_K), T(Q5_K), T(Q4_K), T(Q6_K), T(Q4_K), T(Q6_K), T(Q4_K)},
    {FILE(Q3_K_M), T(Q3_K), T(Q6_K), T(Q4_K), T(Q4_K), T(Q5_K), T(Q4_K), T(Q5_K), T(Q4_K)},
    {FILE(Q2_K), T(Q2_K), T(Q6_K), T(Q2_K), T(Q3_K), T(Q3_K), T(Q3_K), T(Q3_K), T(Q3_K)},
    {FILE(Q2_K_S), T(Q2_K), T(Q2_K), T(Q2_K), T(Q2_K), T(Q2_K), T(Q2_K), T(Q2_K), T(Q2_K)},
    PURE(F32, ) PURE(F16, ) PURE(BF16, ) LOCKSTEP_QUANTISED_TYPES(PURE)};
#undef PURE
#undef FILE
#undef T

int mix_find(const char *name) {
    for (int i = 0; i < (int)(sizeof mixes / sizeof *mixes); i++)
        if (strcasecmp(mixes[i].name, name) == 0)
            return i;
    return -1;
}

const char *mix_name(int mix) {
    return mixes[mix].name;
}

uint32_t mix_file_type(int mix) {
    const struct mix *m = &mixes[mix];
    return m->file != UINT32_MAX ? m->file : type_info[m->all].file;
}

/* The first and the last eighth of the layers, and every third between. Q3_K_M: the first two of
 * attn_v, a sixteenth of ffn_down. */
static bool more_bits(const struct mix *mix, const struct mix_matrix *m, bool down) {
    const uint32_t eighth = m->layers / 8;
    if (mix->all == GGML_TYPE_Q3_K)
        return m->layer < (down ? m->layers / 16 : 2);
    return m->layer < eighth || m->layer >= 7 * m->layers / 8 || (m->layer - eighth) % 3 == 2;
}

/* Whether a mix spends more on this matrix because it is small beside eight experts. */
static bool beside_eight(const struct mix *mix, const struct mix_matrix *m, enum ggml_type *type) {
    const bool output = strstr(m->name, ".attn_output.") != NULL;
    *type = output ? GGML_TYPE_Q5_K : GGML_TYPE_Q8_0;
    return m->experts == 8 && mix->output != mix->all &&
           (output || strstr(m->name, ".attn_k.") != NULL || strstr(m->name, ".attn_v.") != NULL);
}

static enum ggml_type wanted_type(const struct mix *mix, const struct mix_matrix *m) {
    enum ggml_type type;
    if (beside_eight(mix, m, &type))
        return type;
    if (m->output)
        return mix->output;
    if (strcmp(m->name, "position_embd.weight") == 0 || strstr(m->name, ".ffn_gate_inp.") != NULL)
        return GGML_TYPE_F32;
    if (strstr(m->name, ".attn_qkv.") != NULL)
        return mix->qkv;
    if (strstr(m->name, ".attn_v.") != NULL)
        return more_bits(mix, m, false) ? mix->v_more : mix->v;
    if (strstr(m->name, ".ffn_down") != NULL)
        return more_bits(mix, m, true) ? mix->down_more : mix->down;
    return strstr(m->name, ".attn_output.") != NULL ? mix->attn_output : mix->all;
}

enum ggml_type mix_type(int mix, const struct mix_matrix *matrix) {
    static const enum ggml_type of_32[LOCKSTEP_TYPE_LIMIT] = {
        [GGML_TYPE_Q2_K] = GGML_TYPE_IQ4_NL, [GGML_TYPE_Q3_K] = GGML_TYPE_IQ4_NL,
        [GGML_TYPE_Q4_K] = GGML_TYPE_Q5_0,   [GGML_TYPE_Q5_K] = GGML_TYPE_Q5_1,
        [GGML_TYPE_Q6_K] = GGML_TYPE_Q8_0,   [GGML_TYPE_IQ4_XS] = GGML_TYPE_IQ4_NL,
        [GGML_TYPE_TQ1_0] = GGML_TYPE_Q4_0,  [GGML_TYPE_TQ2_0] = GGML_TYPE_Q4_0,
    };
    enum ggml_type type = wanted_type(&mixes[mix], matrix);
    if (matrix->columns % type_info[type].elements != 0 && of_32[type] != GGML_TYPE_F32)
        type = of_32[type];
    return matrix->columns % type_info[type].elements != 0 ? GGML_TYPE_F16 : type;
}
