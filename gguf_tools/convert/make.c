/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `gguf make`: a llama model of any shape with random weights of the size that
 * trained ones begin with, a row in memory at a time. The same options give the
 * same bytes on every machine: the weights use no libm but sqrt.
 */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gguf_tools/commands.h"
#include "llama_shape.h"
#include "quants.h"
#include "vocabulary.h"

static const char help[] =
    "usage: gguf make OUT [options]\n\n"
    "Makes a llama model with random weights and a small English vocabulary.\n\n"
    "  --dim N        elements of the residual stream (64)\n"
    "  --hidden N     elements of the feed-forward layer (172)\n"
    "  --layers N     blocks (5)\n"
    "  --heads N      query heads (8)\n"
    "  --kv-heads N   key and value heads (4)\n"
    "  --vocab N      tokens, at least 260 (512)\n"
    "  --context N    positions (256)\n"
    "  --type T       F32, F16, Q8_0 or Q4_0 (Q4_0); rows that are no whole number of\n"
    "                 32-element blocks are F16\n"
    "  --tied         the embedding serves as the output matrix\n"
    "  --seed N       of the weights (1)\n"
    "  --help         this text\n";

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
static int write_tensor(struct gguf_writer *w, const struct llama_tensor *t, uint64_t *state,
                        float *values, uint8_t *blocks) {
    const struct type_info *info = type_info_of((uint32_t)t->type);
    uint64_t row_bytes = type_row_bytes(info, t->columns);
    float spread = t->norm ? 0.05f : 1.0f / sqrtf((float)t->columns);
    float middle = t->norm ? 1.0f : 0.0f;
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
static int write_weights(struct gguf_writer *w, const struct llama_shape *shape, uint64_t seed) {
    uint64_t longest = shape->dim > shape->hidden ? shape->dim : shape->hidden;
    float *values = malloc((size_t)longest * sizeof *values);
    uint8_t *blocks = malloc((size_t)longest * sizeof(float));
    struct llama_tensor tensor;
    int status = values == NULL || blocks == NULL ? -1 : 0;
    for (uint32_t i = 0; status == 0 && llama_tensor_at(shape, i, &tensor); i++)
        status = write_tensor(w, &tensor, &seed, values, blocks);
    free(values);
    free(blocks);
    return status;
}

static int make_model(const char *path, const struct llama_shape *shape, uint64_t seed,
                      struct ls_error *err) {
    struct gguf_writer *w;
    struct vocabulary v;
    struct llama_tensor tensor;
    if (gguf_writer_open(path, &w, err) != 0)
        return -1;
    llama_write_metadata(w, shape, "random llama");
    int status = vocabulary_make(&v, shape->vocab);
    if (status == 0)
        vocabulary_write(w, &v);
    vocabulary_free(&v);
    for (uint32_t i = 0; status == 0 && llama_tensor_at(shape, i, &tensor); i++)
        llama_declare(w, &tensor);
    if (status != 0) {
        gguf_writer_abort(w);
        return ls_error_set(err, "%s: out of memory: choose a smaller model", path);
    }
    (void)write_weights(w, shape, seed);
    return gguf_writer_finish(w, err);
}

/* ---- options ---- */

/* A decimal number from `least` to `most`; says why not. */
static int parse_number(const char *option, const char *text, uint64_t least, uint64_t most,
                        uint64_t *out) {
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < least ||
        value > most) {
        fprintf(stderr, "gguf make: --%s %s: give a number from %llu to %llu\n", option, text,
                (unsigned long long)least, (unsigned long long)most);
        return -1;
    }
    *out = value;
    return 0;
}

int gguf_make(int argc, char **argv) {
    struct llama_shape s = {64, 172, 5, 8, 4, 512, 256, GGML_TYPE_Q4_0, false};
    uint64_t seed = 1;
    enum { TYPE, TIED, SEED, HELP, SIZES };
    static const struct option options[] = {{"type", required_argument, NULL, TYPE},
                                            {"tied", no_argument, NULL, TIED},
                                            {"seed", required_argument, NULL, SEED},
                                            {"help", no_argument, NULL, HELP},
                                            {"dim", required_argument, NULL, SIZES + 0},
                                            {"hidden", required_argument, NULL, SIZES + 1},
                                            {"layers", required_argument, NULL, SIZES + 2},
                                            {"heads", required_argument, NULL, SIZES + 3},
                                            {"kv-heads", required_argument, NULL, SIZES + 4},
                                            {"vocab", required_argument, NULL, SIZES + 5},
                                            {"context", required_argument, NULL, SIZES + 6},
                                            {NULL, 0, NULL, 0}};
    const struct {
        uint32_t *out;
        uint64_t least, most;
    } sizes[] = {{&s.dim, 2, 1 << 17},    {&s.hidden, 1, 1 << 17},
                 {&s.layers, 1, 1024},    {&s.heads, 1, 4096},
                 {&s.kv_heads, 1, 4096},  {&s.vocab, VOCABULARY_MIN + 1, 1 << 20},
                 {&s.context, 1, 1 << 20}};
    int option, index = 0;
    uint64_t number;
    while ((option = getopt_long(argc, argv, "", options, &index)) != -1) {
        if (option == HELP) {
            fputs(help, stdout);
            return GGUF_DONE;
        }
        if (option == '?')
            return GGUF_BAD_INPUT; /* getopt has said why */
        if (option == TIED) {
            s.tied = true;
        } else if (option == TYPE) {
            if (quantize_type_parse(optarg, &s.type) != 0) {
                fprintf(stderr, "gguf make: --type %s: give F32, F16, Q8_0 or Q4_0\n", optarg);
                return GGUF_BAD_INPUT;
            }
        } else if (option == SEED) {
            if (parse_number("seed", optarg, 0, UINT64_MAX, &seed) != 0)
                return GGUF_BAD_INPUT;
        } else {
            if (parse_number(options[index].name, optarg, sizes[option - SIZES].least,
                             sizes[option - SIZES].most, &number) != 0)
                return GGUF_BAD_INPUT;
            *sizes[option - SIZES].out = (uint32_t)number;
        }
    }
    if (optind != argc - 1) {
        fputs("gguf make: give one file to write: see `gguf make --help`\n", stderr);
        return GGUF_BAD_INPUT;
    }
    struct ls_error err;
    if (llama_shape_check(&s, &err) != 0) {
        fprintf(stderr, "gguf make: %s\n", err.text);
        return GGUF_BAD_INPUT;
    }
    if (make_model(argv[optind], &s, seed, &err) != 0) {
        fprintf(stderr, "gguf make: %s\n", err.text);
        return GGUF_FAILED;
    }
    return GGUF_DONE;
}
