/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The architectural state of one sequence between two tokens, in a file: tokens, K and V
 * of the positions computed, state of the sampler. The golden model's K and V are what the device
 * holds: every word of them was compared as the device committed it.
 *
 *     checkpoint_write(path, golden, &checkpoint, &err);
 *     if (checkpoint_read(path, golden, &checkpoint, &err) == 0)
 *         proceed(checkpoint.computed);
 */
#ifndef LOCKSTEP_CHECKPOINT_H
#define LOCKSTEP_CHECKPOINT_H

#include "firmware/sampler.h"
#include "golden_kv.h"

#ifdef __cplusplus
extern "C" {
#endif

struct checkpoint {
    uint32_t sequence; /* of the golden model that writes it */
    uint32_t *tokens;  /* [known]; checkpoint_read: [context + 1], to be freed by the caller */
    uint32_t known;    /* tokens: the prompt and those generated */
    uint32_t prompt;   /* of them */
    uint32_t computed; /* positions whose K and V are there; less than `known` */
    struct sampler sampler;
};

/* Writes the sequence of `golden`, in one step. Returns 0, or -1 with `err`. */
int checkpoint_write(const char *path, const struct golden *golden,
                     const struct checkpoint *checkpoint, struct ls_error *err);

/* Fills sequence 0 of `golden`, of the same model. Returns 0, or -1 with `err`: no checkpoint, one
 * of another model, damaged, or longer than the context. */
int checkpoint_read(const char *path, struct golden *golden, struct checkpoint *checkpoint,
                    struct ls_error *err);

#ifdef __cplusplus
}
#endif
#endif
