/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The files of a training run: the checkpoint, the loss curve, the model.
 *
 *     if (checkpoint_save(path, &c, &state, points, &err) != 0)
 *         return fail(err.text);
 *     found = checkpoint_load(path, &c, &state, &points, &err); // 1 loaded, 0 absent, -1 refused
 */
#ifndef LS_TRAIN_FILE_H
#define LS_TRAIN_FILE_H

#include <stdint.h>

#include "csrc/base/error.h"
#include "gguf_tools/convert/vocabulary.h"
#include "train_adam.h"
#include "train_data.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A row of the loss curve. */
struct train_point {
    uint64_t tokens;      /* seen so far */
    double learning_rate; /* of this step */
    double loss;          /* nats a token, mean since the row before */
    double held_loss;     /* nats a token; negative if not measured */
    double gradient_norm; /* of this step */
    uint32_t step;        /* updates done */
    uint32_t reserved;    /* zero */
};

/* All of a run's state but the arrays. */
struct checkpoint {
    uint64_t identity;      /* a digest of text, vocabulary and options: what must not change */
    struct train_deal deal; /* where the documents are */
    uint64_t tokens;        /* seen so far */
    double loss_sum;        /* nats since the last row of the curve */
    uint64_t loss_tokens;   /* tokens since then */
    uint64_t points;        /* rows of the curve */
};

/* Replaces the file at once: an interruption leaves the old one or the new one. */
int checkpoint_save(const char *path, const struct checkpoint *c, const struct train_state *state,
                    const struct train_point *points, struct ls_error *err);

/* Returns 1 with *points to be freed with free(), 0 if there is no file, -1 with one line in `err`
 * if the file is of another run or damaged. c->identity is what the file must have. */
int checkpoint_load(const char *path, struct checkpoint *c, struct train_state *state,
                    struct train_point **points, struct ls_error *err);

/* Writes the loss curve as comma-separated values, with a header. */
int curve_write(const char *path, const struct train_point *points, uint64_t count,
                struct ls_error *err);

/* Writes an F32 GGUF. With `weights` NULL, only the vocabulary and the metadata. */
int train_model_write(const char *path, const char *name, const struct net_shape *shape,
                      const struct net_layout *layout, const struct vocabulary *vocab,
                      const float *weights, struct ls_error *err);

#ifdef __cplusplus
}
#endif
#endif
