/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The trainer's network: a llama model (RMSNorm, rotary embedding of adjacent pairs, grouped-query
 * attention, SwiGLU, tied embeddings) with a forward and a backward pass over a batch of whole
 * sequences. All weights lie in one flat array whose layout this header describes.
 *
 *     struct net_layout layout;
 *     struct net_work *work;
 *     if (net_layout_make(&shape, &layout, &err) != 0 || net_open(&shape, 2048, &work, &err) != 0)
 *         return fail(err.text);
 *     double nats = net_loss(work, weights, &batch, gradient, 1.0f / total_tokens);
 *     net_close(work);
 *
 * Built with TRAIN_DOUBLE defined, the same source computes in binary64 under names that end in
 * _f64: the test of the gradients by central differences needs the precision.
 */
#ifndef LS_TRAIN_NET_H
#define LS_TRAIN_NET_H

#include <stddef.h>
#include <stdint.h>

#include "csrc/base/error.h"
#include "csrc/model/roles.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef TRAIN_DOUBLE
typedef double net_real;
#define net_open  net_open_f64
#define net_close net_close_f64
#define net_loss  net_loss_f64
#else
typedef float net_real;
#endif

enum { NET_LAYERS_MAX = 32, NET_TENSORS_MAX = ROLES * NET_LAYERS_MAX };

struct net_shape {
    uint32_t vocab;    /* tokens */
    uint32_t dim;      /* elements of the residual stream */
    uint32_t hidden;   /* elements of the feed-forward layer */
    uint32_t layers;   /* blocks */
    uint32_t heads;    /* query heads; divides dim */
    uint32_t kv_heads; /* key and value heads; divides heads */
    uint32_t context;  /* longest sequence, tokens */
    float rms_eps;     /* added to the mean square */
    float rope_base;   /* pair j of a head turns by position * base^(-2j / head_dim) */
};

struct net_tensor {
    char name[ROLE_NAME_SIZE]; /* as in a GGUF */
    enum role role;
    size_t offset;    /* elements from the start of the flat array */
    uint32_t rows;    /* 1 for a vector */
    uint32_t columns; /* elements of a row */
};

/* Order of the tensors: token_embd, those of each layer by role, output_norm. */
struct net_layout {
    struct net_tensor tensor[NET_TENSORS_MAX];
    uint32_t count;                         /* tensors */
    size_t total;                           /* elements of all tensors */
    size_t of_layer[NET_LAYERS_MAX][ROLES]; /* offsets, of the layers' tensors by role */
};

/* Whole sequences, one after the other. */
struct net_batch {
    const uint16_t *ids;     /* [tokens] inputs */
    const uint16_t *targets; /* [tokens] the token that follows each input */
    uint32_t tokens;
    const uint32_t *starts; /* [sequences + 1] first token of each; the last is `tokens` */
    uint32_t sequences;
};

struct net_work; /* activations of one batch */

/* Checks the shape and lays out its tensors. Returns 0, or -1 with one line in `err`. */
int net_layout_make(const struct net_shape *shape, struct net_layout *layout, struct ls_error *err);

/* Makes room for batches of up to `tokens` tokens. Returns 0 and *work to be freed with net_close,
 * or -1 with one line in `err`. */
int net_open(const struct net_shape *shape, uint32_t tokens, struct net_work **work,
             struct ls_error *err);

/* NULL is allowed. */
void net_close(struct net_work *work);

/* Returns the sum over the batch of -log p(target), in nats. If `gradient` is not NULL, adds to it
 * the gradient of `scale` times that sum. Both arrays have the layout's total elements. */
double net_loss(struct net_work *work, const net_real *weights, const struct net_batch *batch,
                net_real *gradient, net_real scale);

#ifdef __cplusplus
}
#endif
#endif
