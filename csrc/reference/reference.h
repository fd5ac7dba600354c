/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The float reference: the forward pass in binary32 on OpenBLAS with the
 * same weights, dequantised exactly. An outside witness: nothing of the golden
 * model's or the device's arithmetic is in it. Beside it, the figures that say
 * how far a device's logits are from the reference's.
 *
 *     struct ls_reference *ref;
 *     struct ls_witness witness = {0};
 *     if (ls_reference_open(model, 1, 512, &ref, &err) != 0)
 *         return fail(err.text);
 *     for (uint32_t pos = 0; pos < count; pos++) {
 *         const float *logits = ls_reference_step(ref, 0, pos, ids[pos], &err);
 *         if (logits == NULL)
 *             return fail(err.text);
 *         ls_witness_add(&witness, logits, device_logits[pos], model->vocab);
 *     }
 *     ls_reference_close(ref);
 */
#ifndef LS_REFERENCE_H
#define LS_REFERENCE_H

#include <stdint.h>

#include "csrc/base/error.h"
#include "csrc/model/model.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ls_reference; /* fp32 weights, activations and KV caches */

/* Dequantises all weights (4 bytes a parameter) and makes room for `sequences`
 * sequences of `context` positions. `model` must outlive it. Sets OpenBLAS to
 * one thread. Returns 0, or -1 with one line in `err`. */
int ls_reference_open(const struct ls_model *model, uint32_t sequences, uint32_t context,
                      struct ls_reference **reference, struct ls_error *err);

/* Runs one token at position `pos` of sequence `seq`, whose earlier positions
 * were run before. Returns logits [vocab], valid until the next step, or NULL
 * with one line in `err`. */
const float *ls_reference_step(struct ls_reference *reference, uint32_t seq, uint32_t pos,
                               uint32_t token, struct ls_error *err);

/* NULL is allowed. */
void ls_reference_close(struct ls_reference *reference);

/* Agreement of two sets of logits over many tokens; all zero at first. */
struct ls_witness {
    uint64_t tokens;            /* logit vectors compared */
    uint64_t same_top1;         /* tokens whose largest logit is the same; first of equals */
    double kl_sum;              /* of KL(reference || device), nats */
    double kl_max;              /* largest of a token, nats */
    double max_abs_logit_error; /* largest difference of two logits */
};

/* Compares `vocab` logits and adds the outcome; returns this token's KL, nats. */
double ls_witness_add(struct ls_witness *witness, const float *reference, const float *device,
                      uint32_t vocab);

/* Adds the outcome of later tokens; one by one it is what ls_witness_add would have made of them.
 */
void ls_witness_join(struct ls_witness *witness, const struct ls_witness *later);

/* Mean KL a token, nats; 0 if there are none. */
double ls_witness_kl_mean(const struct ls_witness *witness);

/* How unlikely logits make a token: the negative logarithm of its probability, nats. */
double ls_surprise(const double *logits, uint32_t vocab, uint32_t token);

/* Share of tokens with the same largest logit, 0..1; 0 if there are none. */
double ls_witness_top1_agreement(const struct ls_witness *witness);

#ifdef __cplusplus
}
#endif
#endif
