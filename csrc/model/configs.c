/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Asks the program builder about every configuration of scripts/configs.mk; if none will do, about
 * larger and larger ones, a parameter at a time.
 */
#include "configs.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "generated/configs.h"
#include "generated/device.h"

struct config {
    const char *name;
    uint32_t LANES, SLOTS, PORT_BITS, CHANNELS, VLANES, ACT_BITS, ATTN_HEADS, KV_WORDS, VEC_WORDS,
        SEQS, UCODE_OPS, TENSORS, CONTEXT_MAX, TOKEN_FIFO, BEATS, LOGIT_WORDS, TELEMETRY;
};

static const struct config configs[] = {LOCKSTEP_CONFIGS};

static void apply(const struct config *c, struct fw_limits *l) {
    l->lanes = c->LANES;
    l->slots = c->SLOTS;
    l->vector_lanes = c->VLANES;
    l->port_bits = c->PORT_BITS;
    l->channels = c->CHANNELS;
    l->act_bits = c->ACT_BITS;
    l->attention_heads = c->ATTN_HEADS;
    l->kv_words = c->KV_WORDS;
    l->vector_words = c->VEC_WORDS;
    l->sequences = c->SEQS;
    l->ucode_ops = c->UCODE_OPS;
    l->tensors = c->TENSORS;
    l->context = c->CONTEXT_MAX;
    l->token_fifo = c->TOKEN_FIFO;
    l->beats = c->BEATS;
    l->logit_words = c->LOGIT_WORDS;
}

static bool holds(const struct fw_limits *limits, const struct fw_model *model,
                  struct fw_refusal *why) {
    struct fw_program program;
    return program_build(model, limits, &program, why) == 0 &&
           program_context(model, limits, why) == 0;
}

/* Parameters that can be raised, and how far the device's registers and addresses go. */
static const struct {
    const char *name;
    size_t limit; /* in struct fw_limits */
    uint32_t most;
} raised[] = {{"KV_WORDS", offsetof(struct fw_limits, kv_words), UINT32_MAX},
              {"VEC_WORDS", offsetof(struct fw_limits, vector_words), 65536 * 32},
              {"SEQS", offsetof(struct fw_limits, sequences), 16},
              {"TENSORS", offsetof(struct fw_limits, tensors), 65536},
              {"CONTEXT_MAX", offsetof(struct fw_limits, context), 65535}};
enum { RAISED = sizeof raised / sizeof *raised };

static uint32_t *limit_at(struct fw_limits *l, size_t i) {
    return (uint32_t *)(void *)((char *)l + raised[i].limit);
}

/* Raises what the refusal asks for; false if that cannot be. */
static bool raise(struct fw_limits *l, const struct fw_refusal *why) {
    for (size_t i = 0; i < RAISED && why->parameter != NULL; i++)
        if (strcmp(raised[i].name, why->parameter) == 0 && why->need <= raised[i].most) {
            *limit_at(l, i) = (uint32_t)why->need;
            return true;
        }
    return false;
}

/* "CONFIG=small with KV_WORDS=40000 ..." if parameters of this one can be raised far enough. */
static bool advise_raised(const struct config *c, const struct fw_model *model, struct fw_limits l,
                          char *text, size_t room) {
    struct fw_limits larger;
    struct fw_refusal why;
    apply(c, &l);
    larger = l;
    while (!holds(&larger, model, &why))
        if (!raise(&larger, &why))
            return false;
    int used = snprintf(text, room, "none of scripts/configs.mk holds it; one like %s would with",
                        c->name);
    for (size_t i = 0; i < RAISED; i++)
        if (*limit_at(&larger, i) != *limit_at(&l, i) && (size_t)used < room)
            used += snprintf(text + used, room - (size_t)used, " %s=%" PRIu32, raised[i].name,
                             *limit_at(&larger, i));
    return true;
}

void configs_advise(const struct fw_model *model, const struct fw_limits *limits, char *text,
                    size_t room) {
    struct fw_limits l = *limits;
    struct fw_refusal why;
    for (size_t i = 0; i < sizeof configs / sizeof *configs; i++) {
        apply(&configs[i], &l);
        if (holds(&l, model, &why)) {
            snprintf(text, room, "CONFIG=%s holds it", configs[i].name);
            return;
        }
    }
    for (size_t i = 0; i < sizeof configs / sizeof *configs; i++)
        if (advise_raised(&configs[i], model, *limits, text, room))
            return;
    snprintf(text, room, "no configuration of this device can hold it");
}

const char *configs_name(size_t config) {
    return config < sizeof configs / sizeof *configs ? configs[config].name : NULL;
}

uint32_t configs_positions(size_t config, const struct fw_model *model, uint32_t most,
                           struct fw_refusal *why) {
    struct fw_limits limits = {.types = LOCKSTEP_TYPES, .head_dim = LOCKSTEP_RESET_HEAD_DIM_MAX};
    struct fw_model one = *model;
    one.context = one.sequences = 1;
    apply(&configs[config], &limits);
    if (!holds(&limits, &one, why))
        return 0;
    const uint64_t room = limits.kv_words / program_kv_words(&one);
    most = most < limits.context ? most : limits.context;
    return room < most ? (uint32_t)room : most;
}
