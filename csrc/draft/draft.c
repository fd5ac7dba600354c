/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The small model is told nothing of drafts that were wrong, of requests that came and went, or of
 * another device: at each guess it compares the text with the one that its K and V are of.
 */
#include "draft.h"

#include <stdlib.h>
#include <string.h>

#include "csrc/base/text.h"
#include "csrc/golden/golden_choose.h"
#include "firmware/lookup.h"

#define SLOTS 8u /* tokens of a text that are taken at once */

static struct gguf_string piece_of(const struct ls_model *model, uint32_t token) {
    struct gguf_string piece = {"", 0};
    struct ls_error none;
    return tokenizer_piece(model->tokenizer, token, &piece, &none) == 0
               ? piece
               : (struct gguf_string){"", 0};
}

static int shown(struct gguf_string piece) {
    return piece.size < 40 ? (int)piece.size : 40;
}

int drafter_fits(const struct ls_model *small, const struct ls_model *model, struct ls_error *err) {
    const char *name = small->gguf->path, *other = model->gguf->path;
    if (small->vocab != model->vocab)
        return ls_error_set(err, "%s: no draft model of %s: a vocabulary of %u tokens, not of %u",
                            name, other, small->vocab, model->vocab);
    if (small->tokenizer == NULL && model->tokenizer == NULL)
        return 0;
    if (ls_model_need_text(small, err) != 0 || ls_model_need_text(model, err) != 0)
        return -1;
    for (uint32_t i = 0; i < model->vocab; i++) {
        const struct gguf_string a = piece_of(small, i), b = piece_of(model, i);
        if (a.size == b.size && memcmp(a.data, b.data, a.size) == 0)
            continue;
        ls_error_set(err, "%s: no draft model of %s: token %u is '%.*s', not '%.*s'", name, other,
                     i, shown(a), a.data, shown(b), b.data);
        text_clean(err->text);
        return -1;
    }
    return 0;
}

int drafter_open(struct ls_model *small, int act_bits, uint32_t sequences, uint32_t context,
                 struct drafter **drafter, struct ls_error *err) {
    struct drafter *d = calloc(1, sizeof *d);
    *drafter = d;
    if (d == NULL) {
        ls_model_close(small);
        return ls_error_set(err, "out of memory");
    }
    d->model = small;
    if (small == NULL)
        return 0;
    d->context = context < small->context_length ? context : small->context_length;
    d->sequences = sequences;
    d->held = calloc(sequences, sizeof *d->held);
    if (golden_open(small, act_bits, SLOTS, sequences, d->context, &d->golden, err) == 0 &&
        d->held != NULL) {
        uint32_t i = 0;
        while (i < sequences &&
               (d->held[i].tokens = malloc(d->context * sizeof *d->held[i].tokens)) != NULL)
            i++;
        if (i == sequences)
            return 0;
    }
    if (d->golden != NULL)
        ls_error_set(err, "out of memory");
    drafter_close(d);
    *drafter = NULL;
    return -1;
}

void drafter_close(struct drafter *d) {
    if (d == NULL)
        return;
    for (uint32_t i = 0; i < d->sequences && d->held != NULL; i++)
        free(d->held[i].tokens);
    free(d->held);
    golden_close(d->golden);
    ls_model_close(d->model);
    free(d);
}

/* Tokens at the beginning of the text whose K and V stand; the last one is computed all the same,
 * for the logits behind it. */
static uint32_t common(const struct drafter_sequence *held, const uint32_t *text, uint32_t count) {
    uint32_t n = 0;
    while (n < held->count && n + 1 < count && held->tokens[n] == text[n])
        n++;
    return n;
}

/* Computes tokens behind the first `at` ones of the sequence: the logits behind the last, or NULL.
 */
static const uint32_t *append(struct drafter *d, uint32_t sequence, uint32_t at,
                              const uint32_t *tokens, uint32_t count) {
    struct drafter_sequence *held = &d->held[sequence];
    struct ls_error unsaid; /* that it does not guess shows in the counters */
    uint32_t step = 0;
    held->count = at;
    for (uint32_t done = 0; done < count; done += step) {
        step = count - done < SLOTS ? count - done : SLOTS;
        if (golden_run_together(d->golden, sequence, at + done, tokens + done, step,
                                done + step == count, &unsaid) != 0)
            return NULL;
        memcpy(held->tokens + at + done, tokens + done, step * sizeof *tokens);
        held->count += step;
    }
    return golden_logits(d->golden, step - 1);
}

static uint32_t guess(struct drafter *d, uint32_t sequence, const struct sampler *sampler,
                      const uint32_t *tokens, uint32_t known, uint32_t *drafts, uint32_t most) {
    const struct drafter_sequence *held = &d->held[sequence];
    const uint32_t at = common(held, tokens, known);
    struct sampler copy = *sampler;
    uint32_t made = 0;
    if (known > d->context)
        return 0;
    const uint32_t *logits = append(d, sequence, at, tokens + at, known - at);
    while (logits != NULL) {
        drafts[made] = golden_choose(d->model, &copy, logits);
        if (ls_model_is_eog(d->model, drafts[made]) || ++made == most || held->count == d->context)
            break;
        logits = append(d, sequence, held->count, &drafts[made - 1], 1);
    }
    return made;
}

uint32_t drafter_guess(struct drafter *d, uint32_t sequence, const struct sampler *sampler,
                       const uint32_t *tokens, uint32_t known, uint32_t *drafts, uint32_t most) {
    return most == 0          ? 0
           : d->model == NULL ? lookup_draft(tokens, known, drafts, most)
                              : guess(d, sequence, sampler, tokens, known, drafts, most);
}
