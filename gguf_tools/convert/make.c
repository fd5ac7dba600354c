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
#include "mix.h"
#include "model_shape.h"
#include "quants.h"
#include "vocabulary.h"

struct make_settings {
    const char *out;
    struct model_shape shape; /* what is 0 was not asked for */
    int published;            /* place in MODEL_SHAPES, or -1 */
    int type;                 /* a ggml type; from MIX on a mix; -1: as the shape has it */
    const char *pre;          /* pre-tokeniser, or NULL */
    uint64_t seed;
};

#define MIX 1000 /* behind all ggml types */

static const struct make_settings defaults = {.published = -1, .type = -1, .seed = 1};

static int find_type(const char *name) {
    const int type = quantize_type_find(name), mix = mix_find(name);
    return type >= 0 ? type : mix >= 0 ? MIX + mix : -1;
}

#define FAMILY_CHOICE(name) "|" #name /* of choices: "|llama"; the first bar is left out */

#define ROW(name, argument, kind, member, ...)                                                     \
    OPTION_ROW(make_settings, name, argument, OPTION_##kind, member, 0, __VA_ARGS__)

static const struct option_row option_rows[] = {
    ROW(NULL, "OUT", OUTPUT, out, .required = true),
    ROW("arch", "NAME", CHOICE, shape.family, .choices = &(FAMILIES(FAMILY_CHOICE))[1],
        .help = "family of models"),
    ROW("shape", "NAME", CHOICE, published, .choices = MODEL_SHAPES, .excludes = "arch",
        .help = "shape and types of a published model"),
    ROW("dim", "N", U32, shape.dim, .least = 2, .most = 1 << 17,
        .help = "elements of the residual stream"),
    ROW("hidden", "N", U32, shape.hidden, .least = 1, .most = 1 << 17,
        .help = "elements of the feed-forward layer"),
    ROW("layers", "N", U32, shape.layers, .least = 1, .most = 1024, .help = "blocks"),
    ROW("heads", "N", U32, shape.heads, .least = 1, .most = 4096, .help = "query heads"),
    ROW("kv-heads", "N", U32, shape.kv_heads, .least = 1, .most = 4096,
        .help = "key and value heads"),
    ROW("head-size", "N", U32, shape.head_dim, .least = 2, .most = 1 << 16,
        .help = "elements of a head, if not dim / heads"),
    ROW("rotary", "N", U32, shape.rotary, .least = 2, .most = 1 << 16,
        .help = "elements of a head that turn, if not all"),
    ROW("rope-scaling", "NAME", CHOICE, shape.scaling, .choices = MODEL_SCALINGS,
        .help = "how long contexts are reached"),
    ROW("window", "N", U32, shape.window, .least = 1, .most = 1 << 20,
        .help = "positions that local layers see, if it has them"),
    ROW("parallel", NULL, FLAG, shape.parallel,
        .help = "feed-forward beside attention; stablelm: norms of heads"),
    ROW("experts", "N", U32, shape.experts, .least = 1, .most = 1024,
        .help = "feed-forward layers to choose from, if it has them"),
    ROW("experts-used", "K", U32, shape.experts_used, .least = 1, .most = 1024,
        .help = "of them a token goes through (2)"),
    ROW("vocab", "N", U32, shape.vocab, .least = VOCABULARY_MIN + 1, .most = 1 << 20,
        .help = "tokens, at least 260"),
    ROW("context", "N", U32, shape.context, .least = 1, .most = 1 << 20, .help = "positions"),
    ROW("type", "T", CHOICE_OF, type, .choices = MIXES, .choose = find_type,
        .help = "of matrices (Q4_0), or F16 where rows are no whole number of blocks; or a mix"),
    ROW("tied", NULL, FLAG, shape.tied, .help = "the embedding serves as the output matrix"),
    ROW("biases", NULL, FLAG, shape.biases, .help = "with the biases that the family may have"),
    ROW("pre", "NAME", TEXT, pre,
        .help = "vocabulary of byte-level BPE with this pre-tokeniser (gpt-2, qwen2, llama-bpe "
                "...), not of SentencePiece"),
    ROW("seed", "N", U64, seed, .help = "of the weights"),
};
#undef ROW

/* The shape that is asked for: a known one, and what is changed of it. */
static struct model_shape shape_of(const struct make_settings *s) {
    const struct model_shape *asked = &s->shape;
    struct model_shape shape = s->published >= 0 ? *model_shape_published((unsigned)s->published)
                                                 : *model_shape_of(asked->family);
    uint32_t *const to[] = {&shape.dim,      &shape.hidden, &shape.layers, &shape.heads,
                            &shape.kv_heads, &shape.vocab,  &shape.context};
    const uint32_t from[] = {asked->dim,      asked->hidden, asked->layers, asked->heads,
                             asked->kv_heads, asked->vocab,  asked->context};
    /* what is known of heads is not known of others */
    const bool heads = asked->dim != 0 || asked->heads != 0;
    for (size_t i = 0; i < sizeof from / sizeof *from; i++)
        *to[i] = from[i] != 0 ? from[i] : *to[i];
    shape.head_dim = asked->head_dim != 0 || heads ? asked->head_dim : shape.head_dim;
    shape.rotary = asked->rotary != 0 || heads ? asked->rotary : shape.rotary;
    shape.experts = asked->experts != 0 ? asked->experts : shape.experts;
    const uint32_t usual = shape.experts_used != 0 ? shape.experts_used : 2;
    shape.experts_used = asked->experts_used != 0 ? asked->experts_used
                         : usual < shape.experts  ? usual
                                                  : shape.experts;
    shape.window = asked->window != 0 ? asked->window : shape.window;
    shape.scaling = asked->scaling != SCALING_NONE ? asked->scaling : shape.scaling;
    shape.parallel |= asked->parallel;
    shape.tied |= asked->tied;
    shape.biases |= asked->biases;
    if (s->type >= 0) {
        shape.mix = s->type >= MIX ? mix_name(s->type - MIX) : NULL;
        shape.type = s->type >= MIX ? GGML_TYPE_F32 : (enum ggml_type)s->type;
    }
    return shape;
}

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
static int write_tensor(struct gguf_writer *w, const struct model_shape *shape,
                        const struct model_tensor *t, uint64_t *state, float *values,
                        uint8_t *blocks) {
    if (t->factors) { /* they grow with the pair, the long ones more */
        const float step = strstr(t->name, "short") != NULL ? 0.125f : 0.5f;
        for (uint64_t i = 0; i < t->columns; i++)
            values[i] = 1.0f + step * (float)i;
        return gguf_writer_data(w, values, t->columns * sizeof *values);
    }
    const struct type_info *info = type_info_of((uint32_t)t->type);
    uint64_t row_bytes = type_row_bytes(info, t->columns);
    const bool bias = role_is_bias(t->role);
    const bool gain = t->norm && !bias && t->role != ROLE_SHARED_ROUTER;
    float spread = t->role == ROLE_OUTPUT_BIAS && !shape->biases ? 0.0f
                   : bias                                        ? 0.5f
                   : gain                                        ? 0.05f
                                                                 : 1.0f / sqrtf((float)t->columns);
    float middle = gain ? 1.0f : 0.0f;
    for (uint64_t row = 0; row < t->rows * t->matrices; row++) {
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

/* -1: out of memory. The writer reports its own errors in the end. */
static int write_weights(struct gguf_writer *w, const struct model_shape *shape, uint64_t seed) {
    uint64_t longest = 0;
    struct model_tensor tensor;
    for (uint32_t i = 0; model_tensor_at(shape, i, &tensor); i++)
        longest = tensor.columns > longest ? tensor.columns : longest;
    float *values = malloc((size_t)longest * sizeof *values);
    uint8_t *blocks = malloc((size_t)longest * sizeof(float));
    const bool room = values != NULL && blocks != NULL;
    for (uint32_t i = 0; room && model_tensor_at(shape, i, &tensor); i++)
        if (write_tensor(w, shape, &tensor, &seed, values, blocks) != 0)
            break;
    free(values);
    free(blocks);
    return room ? 0 : -1;
}

static int make_model(const struct make_settings *s, const struct model_shape *shape,
                      struct ls_error *err) {
    const char *path = s->out;
    struct gguf_writer *w;
    struct vocabulary v;
    struct model_tensor tensor;
    if (gguf_writer_open(path, &w, err) != 0)
        return -1;
    model_write_metadata(w, shape, "random weights");
    int status = vocabulary_make(&v, shape->vocab, s->pre);
    if (status == 0)
        vocabulary_write(w, &v);
    vocabulary_free(&v);
    for (uint32_t i = 0; status == 0 && model_tensor_at(shape, i, &tensor); i++)
        model_declare(w, &tensor);
    if (status == 0)
        status = write_weights(w, shape, s->seed);
    if (status != 0) {
        gguf_writer_abort(w);
        return ls_error_set(err, "%s: out of memory: choose a smaller model", path);
    }
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
    const struct model_shape shape = shape_of(&s);
    if (model_shape_check(&shape, &err) != 0 || check_pre(s.pre, &err) != 0) {
        fprintf(stderr, "gguf make: %s\n", err.text);
        return GGUF_BAD_INPUT;
    }
    if (make_model(&s, &shape, &err) != 0) {
        fprintf(stderr, "gguf make: %s\n", err.text);
        return GGUF_FAILED;
    }
    return GGUF_DONE;
}
