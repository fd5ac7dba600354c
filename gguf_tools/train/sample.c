/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `gguf sample`: text from a model by the float reference, for looking at a model that was just
 * trained. What a device says is the business of `lockstep sim`.
 */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/model/model.h"
#include "csrc/reference/reference.h"
#include "csrc/tokenizer/tokenizer.h"
#include "gguf_tools/commands.h"

static const char help[] =
    "usage: gguf sample MODEL.gguf [options]\n\n"
    "Continues a prompt by the float reference, up to the end of the text.\n\n"
    "  --prompt TEXT      (Once upon a time)\n"
    "  --temperature X    0 takes the likeliest token (0)\n"
    "  --min-p X          tokens with less than this part of the likeliest one's probability are\n"
    "                     never taken (0.05)\n"
    "  --tokens N         most tokens to make; 0: to the end of the context (0)\n"
    "  --seed N           of the choices (1)\n"
    "  --ids              print token ids, the prompt's first\n"
    "  --help             this text\n";

static const struct option long_options[] = {
    {"prompt", required_argument, NULL, 'p'}, {"temperature", required_argument, NULL, 't'},
    {"min-p", required_argument, NULL, 'm'},  {"tokens", required_argument, NULL, 'n'},
    {"seed", required_argument, NULL, 's'},   {"ids", no_argument, NULL, 'i'},
    {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
};

struct request {
    const char *prompt;
    double temperature, min_p;
    uint64_t tokens, seed;
    int ids;
};

/* splitmix64 (Steele, Lea, Flood 2014), to [0, 1). */
static double random_unit(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    return (double)(z >> 11) * 0x1p-53;
}

/* Likelihood beside that of the likeliest token; what has less than min_p of that one's probability
 * is left out, as in llama.cpp. */
static double share_of(float below_best, const struct request *r) {
    return (double)below_best < log(r->min_p) ? 0 : exp((double)below_best / r->temperature);
}

static uint32_t choose(const float *logits, uint32_t vocab, const struct request *r,
                       uint64_t *seed) {
    uint32_t best = 0;
    double sum = 0;
    for (uint32_t i = 1; i < vocab; i++)
        best = logits[i] > logits[best] ? i : best;
    if (r->temperature <= 0)
        return best;
    for (uint32_t i = 0; i < vocab; i++)
        sum += share_of(logits[i] - logits[best], r);
    double left = random_unit(seed) * sum;
    for (uint32_t i = 0; i < vocab; i++) {
        left -= share_of(logits[i] - logits[best], r);
        if (left < 0)
            return i;
    }
    return best;
}

static void print_token(const struct request *r, const struct tokenizer *tokenizer,
                        struct token_stream *stream, uint32_t id) {
    const char *bytes;
    size_t size;
    if (r->ids)
        printf("%u ", id);
    else if (token_stream_put(tokenizer, stream, id, &bytes, &size, NULL) == 0)
        fwrite(bytes, 1, size, stdout);
}

static int generate(const struct ls_model *model, const struct tokenizer *tokenizer,
                    const struct request *r, struct ls_error *err) {
    struct ls_reference *ref;
    struct token_stream stream = token_stream_start();
    uint32_t *ids;
    size_t count;
    uint64_t seed = r->seed;
    if (tokenizer_encode(tokenizer, r->prompt, strlen(r->prompt), TOKENIZER_ADD_BOS, &ids, &count,
                         err) != 0)
        return -1;
    if (count == 0 || count > model->context_length ||
        ls_reference_open(model, 1, model->context_length, &ref, err) != 0) {
        int too_long = count == 0 || count > model->context_length;
        free(ids);
        return too_long ? ls_error_set(err, "the prompt must have 1..%u tokens, not %zu",
                                       model->context_length, count)
                        : -1;
    }
    uint32_t id = ids[0];
    uint64_t limit = r->tokens == 0 ? model->context_length : count + r->tokens;
    const float *logits = NULL;
    for (uint32_t pos = 0; pos < limit && pos < model->context_length; pos++) {
        id = pos < count ? ids[pos] : choose(logits, model->vocab, r, &seed);
        if (pos >= count && tokenizer_is_eog(tokenizer, id) && !r->ids)
            break;
        print_token(r, tokenizer, &stream, id);
        if (pos >= count && tokenizer_is_eog(tokenizer, id))
            break;
        if ((logits = ls_reference_step(ref, 0, pos, id, err)) == NULL)
            break;
    }
    const char *bytes;
    size_t size;
    token_stream_finish(&stream, &bytes, &size);
    fwrite(bytes, 1, size, stdout);
    printf("\n");
    free(ids);
    ls_reference_close(ref);
    return logits == NULL ? -1 : 0;
}

static int take_option(struct request *r, int option, const char *value) {
    char *end = NULL;
    errno = 0;
    switch (option) {
    case 'p':
        r->prompt = value;
        return 0;
    case 'i':
        r->ids = 1;
        return 0;
    case 't':
        r->temperature = strtod(value, &end);
        break;
    case 'm':
        r->min_p = strtod(value, &end);
        break;
    case 'n':
        r->tokens = strtoull(value, &end, 10);
        break;
    default:
        r->seed = strtoull(value, &end, 10);
        break;
    }
    return errno == 0 && end != value && *end == '\0' && value[0] != '-' ? 0 : -1;
}

int gguf_sample(int argc, char **argv) {
    struct request r = {.prompt = "Once upon a time", .min_p = 0.05, .seed = 1};
    struct ls_model *model;
    struct tokenizer *tokenizer;
    struct ls_error err;
    int option, bad = 0;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == 'h') {
            fputs(help, stdout);
            return GGUF_DONE;
        }
        if (option == '?')
            return GGUF_BAD_INPUT;
        bad |= take_option(&r, option, optarg);
    }
    if (bad || argc - optind != 1) {
        fputs("gguf sample: give MODEL and numbers in range: see `gguf sample --help`\n", stderr);
        return GGUF_BAD_INPUT;
    }
    if (ls_model_open(argv[optind], &model, &err) != 0) {
        fprintf(stderr, "gguf sample: %s\n", err.text);
        return GGUF_BAD_INPUT;
    }
    int status = tokenizer_open(model->gguf, &tokenizer, &err);
    if (status == 0) {
        status = generate(model, tokenizer, &r, &err);
        tokenizer_close(tokenizer);
    }
    if (status != 0)
        fprintf(stderr, "gguf sample: %s\n", err.text);
    ls_model_close(model);
    return status == 0 ? GGUF_DONE : GGUF_BAD_INPUT;
}
