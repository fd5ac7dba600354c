/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the program of a family is written with; a family's page, family_NAME.c, defines
 * build_NAME().
 *
 *     uint32_t x = build_vector(b, m->dim);
 *     uint32_t n = build_vector(b, m->dim);
 *     build_op(b, LOCKSTEP_OP_EMBED, build_role(b, ROLE_TOKEN_EMBD), x, 0, 0, m->dim);
 *     build_op(b, LOCKSTEP_OP_NORM, build_role(b, ROLE_OUTPUT_NORM), n, x, 0, m->dim);
 */
#ifndef LOCKSTEP_PROGRAM_BUILD_H
#define LOCKSTEP_PROGRAM_BUILD_H

#include "generated/device.h"
#include "program.h"

#define BUILD_NONE 0u          /* no tensor */
#define BUILD_ONE  0x3f800000u /* binary32 */

struct build {
    const struct fw_model *model;
    struct fw_program *program;
    uint32_t free; /* place of the next vector, in units of 32 words of a slot's vector SRAM */
    uint32_t most; /* of all */
};

/* Room for so many elements in the vector SRAM, behind what was taken last; vectors that are never
 * alive together share a place by setting `free` back. Returns its address, in units of 32 words.
 */
uint32_t build_vector(struct build *build, uint32_t elements);

/* The first word's bits that name a tensor: of the model, or of the layer that runs, and in an
 * expert loop of its expert. */
uint32_t build_role(const struct build *build, enum role role);

/* Appends an instruction (docs/architecture.md, Microcode). NORM and those of heads take the
 * model's epsilon. What does not fit is only counted; program_build refuses the model. */
void build_op(struct build *build, uint32_t op, uint32_t role, uint32_t dst, uint32_t a, uint32_t b,
              uint32_t n);

/* dst = weights times the matrix input of `n` elements, `rows` of them, plus the bias if the model
 * has it. */
void build_linear(struct build *build, enum role weights, enum role bias, uint32_t dst,
                  uint32_t rows, uint32_t n);

/* The angles of the position: of all layers, and of local ones where those turn otherwise. */
void build_angles(struct build *build);

/* x = factor * x, `n` elements; nothing for a factor of 1. */
void build_scale(struct build *build, uint32_t x, uint32_t n, uint32_t factor);

/* Logits of the matrix input of `n` elements; where the output matrix has a bias, piece by piece
 * through a vector. */
void build_logits(struct build *build, uint32_t n);

/* How a family's decoder differs from llama's beyond what the model's tensors and numbers say. */
struct build_style {
    uint32_t activation;      /* SWIGLU or GEGLU, with a gate, or GELU */
    uint32_t layer_norm;      /* norms have a CENTER before and, with a tensor for it, a BIAS */
    enum head_norm head_norm; /* what those of q and k are of */
};

/* The whole program, from EMBED to END. */
void build_decoder(struct build *build, const struct build_style *style);

#define BUILD_FAMILY(name) void build_##name(struct build *build);
FAMILIES(BUILD_FAMILY)
#undef BUILD_FAMILY

#endif
