/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The families of models, and the one table of what their tensors are for. A row a role: its name
 * in a GGUF file (behind "blk.N." for those of a layer), rows and columns. Which roles a model has
 * is its family's matter; a set of them is a mask of ROLE_BIT. Loader, program builder, golden
 * model, float reference, `gguf make` and the trainer all read it. Freestanding.
 *
 *     for (unsigned role = 0; role < ROLES; role++)
 *         if (model->roles & ROLE_BIT(role))
 *             use(role);
 *
 * Sizes: VOCAB tokens, POSITIONS that the model was trained for, DIM elements of the residual
 * stream, HIDDEN of the feed-forward layer or of an expert, SHARED of the shared expert, EXPERTS
 * that a router chooses from, Q of all query heads, KV of all key heads, Q_NORM and K_NORM of one
 * head or of all, as the family's enum head_norm says. ONE row is a vector, stored in F32; all else
 * is a matrix.
 */
#ifndef LOCKSTEP_ROLES_H
#define LOCKSTEP_ROLES_H

#include <stdint.h>

/* A family NAME is a line here and a page in each of four folders, which share nothing but roles:
 *
 *     csrc/model/family_NAME.c       how its files name hyperparameters, which roles it has
 *     firmware/family_NAME.c         its program for the device
 *     csrc/golden/family_NAME.c      its forward pass, bit for bit
 *     csrc/reference/family_NAME.c   the same in binary32
 */
#define FAMILIES(FAMILY)                                                                           \
    FAMILY(llama)                                                                                  \
    FAMILY(qwen2)                                                                                  \
    FAMILY(qwen3)                                                                                  \
    FAMILY(gemma3)                                                                                 \
    FAMILY(gpt2)                                                                                   \
    FAMILY(phi3)                                                                                   \
    FAMILY(gemma2)                                                                                 \
    FAMILY(gemma)                                                                                  \
    FAMILY(granite)                                                                                \
    FAMILY(olmo2)                                                                                  \
    FAMILY(starcoder2)                                                                             \
    FAMILY(stablelm) FAMILY(gptneox) FAMILY(phi2) FAMILY(qwen2moe) FAMILY(qwen3moe)

#define FAMILY_NUMBER(name) FAMILY_##name,
enum family_number { FAMILIES(FAMILY_NUMBER) FAMILY_COUNT };
#undef FAMILY_NUMBER

/* ROLE(role, name, rows, columns), in the order of the device's tensor table. */
#define ROLES_OF_MODEL(ROLE)                                                                       \
    ROLE(TOKEN_EMBD, "token_embd.weight", VOCAB, DIM)                                              \
    ROLE(POSITION_EMBD, "position_embd.weight", POSITIONS, DIM)                                    \
    ROLE(OUTPUT_NORM, "output_norm.weight", ONE, DIM)                                              \
    ROLE(OUTPUT_NORM_BIAS, "output_norm.bias", ONE, DIM)                                           \
    ROLE(OUTPUT, "output.weight", VOCAB, DIM) /* the embedding again where output is tied */       \
    ROLE(OUTPUT_BIAS, "output.bias", ONE, VOCAB)

#define ROLES_OF_LAYER(ROLE)                                                                       \
    ROLE(ATTN_NORM, "attn_norm.weight", ONE, DIM)                                                  \
    ROLE(ATTN_NORM_BIAS, "attn_norm.bias", ONE, DIM)                                               \
    ROLE(ATTN_Q, "attn_q.weight", Q, DIM)                                                          \
    ROLE(ATTN_K, "attn_k.weight", KV, DIM)                                                         \
    ROLE(ATTN_V, "attn_v.weight", KV, DIM)                                                         \
    ROLE(ATTN_OUTPUT, "attn_output.weight", DIM, Q)                                                \
    ROLE(FFN_NORM, "ffn_norm.weight", ONE, DIM)                                                    \
    ROLE(FFN_NORM_BIAS, "ffn_norm.bias", ONE, DIM)                                                 \
    ROLE(FFN_GATE, "ffn_gate.weight", HIDDEN, DIM)                                                 \
    ROLE(FFN_UP, "ffn_up.weight", HIDDEN, DIM)                                                     \
    ROLE(FFN_DOWN, "ffn_down.weight", DIM, HIDDEN)                                                 \
    ROLE(ATTN_Q_BIAS, "attn_q.bias", ONE, Q)                                                       \
    ROLE(ATTN_K_BIAS, "attn_k.bias", ONE, KV)                                                      \
    ROLE(ATTN_V_BIAS, "attn_v.bias", ONE, KV)                                                      \
    ROLE(ATTN_OUTPUT_BIAS, "attn_output.bias", ONE, DIM)                                           \
    ROLE(FFN_GATE_BIAS, "ffn_gate.bias", ONE, HIDDEN)                                              \
    ROLE(FFN_UP_BIAS, "ffn_up.bias", ONE, HIDDEN)                                                  \
    ROLE(FFN_DOWN_BIAS, "ffn_down.bias", ONE, DIM)                                                 \
    ROLE(ATTN_Q_NORM, "attn_q_norm.weight", ONE, Q_NORM)                                           \
    ROLE(ATTN_K_NORM, "attn_k_norm.weight", ONE, K_NORM)                                           \
    ROLE(ATTN_POST_NORM, "post_attention_norm.weight", ONE, DIM)                                   \
    ROLE(FFN_POST_NORM, "post_ffw_norm.weight", ONE, DIM)                                          \
    ROLE(FFN_ROUTER, "ffn_gate_inp.weight", EXPERTS, DIM)                                          \
    ROLE(FFN_GATE_EXPS, "ffn_gate_exps.weight", HIDDEN, DIM)                                       \
    ROLE(FFN_UP_EXPS, "ffn_up_exps.weight", HIDDEN, DIM)                                           \
    ROLE(FFN_DOWN_EXPS, "ffn_down_exps.weight", DIM, HIDDEN)                                       \
    ROLE(SHARED_ROUTER, "ffn_gate_inp_shexp.weight", ONE, DIM)                                     \
    ROLE(SHARED_GATE, "ffn_gate_shexp.weight", SHARED, DIM)                                        \
    ROLE(SHARED_UP, "ffn_up_shexp.weight", SHARED, DIM)                                            \
    ROLE(SHARED_DOWN, "ffn_down_shexp.weight", DIM, SHARED)

#define ROLE_NUMBER(role, name, rows, columns) ROLE_##role,
enum role { ROLES_OF_MODEL(ROLE_NUMBER) ROLES_OF_LAYER(ROLE_NUMBER) ROLES };
#undef ROLE_NUMBER

/* What the family's ATTN_Q_NORM and ATTN_K_NORM are of. */
enum head_norm {
    HEAD_NORM_SHARED, /* each head, by gains that all have together */
    HEAD_NORM_OWN,    /* each head, by its own: in a file [heads][head_dim] */
    HEAD_NORM_WHOLE   /* all heads at once */
};

#define ROLE_BIT(role) (UINT64_C(1) << (role))

#define ROLE_SET(role, name, rows, columns) | ROLE_BIT(ROLE_##role)
static const uint64_t roles_of_layer = 0 ROLES_OF_LAYER(ROLE_SET); /* the others: of the model */
#undef ROLE_SET

/* Their tensors hold a matrix of each expert, one behind the other; rows and columns are one's. */
static const uint64_t roles_of_experts =
    ROLE_BIT(ROLE_FFN_GATE_EXPS) | ROLE_BIT(ROLE_FFN_UP_EXPS) | ROLE_BIT(ROLE_FFN_DOWN_EXPS);

#endif
