/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Guesses of the tokens that come behind a text: from the text itself, or from a small model that
 * runs here, in the golden model's arithmetic, so that they are the same ones on every host. Who
 * asks does not know which.
 *
 *     struct drafter *drafter;
 *     if (drafter_open(small, 16, sequences, context, &drafter, &err) != 0)
 *         return fail(err.text);
 *     count = drafter_guess(drafter, sequence, &sampler, tokens, known, drafts, 3);
 *     drafter_close(drafter);
 */
#ifndef LOCKSTEP_DRAFT_H
#define LOCKSTEP_DRAFT_H

#include "csrc/golden/golden.h"
#include "firmware/sampler.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the small model's K and V of a sequence are of. */
struct drafter_sequence {
    uint32_t *tokens; /* [context] */
    uint32_t count;
};

struct drafter {
    struct ls_model *model; /* NULL: drafts come from the text itself */
    struct golden *golden;
    uint32_t context; /* positions; behind them it guesses nothing */
    uint32_t sequences;
    struct drafter_sequence *held; /* [sequences] */
};

/* Whether what `small` guesses are tokens of `model`: 0, or -1 with `err` saying what differs. */
int drafter_fits(const struct ls_model *small, const struct ls_model *model, struct ls_error *err);

/* small: taken over, also if this fails; NULL: the text itself. act_bits, sequences: as the device
 * has them; context: positions of a sequence. Returns 0, or -1 with `err`. */
int drafter_open(struct ls_model *small, int act_bits, uint32_t sequences, uint32_t context,
                 struct drafter **drafter, struct ls_error *err);

void drafter_close(struct drafter *drafter); /* NULL is allowed */

/* Up to `most` tokens that may come behind the `known` ones of a sequence's text, into `drafts`;
 * returns how many. `sampler` is about to choose the next token: the small model's tokens are
 * chosen by a copy of it, with the same random numbers. Any text may follow any other: K and V of
 * what the two have in common stay, the rest is computed. */
uint32_t drafter_guess(struct drafter *drafter, uint32_t sequence, const struct sampler *sampler,
                       const uint32_t *tokens, uint32_t known, uint32_t *drafts, uint32_t most);

#ifdef __cplusplus
}
#endif
#endif
