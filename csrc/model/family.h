/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What a family of models says of its files: its name there, the roles of its tensors, and what
 * becomes of each hyperparameter. A family's page, family_NAME.c, defines model_NAME.
 *
 *     const struct family *family = family_find(architecture);
 *     if (family == NULL)
 *         return fail(architecture);
 */
#ifndef LS_FAMILY_H
#define LS_FAMILY_H

#include "csrc/base/error.h"
#include "csrc/gguf/gguf.h"
#include "roles.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ls_model;

/* Roles that families have together. */
#define ROLES_ATTENTION /* and what stands around the layers */                                    \
    (ROLE_BIT(ROLE_TOKEN_EMBD) | ROLE_BIT(ROLE_OUTPUT_NORM) | ROLE_BIT(ROLE_ATTN_Q) |              \
     ROLE_BIT(ROLE_ATTN_K) | ROLE_BIT(ROLE_ATTN_V) | ROLE_BIT(ROLE_ATTN_OUTPUT))
#define ROLES_DECODER (ROLES_ATTENTION | ROLE_BIT(ROLE_FFN_UP) | ROLE_BIT(ROLE_FFN_DOWN))
#define ROLES_EXPERTS (ROLE_BIT(ROLE_FFN_ROUTER) | roles_of_experts)
#define ROLES_SHARED_EXPERT                                                                        \
    (ROLE_BIT(ROLE_SHARED_ROUTER) | ROLE_BIT(ROLE_SHARED_GATE) | ROLE_BIT(ROLE_SHARED_UP) |        \
     ROLE_BIT(ROLE_SHARED_DOWN))
#define ROLES_NORMS      (ROLE_BIT(ROLE_ATTN_NORM) | ROLE_BIT(ROLE_FFN_NORM))
#define ROLES_POST_NORMS (ROLE_BIT(ROLE_ATTN_POST_NORM) | ROLE_BIT(ROLE_FFN_POST_NORM))
#define ROLES_HEAD_NORMS (ROLE_BIT(ROLE_ATTN_Q_NORM) | ROLE_BIT(ROLE_ATTN_K_NORM))
#define ROLES_NORM_BIASES                                                                          \
    (ROLE_BIT(ROLE_ATTN_NORM_BIAS) | ROLE_BIT(ROLE_FFN_NORM_BIAS) | ROLE_BIT(ROLE_OUTPUT_NORM_BIAS))
#define ROLES_QKV_BIASES                                                                           \
    (ROLE_BIT(ROLE_ATTN_Q_BIAS) | ROLE_BIT(ROLE_ATTN_K_BIAS) | ROLE_BIT(ROLE_ATTN_V_BIAS))
#define ROLES_LINEAR_BIASES /* of a feed-forward layer without a gate */                           \
    (ROLE_BIT(ROLE_ATTN_OUTPUT_BIAS) | ROLE_BIT(ROLE_FFN_UP_BIAS) | ROLE_BIT(ROLE_FFN_DOWN_BIAS))

/* What becomes of a key `<arch>.<name>`. A key that stands nowhere is refused: it might change the
 * result. */
enum key_use {
    KEY_READ,     /* honoured: the family's reader takes it */
    KEY_HARMLESS, /* says nothing that changes a result */
    KEY_NEUTRAL,  /* a function that is not there: it must have one of the two values */
    KEY_WINDOW    /* the same: it must be 0, or hold the model's context */
};

struct family_key {
    const char *name; /* behind "<arch>." */
    enum key_use use;
    double neutral[2]; /* KEY_NEUTRAL: with these the function does nothing; a bool is 0 or 1 */
    const char *what;  /* KEY_NEUTRAL, KEY_WINDOW: the function's name */
};

/* Of the families with experts. */
#define FAMILY_KEYS_EXPERTS(normalised)                                                            \
    {.name = "expert_count", .use = KEY_READ}, {.name = "expert_used_count", .use = KEY_READ},     \
        {.name = "expert_feed_forward_length", .use = KEY_READ},                                   \
        {.name = "expert_weights_norm",                                                            \
         .use = KEY_NEUTRAL,                                                                       \
         .neutral = {normalised, normalised},                                                      \
         .what = "another sum of the experts' weights"}

struct family {
    const char *arch;            /* general.architecture */
    enum family_number number;   /* in firmware/roles.h */
    uint64_t required, optional; /* roles; without an optional ROLE_OUTPUT the output is tied */
    uint64_t experts; /* roles in place of the feed-forward layer's, which `required` has if all
                         its models are so; 0: no experts */
    bool experts_normalised;  /* the weights of the chosen experts add up to 1 */
    bool rope_halves;         /* RoPE turns elements j and j + n_rot / 2, not 2j and 2j + 1 */
    bool layer_norm;          /* its norms are LayerNorm: their epsilon has another key */
    enum head_norm head_norm; /* of ATTN_Q_NORM and ATTN_K_NORM */
    const struct family_key
        *keys; /* of its own, before those of all families; the last has no name */
    /* Reads what no other family has, after what all have; NULL: nothing. 0, or -1 with `err`. */
    int (*read)(struct ls_model *model, struct ls_error *err);
};

const struct family *family_at(enum family_number number);

/* NULL: no such family. */
const struct family *family_find(struct gguf_string arch);

/* The roles of a model with experts, or without. */
uint64_t family_required(const struct family *family, bool experts);
uint64_t family_optional(const struct family *family, bool experts);

/* Those that there are, "llama, ...". */
const char *family_names(void);

/* Refuses a key of the family's that is not honoured and could change the result, by name and
 * value. 0, or -1 with `err`. */
int family_check_keys(const struct ls_model *model, struct ls_error *err);

/* What a family's reader reads with: hyperparameters `<arch>.<key>`. An absent key that is optional
 * leaves *out alone; a list with a size a layer counts as one size if all are equal. 0, or -1 with
 * `err`. */
int family_read_size(const struct ls_model *model, const char *key, bool optional, uint32_t *out,
                     struct ls_error *err); /* from 1 on */
int family_read_count(const struct ls_model *model, const char *key, uint32_t *out,
                      struct ls_error *err); /* from 0 on; optional */
int family_read_positive(const struct ls_model *model, const char *key, bool optional, float *out,
                         struct ls_error *err);

int family_read_scale(const struct ls_model *model, const char *key, float *out,
                      struct ls_error *err); /* 0, or 2^-32 to 2^32; optional */

/* attention.sliding_window: positions, 0: all; optional. */
int family_read_window(const struct ls_model *model, uint32_t *out, struct ls_error *err);

/* Says that `<arch>.<key>` is not as it should be. Returns -1. */
int family_refuse(const struct ls_model *model, const char *key, const char *what,
                  struct ls_error *err);

#define FAMILY_PAGE(name) extern const struct family model_##name;
FAMILIES(FAMILY_PAGE)
#undef FAMILY_PAGE

#ifdef __cplusplus
}
#endif
#endif
