/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Speed of the golden model on a synthetic model of 44 million weights a token
 * (dim 512, hidden 1536, 8 layers, 8 heads, vocabulary 32000): processor time a
 * token. Prints a line a type; asserts nothing.
 *
 *     build/.../bench_golden [tokens, default 32]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "csrc/golden/golden.h"
#include "tests/kit/random.h"

#define DIM    512u
#define HIDDEN 1536u
#define LAYERS 8u
#define VOCAB  32000u

/* Random weights: small scales, so that nothing overflows. */
static const struct gguf_tensor *make_matrix(enum ggml_type type, uint64_t cols, uint64_t rows) {
    const struct type_info *info = type_info_of((uint32_t)type);
    struct gguf_tensor *tensor = calloc(1, sizeof *tensor);
    uint64_t size = type_row_bytes(info, cols) * rows;
    uint8_t *data = malloc(size);
    if (tensor == NULL || data == NULL)
        exit(1);
    uint64_t state = (uint64_t)(cols * 7 + rows);
    for (uint64_t i = 0; i < size; i++)
        data[i] = (uint8_t)random_64(&state);
    if (type == GGML_TYPE_F32) {
        for (uint64_t i = 0; i < size / 4; i++)
            ((float *)data)[i] = 1.0f;
    } else if (type == GGML_TYPE_F16) {
        for (uint64_t i = 1; i < size; i += 2)
            data[i] = (uint8_t)((data[i] & 0x83) | 0x24 | (i & 4)); /* 2^-6 .. 2^-5 */
    } else {
        for (uint64_t i = type == GGML_TYPE_Q6_K ? 208 : 0; i < size; i += info->bytes) {
            data[i + 1] = type == GGML_TYPE_Q4_0   ? 0x1c /* about 2^-8 */
                          : type == GGML_TYPE_Q8_0 ? 0x0c /* 2^-12 */
                                                   : 0x04;
            if (type == GGML_TYPE_Q4_K)
                data[i + 3] = 0x04;
        }
    }
    *tensor = (struct gguf_tensor){
        .type = type, .n_dims = 2, .ne = {cols, rows, 1, 1}, .size = size, .data = data};
    return tensor;
}

static void free_matrix(const struct gguf_tensor *tensor) {
    free((void *)(uintptr_t)tensor->data);
    free((void *)(uintptr_t)tensor);
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int bench(enum ggml_type type, uint32_t tokens) {
    const struct gguf_tensor *gain = make_matrix(GGML_TYPE_F32, DIM, 1);
    const struct gguf_tensor *vocab = make_matrix(type, DIM, VOCAB);
    struct ls_layer layer[LAYERS];
    struct ls_model model = {
        .dim = DIM,
        .hidden = HIDDEN,
        .layers = LAYERS,
        .heads = 8,
        .kv_heads = 8,
        .head_dim = DIM / 8,
        .n_rot = DIM / 8,
        .vocab = VOCAB,
        .context_length = 512,
        .norm_eps = 1e-5f,
        .rope_base = 10000,
        .rope_scale = 1,
        .rope_magnitude = 1,
        .attn_scale = 1 / sqrtf(DIM / 8),
        .tied = true,
        .family = family_at(FAMILY_llama),
        .roles = family_at(FAMILY_llama)->required | ROLE_BIT(ROLE_OUTPUT),
        .tensor = {[ROLE_TOKEN_EMBD] = vocab, [ROLE_OUTPUT_NORM] = gain, [ROLE_OUTPUT] = vocab},
        .layer = layer};
    const struct role_sizes sizes = ls_model_sizes(&model);
    for (unsigned l = 0; l < LAYERS; l++) {
        for (enum role r = 0; r < ROLES; r++)
            if (role_is_of_layer(r))
                layer[l].tensor[r] = role_is_vector(r)
                                         ? gain
                                         : make_matrix(type, (uint32_t)role_columns(r, &sizes),
                                                       (uint32_t)role_rows(r, &sizes));
    }

    struct golden *golden;
    struct ls_error err;
    if (golden_open(&model, 16, 1, 1, tokens, &golden, &err) != 0) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    double begin = seconds(), best = 1e9;
    for (uint32_t pos = 0; pos < tokens; pos++) {
        double before = seconds();
        if (golden_run(golden, 0, 0, pos, pos * 991 % VOCAB, true, &err) != 0) {
            fprintf(stderr, "%s\n", err.text);
            return 1;
        }
        double after = seconds();
        best = after - before < best ? after - before : best;
    }
    printf("%s: mean %.2f ms, best %.2f ms a token of %u\n", type_info_of((uint32_t)type)->name,
           1e3 * (seconds() - begin) / tokens, 1e3 * best, tokens);
    golden_close(golden);
    for (unsigned l = 0; l < LAYERS; l++) {
        for (enum role r = 0; r < ROLES; r++)
            if (role_is_of_layer(r) && !role_is_vector(r))
                free_matrix(layer[l].tensor[r]);
    }
    free_matrix(gain);
    free_matrix(vocab);
    return 0;
}

int main(int argc, char **argv) {
    uint32_t tokens = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 32;
    return bench(GGML_TYPE_Q4_0, tokens) | bench(GGML_TYPE_Q8_0, tokens) |
           bench(GGML_TYPE_F16, tokens) | bench(GGML_TYPE_Q4_K, tokens) |
           bench(GGML_TYPE_Q6_K, tokens);
}
