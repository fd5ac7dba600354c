/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `gguf make`: a model of a family and of any shape with random weights of the size that
 * trained ones begin with, a row in memory at a time. The same options give the
 * same bytes on every machine: the weights use no libm but sqrt.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/model/roles.h"
#include "csrc/tokenizer/pretokenizer.h"
#include "gguf_tools/commands.h"
#include "model_shape.h"
#include "quants.h"
#include "vocabulary.h"

struct make_settings {
    const char *out;
    struct model_shape shape;
    const char *pre; /* pre-tokeniser, or NULL */
    uint64_t seed;
};

static const struct make_settings defaults = {
    NULL, {64, 172, 5, 8, 4, 512, 256, GGML_TYPE_Q4_0, false, FAMILY_llama, false}, NULL, 1};

#define FAMILY_CHOICE(name) "|" #name /* of choices: "|llama"; the first bar is left out */

#define ROW(name, argument, kind, member, ...)                                                     \
    OPTION_ROW(make_settings, name, argument, OPTION_##kind, member, 0, __VA_ARGS__)

static const struct option_row option_rows[] = {
    ROW(NULL, "OUT", OUTPUT, out, .required = true),
    ROW("arch", "NAME", CHOICE, shape.family, .choices = &(FAMILIES(FAMILY_CHOICE))[1],
        .help = "family of models"),
    ROW("dim", "N", U32, shape.dim, .least = 2, .most = 1 << 17,
        .help = "elements of the residual stream"),
    ROW("hidden", "N", U32, shape.hidden, .least = 1, .most = 1 << 17,
        .help = "elements of the feed-forward layer"),
    ROW("layers", "N", U32, shape.layers, .least = 1, .most = 1024, .help = "blocks"),
    ROW("heads", "N", U32, shape.heads, .least = 1, .most = 4096, .help = "query heads"),
    ROW("kv-heads", "N", U32, shape.kv_heads, .least = 1, .most = 4096,
        .help = "key and value heads"),
    ROW("vocab", "N", U32, shape.vocab, .least = VOCABULARY_MIN + 1, .most = 1 << 20,
        .help = "tokens, at least 260"),
    ROW("context", "N", U32, shape.context, .least = 1, .most = 1 << 20, .help = "positions"),
    ROW("type", "T", CHOICE_OF, shape.type, .choices = QUANTIZE_TYPES, .choose = quantize_type_find,
        .help = "of matrices (Q4_0), or F16 where rows are no whole number of blocks"),
    ROW("tied", NULL, FLAG, shape.tied, .help = "the embedding serves as the output matrix"),
    ROW("biases", NULL, FLAG, shape.biases, .help = "with the biases that the family may have"),
    ROW("pre", "NAME", TEXT, pre,
        .help = "vocabulary of byte-level BPE with this pre-tokeniser (gpt-2, qwen2, llama-bpe "
                "...), not of SentencePiece"),
    ROW("seed", "N", U64, seed, .help = "of the weights"),
};
#undef ROW

const struct options gguf_make_options = {
    .program = "gguf make",
    .about = "Makes a model with random weights and a small English vocabulary.",
    .rows = option_rows,
    .row_count = sizeof option_rows / sizeof *option_rows,
    .defaults = &defaults,
    .size = sizeof defaults,
};

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t random_next(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* Close to a normal variate of mean 0 and variance 1: four 16-bit uniforms
 * added, whose variance is 4 / 12, times sqrt 3. */
static float random_normal(uint64_t *state) {
    uint64_t z = random_next(state);
    int32_t sum = (int32_t)((z & 0xffff) + (z >> 16 & 0xffff) + (z >> 32 & 0xffff) + (z >> 48));
    return (float)(sum - 2 * 65535) * (1.7320508f / 65536.0f);
}

/* Writes a tensor row by row; `values` and `blocks` have room for one row. */
static int write_tensor(struct gguf_writer *w, const struct model_tensor *t, uint64_t *state,
                        float *values, uint8_t *blocks) {
    const struct type_info *info = type_info_of((uint32_t)t->type);
    uint64_t row_bytes = type_row_bytes(info, t->columns);
    const bool bias = role_is_bias(t->role);
    float spread = bias ? 0.5f : t->norm ? 0.05f : 1.0f / sqrtf((float)t->columns);
    float middle = t->norm && !bias ? 1.0f : 0.0f;
    for (uint64_t row = 0; row < t->rows; row++) {
        for (uint64_t i = 0; i < t->columns; i++) {
            float offset = random_normal(state) * spread;
            values[i] = middle + offset;
        }
        if (quantize_row(t->type, values, blocks, t->columns) != 0 ||
            gguf_writer_data(w, blocks, row_bytes) != 0)
            return -1;
    }
    return 0;
}

/* The writer reports its own errors in the end. */
static int write_weights(struct gguf_writer *w, const struct model_shape *shape, uint64_t seed) {
    uint64_t longest = shape->dim > shape->hidden ? shape->dim : shape->hidden;
    float *values = malloc((size_t)longest * sizeof *values);
    uint8_t *blocks = malloc((size_t)longest * sizeof(float));
    struct model_tensor tensor;
    int status = values == NULL || blocks == NULL ? -1 : 0;
    for (uint32_t i = 0; status == 0 && model_tensor_at(shape, i, &tensor); i++)
        status = write_tensor(w, &tensor, &seed, values, blocks);
    free(values);
    free(blocks);
    return status;
}

static int make_model(const struct make_settings *s, struct ls_error *err) {
    const char *path = s->out;
    const struct model_shape *shape = &s->shape;
    struct gguf_writer *w;
    struct vocabulary v;
    struct model_tensor tensor;
    char name[64];
    if (gguf_writer_open(path, &w, err) != 0)
        return -1;
    snprintf(name, sizeof name, "random %s", family_at(shape->family)->arch);
    model_write_metadata(w, shape, name);
    int status = vocabulary_make(&v, shape->vocab, s->pre);
    if (status == 0)
        vocabulary_write(w, &v);
    vocabulary_free(&v);
    for (uint32_t i = 0; status == 0 && model_tensor_at(shape, i, &tensor); i++)
        model_declare(w, &tensor);
    if (status != 0) {
        gguf_writer_abort(w);
        return ls_error_set(err, "%s: out of memory: choose a smaller model", path);
    }
    (void)write_weights(w, shape, s->seed);
    return gguf_writer_finish(w, err);
}

/* Whether the project can read what it is asked to write. */
static int check_pre(const char *name, struct ls_error *err) {
    struct pretokenizer *p = NULL;
    const int status =
        name == NULL
            ? 0
            : pretokenizer_open("--pre", (struct gguf_string){name, strlen(name)}, &p, err);
    pretokenizer_close(p);
    return status;
}

int gguf_make(int argc, char **argv) {
    struct make_settings s;
    struct ls_error err;
    const int told = gguf_options(&gguf_make_options, argc, argv, &s);
    if (told >= 0)
        return told;
    if (model_shape_check(&s.shape, &err) != 0 || check_pre(s.pre, &err) != 0) {
        fprintf(stderr, "gguf make: %s\n", err.text);
        return GGUF_BAD_INPUT;
    }
    if (make_model(&s, &err) != 0) {
        fprintf(stderr, "gguf make: %s\n", err.text);
        return GGUF_FAILED;
    }
    return GGUF_DONE;
}
