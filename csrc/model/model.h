/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A model as it lies in a GGUF file: hyperparameters and views of the weights. A model that opens
 * has every tensor it needs, each of the right shape and of a type that the device decodes, and no
 * other tensor.
 *
 *     struct ls_model *model;
 *     struct ls_error err;
 *     if (ls_model_open("model.gguf", &model, &err) != 0)
 *         return fail(err.text);
 *     printf("%u layers, %s\n", model->layers, model->quant);
 *     ls_model_close(model);
 */
#ifndef LS_MODEL_H
#define LS_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "csrc/base/error.h"
#include "csrc/gguf/gguf.h"
#include "csrc/tokenizer/tokenizer.h"
#include "family.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LS_EOG 8u /* tokens that end a text: as many as the device has registers for */

/* Weights of a layer, by role. ne[0] is the row length (columns), ne[1] the rows, ne[2] the experts
 * whose matrices lie one behind the other. */
struct ls_layer {
    const struct gguf_tensor *tensor[ROLES]; /* NULL: of no layer, or the model has none */
};

struct ls_model {
    struct gguf *gguf;           /* owned; the views point into it */
    const struct family *family; /* by general.architecture */
    char quant[16];            /* e.g. "Q4_0": general.file_type, else the commonest matrix type */
    uint32_t dim;              /* elements of the residual stream */
    uint32_t hidden;           /* elements of the feed-forward layer, or of an expert's */
    uint32_t experts;          /* that a layer's router chooses from; 0: none */
    uint32_t experts_used;     /* of them a token goes through */
    bool experts_normalised;   /* their weights add up to 1 */
    uint32_t shared_hidden;    /* elements of the expert that all tokens go through; 0: none */
    uint32_t layers;           /* number of blocks */
    uint32_t heads;            /* query heads */
    uint32_t kv_heads;         /* key and value heads; divides heads */
    uint32_t head_dim;         /* elements of a head */
    uint32_t n_rot;            /* leading elements of a head that RoPE turns; even */
    bool rope_halves;          /* pair j: elements j and j + n_rot / 2; else 2j and 2j + 1 */
    uint32_t vocab;            /* tokens */
    uint32_t context_length;   /* positions that the model was trained for */
    float norm_eps;            /* added to the mean square in RMSNorm and LayerNorm */
    float rope_base;           /* pair j turns by position / scale * base^(-2j / n_rot) radians */
    float rope_scale;          /* positions are divided by it; 1 unless scaling is linear */
    const float *rope_factors; /* [n_rot / 2] owned: of each pair, for rope_scale; NULL: none */
    float rope_magnitude;      /* cosine and sine are multiplied by it; 1 unless scaled */
    /* Layer l is local if l % local_period < local_count; period 0: none is. */
    uint32_t local_period, local_count;
    uint32_t local_window; /* positions that a local layer sees, its own among them; 0: all */
    float local_rope_base; /* of local layers, with scale and magnitude 1; 0: as the others */
    float attn_scale;      /* of scores: 1 / sqrt(head_dim) unless the family says otherwise */
    float attn_cap;        /* scaled scores become cap tanh(score / cap); 0: they do not */
    float embedding_scale; /* embeddings are multiplied by it; 1: none */
    float residual_scale;  /* each branch is, before it is added to the stream; 1: none */
    /* Logits are multiplied by the scale, then become cap tanh(logit / cap) if there is a cap.
     * Neither changes their order: it is done where a token is chosen by chance, not before. */
    float logit_scale, logit_cap;
    bool parallel_residual; /* attention and feed-forward read the same stream and are both added */
    bool tied;              /* output is token_embd */
    uint64_t parameters;    /* elements of all tensors */

    uint64_t roles;                          /* ROLE_BIT of each that it has */
    const struct gguf_tensor *tensor[ROLES]; /* those of the model; NULL: it has none */
    struct tokenizer *tokenizer;             /* owned; NULL: the file has none */
    struct gguf_string chat_template;        /* of Jinja; NULL and 0: none */
    uint32_t eog[LS_EOG], eog_count;         /* tokens that end a text, eos first */

    struct ls_layer *layer; /* [layers] */
    struct gguf_tensor
        *views; /* [view_count] of fused tensors: a role's part, named as the whole */
    size_t view_count;
};

/* Maps, reads and checks a model. Returns 0 and a model to be freed with
 * ls_model_close, or -1 with one line in `err` and *model NULL. */
int ls_model_open(const char *path, struct ls_model **model, struct ls_error *err);

/* The same on a reader; takes over `gguf`, also on failure. */
int ls_model_from_gguf(struct gguf *gguf, struct ls_model **model, struct ls_error *err);

/* Frees the model and unmaps its file; NULL is allowed. */
void ls_model_close(struct ls_model *model);

/* 0 if the model has a tokenizer, or -1 with one line in `err`. */
int ls_model_need_text(const struct ls_model *model, struct ls_error *err);

/* Whether a text ends with this token. */
bool ls_model_is_eog(const struct ls_model *model, uint32_t token);

/* A logit of the output matrix as it counts for probabilities: scaled and capped. */
float ls_model_logit(const struct ls_model *model, float logit);

/* The sizes that the roles' shapes speak of. */
struct role_sizes ls_model_sizes(const struct ls_model *model);

#ifdef __cplusplus
}
#endif
#endif
