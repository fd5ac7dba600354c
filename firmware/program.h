/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * From a model's shapes to what the device executes: microcode and tensor descriptors
 * (docs/architecture.md, Microcode). Freestanding; the caller gives all memory.
 *
 *     struct fw_program program;
 *     struct fw_refusal why;
 *     if (program_build(&model, &limits, &program, &why) != 0)
 *         return refuse(why.what, why.need, why.have);
 */
#ifndef LOCKSTEP_PROGRAM_H
#define LOCKSTEP_PROGRAM_H

#include <stdint.h>

#include "roles.h"

#ifdef __cplusplus
extern "C" {
#endif

struct fw_tensor {
    uint64_t address; /* byte address on the weight port */
    uint64_t bytes;
    uint32_t type; /* ggml type number */
    uint32_t rows; /* of a tensor of all experts: of one's matrix */
    uint32_t cols;
};

struct fw_model {
    uint32_t family; /* enum family_number of roles.h */
    uint64_t roles;  /* ROLE_BIT of each that it has */
    uint32_t dim, hidden, layers, heads, kv_heads, head_dim, n_rot, vocab;
    uint32_t experts,
        experts_used;            /* of a layer, of a token; 0: none, and `hidden` is of no expert */
    uint32_t experts_normalised; /* the weights of those used add up to 1 */
    uint32_t shared_hidden;      /* of the shared expert; 0: none */
    uint32_t rope_halves;        /* pair j: elements j and j + n_rot / 2; 0: 2j and 2j + 1 */
    uint32_t context;            /* positions to reserve for a sequence */
    uint32_t sequences;          /* sequences to reserve */
    /* Layer l is local if l % local_period < local_count; period 0: none is. */
    uint32_t local_period, local_count;
    uint32_t local_window;      /* positions that a local layer sees; 0: all */
    uint32_t parallel_residual; /* attention and feed-forward read the same stream */
    /* Binary32 bits, as csrc/model/model.h has them. */
    uint32_t eps; /* of all norms */
    uint32_t rope_base, rope_scale, rope_magnitude, local_rope_base;
    const uint32_t *rope_factors;                  /* [n_rot / 2], for rope_scale; NULL: none */
    uint32_t attn_scale, attn_cap, attn_cap_slope; /* slope: 2 / cap; both 0: no cap */
    uint32_t embedding_scale, residual_scale;
    float logit_scale, logit_cap;    /* numbers */
    uint32_t eog[8];                 /* end-of-generation tokens */
    uint32_t eog_count;              /* 0..8 */
    const struct fw_tensor *tensors; /* [program_tensors] by program_place */
};

/* What a device holds, as its capability registers say. */
struct fw_limits {
    uint32_t lanes, slots, vector_lanes, port_bits, channels, act_bits, attention_heads;
    uint32_t kv_words, vector_words, sequences, ucode_ops, tensors, context, head_dim;
    uint64_t types; /* bit t: ggml type t is decoded */
    uint32_t token_fifo, top_k, beats, logit_words;
};

/* Why a model does not fit: a static sentence and the two sizes it speaks of. */
struct fw_refusal {
    const char *what;
    const char *parameter; /* of rtl/lockstep.v that sets `have`; NULL: none raises it */
    uint64_t need, have;
};

#define FW_PROGRAM_OPS 256u

struct fw_program {
    uint32_t words[FW_PROGRAM_OPS][4];
    uint32_t ops;
};

/* The tensor table: the tensors of the model, then of each layer its own, in the order of the
 * roles; then, where the output matrix has a bias, both in pieces of OFFER_ROWS rows. */
uint32_t program_tensors(const struct fw_model *model); /* of all */
uint32_t program_stride(const struct fw_model *model);  /* of a layer */
uint32_t program_place(const struct fw_model *model, enum role role, uint32_t layer);
uint32_t program_pieces(const struct fw_model *model); /* of the output matrix; 0: it is whole */
/* Of a piece's matrix; its bias is the next. */
uint32_t program_piece_place(const struct fw_model *model, uint32_t piece);

/* Returns 0, or -1 with the reason. */
int program_build(const struct fw_model *model, const struct fw_limits *limits,
                  struct fw_program *program, struct fw_refusal *why);

/* Whether the device holds `sequences` sequences of `context` positions: 0, or 1 with the reason.
 */
int program_context(const struct fw_model *model, const struct fw_limits *limits,
                    struct fw_refusal *why);

/* A descriptor's four words. */
void program_descriptor(const struct fw_tensor *tensor, uint32_t words[4]);

/* Words of KV SRAM that `sequences` sequences of `context` positions take. */
uint64_t program_kv_words(const struct fw_model *model);

#ifdef __cplusplus
}
#endif
#endif
