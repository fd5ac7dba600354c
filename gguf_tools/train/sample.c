/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `gguf sample`: text from a model by the float reference, for looking at a model that was just
 * trained. What a device says is the business of `lockstep sim`.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/base/text.h"
#include "csrc/model/model.h"
#include "csrc/reference/reference.h"
#include "csrc/tokenizer/tokenizer.h"
#include "gguf_tools/commands.h"

struct request {
    const char *model, *prompt;
    double temperature, min_p;
    uint64_t tokens, seed;
    bool ids, logits;
};

static const struct request defaults = {NULL, "Once upon a time", 0, 0.05, 0, 1, false, false};

#define ROW(name, argument, kind, member, ...)                                                     \
    OPTION_ROW(request, name, argument, OPTION_##kind, member, 0, __VA_ARGS__)

static const struct option_row option_rows[] = {
    ROW(NULL, "MODEL.gguf", TEXT, model, .required = true),
    ROW("prompt", "TEXT", TEXT, prompt, .help = "(Once upon a time)"),
    ROW("temperature", "X", REAL, temperature, .high = 1e9, .help = "0 takes the likeliest token"),
    ROW("min-p", "X", REAL, min_p, .high = 1e9,
        .help =
            "tokens with less than this part of the likeliest one's probability are never taken"),
    ROW("tokens", "N", U64, tokens, .help = "most tokens to make; 0: to the end of the context"),
    ROW("seed", "N", U64, seed, .help = "of the choices"),
    ROW("ids", NULL, FLAG, ids, .help = "print token ids, the prompt's first"),
    ROW("logits", NULL, FLAG, logits,
        .help = "print the logits behind each token of the prompt instead, a line each"),
};
#undef ROW

const struct options gguf_sample_options = {
    .program = "gguf sample",
    .about = "Continues a prompt by the float reference, up to the end of the text.",
    .rows = option_rows,
    .row_count = sizeof option_rows / sizeof *option_rows,
    .defaults = &defaults,
    .size = sizeof defaults,
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

static uint32_t choose(const struct ls_model *m, const float *logits, const struct request *r,
                       uint64_t *seed) {
    const uint32_t vocab = m->vocab;
    uint32_t best = 0;
    double sum = 0;
    for (uint32_t i = 1; i < vocab; i++)
        best = logits[i] > logits[best] ? i : best;
    if (r->temperature <= 0)
        return best;
    const float most = ls_model_logit(m, logits[best]);
    for (uint32_t i = 0; i < vocab; i++)
        sum += share_of(ls_model_logit(m, logits[i]) - most, r);
    double left = random_unit(seed) * sum;
    for (uint32_t i = 0; i < vocab; i++) {
        left -= share_of(ls_model_logit(m, logits[i]) - most, r);
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
        text_print(stdout, bytes, size);
}

static void print_logits(const struct ls_model *model, const float *logits) {
    for (uint32_t i = 0; i < model->vocab; i++)
        printf("%s%.9g", i == 0 ? "" : " ", (double)ls_model_logit(model, logits[i]));
    putchar('\n');
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
    uint64_t limit = r->logits ? count : r->tokens == 0 ? model->context_length : count + r->tokens;
    const float *logits = NULL;
    for (uint32_t pos = 0; pos < limit && pos < model->context_length; pos++) {
        id = pos < count ? ids[pos] : choose(model, logits, r, &seed);
        if (pos >= count && ls_model_is_eog(model, id) && !r->ids)
            break;
        if (!r->logits)
            print_token(r, tokenizer, &stream, id);
        if (pos >= count && ls_model_is_eog(model, id))
            break;
        if ((logits = ls_reference_step(ref, 0, pos, id, err)) == NULL)
            break;
        if (r->logits)
            print_logits(model, logits);
    }
    const char *bytes;
    size_t size;
    token_stream_finish(&stream, &bytes, &size);
    text_print(stdout, bytes, size);
    if (!r->logits)
        printf("\n");
    free(ids);
    ls_reference_close(ref);
    return logits == NULL ? -1 : 0;
}

int gguf_sample(int argc, char **argv) {
    struct request r;
    struct ls_model *model;
    struct ls_error err;
    const int told = gguf_options(&gguf_sample_options, argc, argv, &r);
    if (told >= 0)
        return told;
    if (ls_model_open(r.model, &model, &err) != 0) {
        fprintf(stderr, "gguf sample: %s\n", err.text);
        return GGUF_BAD_INPUT;
    }
    int status = ls_model_need_text(model, &err);
    if (status == 0)
        status = generate(model, model->tokenizer, &r, &err);
    if (status != 0)
        fprintf(stderr, "gguf sample: %s\n", err.text);
    ls_model_close(model);
    return status == 0 ? GGUF_DONE : GGUF_BAD_INPUT;
}
