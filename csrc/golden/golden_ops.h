/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the forward pass of a family is written with: the ops of sections 4 to 6 of
 * docs/numerics.md, each for all tokens of a run. An op begins a record of every token, writes its
 * results into the records' words and returns the records' number, which is the same for all; once
 * an op has failed for a token, those after it do nothing for it. A family's page, family_NAME.c,
 * defines forward_NAME(): which ops there are must not depend on token or position, and those for
 * logits come last, behind op_want.
 *
 *     golden_value x = op_embed(run);
 *     golden_value h = op_norm(run, ROLE_ATTN_NORM, x);
 *     golden_value q = op_matvec(run, ROLE_ATTN_Q, h);
 */
#ifndef LS_GOLDEN_OPS_H
#define LS_GOLDEN_OPS_H

#include "golden_state.h"

struct golden_run {
    struct golden *golden;
    const struct ls_model *model;
    size_t records; /* begun */
    int layer;      /* of the ops that begin; -1 outside the layers */
    int turn;       /* which of the experts that its slot chose, in their order; -1: of none */
    bool planning;  /* nothing is computed: golden->plan is written */
    bool no_memory; /* for the plan */
};

typedef size_t golden_value; /* number of the record that holds it */

/* Weights are named by role; results of other ops get the name that their record carries. */
golden_value op_embed(struct golden_run *run);
golden_value op_position(struct golden_run *run);
golden_value op_row(struct golden_run *run, enum role row);
golden_value op_norm(struct golden_run *run, enum role gain, golden_value x);
golden_value op_matvec(struct golden_run *run, enum role weights, golden_value x);
golden_value op_bias(struct golden_run *run, enum role bias, golden_value x);
void op_logits(struct golden_run *run, golden_value x);

/* What follows is for the tokens alone that want logits; false: there are none. */
bool op_want(struct golden_run *run);

/* Without a bias if the model has none. */
golden_value op_linear(struct golden_run *run, enum role weights, enum role bias, golden_value x);
golden_value op_layernorm(struct golden_run *run, enum role gain, enum role bias, golden_value x);

golden_value op_center(struct golden_run *run, const char *name, golden_value x);
golden_value op_headcenter(struct golden_run *run, const char *name, golden_value x);
golden_value op_headnorm(struct golden_run *run, const char *name, golden_value x,
                         golden_value gain);
golden_value op_headnorm_own(struct golden_run *run, const char *name, golden_value x,
                             golden_value gain);
golden_value op_rope(struct golden_run *run, const char *name, golden_value x); /* of whole heads */
void op_kv(struct golden_run *run, golden_value k, golden_value v);
golden_value op_attend(struct golden_run *run, golden_value q);
golden_value op_swiglu(struct golden_run *run, golden_value gate, golden_value up);
golden_value op_geglu(struct golden_run *run, golden_value gate, golden_value up);
golden_value op_gelu(struct golden_run *run, golden_value x);
golden_value op_sigmoid(struct golden_run *run, const char *name, golden_value x);
golden_value op_add(struct golden_run *run, const char *name, golden_value x, golden_value d);
golden_value op_scale(struct golden_run *run, const char *name, uint32_t c, golden_value x);

/* The choice of experts by x, and their weights. What it chose are slot->chosen, from then on. */
golden_value op_route(struct golden_run *run, golden_value x);

/* x times the element of w of the turn's expert; outside the turns, times its only one. */
golden_value op_weigh(struct golden_run *run, const char *name, golden_value x, golden_value w);

#define GOLDEN_FAMILY(name) void forward_##name(struct golden_run *run);
FAMILIES(GOLDEN_FAMILY)
#undef GOLDEN_FAMILY

#endif
