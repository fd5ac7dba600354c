/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The golden model's state: opening, closing, results, choosing tokens. The forward pass is on the
 * family's page, its ops in golden_ops.c and golden_ops_vector.c.
 */
#include "golden.h"

#include <stdlib.h>
#include <string.h>

#include "generated/device.h"
#include "golden_dot.h"
#include "golden_record.h"

static uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static size_t blocks_of(size_t elements) {
    return (elements + GOLDEN_BLOCK - 1) / GOLDEN_BLOCK;
}

static uint32_t max_u32(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

/* A positive normal number. */
static bool is_normal(float value) {
    return bits_of(value) >= 0x00800000u && bits_of(value) < GOLDEN_EXPONENT;
}

/* Whether the numbers of the rotary embedding are in the specification's domain. */
static int check_rotary(const struct ls_model *m, struct ls_error *err) {
    const float bases[] = {m->rope_base, m->local_rope_base != 0 ? m->local_rope_base : 1};
    for (size_t i = 0; i < 2; i++)
        if (!(bases[i] >= 1) || !is_normal(bases[i]))
            return ls_error_set(err, "golden: the rotary base is not a finite number of 1 or more");
    for (uint32_t j = 0; j < m->n_rot / 2; j++) {
        const float factor = m->rope_factors != NULL ? m->rope_factors[j] : m->rope_scale;
        if (!(factor >= 0x1p-16f) || !is_normal(factor))
            return ls_error_set(err, "golden: the rotary scaling factor is not in 2^-16 .. 2^127");
    }
    if (!is_normal(m->rope_magnitude) || m->rope_magnitude > 2)
        return ls_error_set(err, "golden: the rotary magnitude is not above 0 and at most 2");
    return 0;
}

/* Whether the numbers of the model are. */
static int check_model(const struct ls_model *m, struct ls_error *err) {
    uint32_t cols =
        max_u32(max_u32(m->dim, m->hidden), max_u32(m->shared_hidden, m->heads * m->head_dim));
    if (cols > GOLDEN_MAX_COLS)
        return ls_error_set(err, "golden: a matrix of %u columns; at most %u are exact", cols,
                            GOLDEN_MAX_COLS);
    if (bits_of(m->norm_eps) >= GOLDEN_EXPONENT)
        return ls_error_set(err, "golden: the norms' epsilon is not a finite positive number");
    if (m->attn_cap != 0 && !is_normal(m->attn_cap))
        return ls_error_set(err, "golden: the cap of scores is not a finite positive number");
    return check_rotary(m, err);
}

#define GOLDEN_FAMILY(name) [FAMILY_##name] = forward_##name,
static void (*const forward[FAMILY_COUNT])(struct golden_run *) = {FAMILIES(GOLDEN_FAMILY)};
#undef GOLDEN_FAMILY

/* Writes the plan: a run that computes nothing. */
static int make_plan(struct golden *g) {
    struct golden_run run = {
        .golden = g, .model = g->model, .layer = -1, .turn = -1, .planning = true};
    forward[g->model->family->number](&run);
    return run.no_memory ? -1 : 0;
}

/* Elements of the longest vector that an op works on. */
static size_t longest_input(const struct golden_plan *plan) {
    size_t longest = 0;
    for (size_t i = 0; i < plan->records; i++)
        for (size_t k = 0; k < 2; k++) {
            const size_t input = plan->record[i].input[k];
            if (input != GOLDEN_NO_RECORD && plan->record[input].count > longest)
                longest = plan->record[input].count;
        }
    return longest;
}

static int open_slot(const struct golden *g, struct golden_slot *slot) {
    slot->record = calloc(g->plan.records, sizeof *slot->record);
    slot->view = calloc(g->plan.records, sizeof *slot->view);
    slot->chosen = calloc(g->model->experts_used + 1, sizeof *slot->chosen);
    slot->arena = malloc(g->plan.words * sizeof *slot->arena);
    slot->ended = true;
    const bool pieces = (g->model->roles & ROLE_BIT(ROLE_OUTPUT_BIAS)) != 0;
    if (pieces)
        slot->logits = malloc(g->model->vocab * sizeof *slot->logits);
    return slot->record != NULL && slot->view != NULL && slot->chosen != NULL &&
                   slot->arena != NULL && (!pieces || slot->logits != NULL)
               ? 0
               : -1;
}

static int allocate(struct golden *g) {
    const struct ls_model *m = g->model;
    size_t cache = (size_t)m->layers * m->kv_heads * g->head_blocks;
    if (make_plan(g) != 0)
        return -1;
    const size_t longest = longest_input(&g->plan);
    if (__builtin_mul_overflow(cache, (size_t)g->context * g->sequences, &cache))
        return -1;
    g->slot = calloc(g->slots, sizeof *g->slot);
    g->length = calloc(g->sequences, sizeof *g->length);
    g->k = calloc(cache, sizeof *g->k);
    g->v = calloc(cache, sizeof *g->v);
    g->increment[0] = calloc(m->head_dim, sizeof *g->increment[0]);
    if (m->local_rope_base != 0)
        g->increment[1] = calloc(m->head_dim, sizeof *g->increment[1]);
    g->x_blocks = malloc(g->slots * blocks_of(longest) * sizeof *g->x_blocks);
    g->product = malloc(g->slots * sizeof *g->product);
    g->gain = malloc(longest * sizeof *g->gain);
    g->score = malloc(g->context * sizeof *g->score);
    if (g->slot == NULL || g->length == NULL || g->k == NULL || g->v == NULL ||
        g->increment[0] == NULL || (m->local_rope_base != 0 && g->increment[1] == NULL) ||
        g->x_blocks == NULL || g->product == NULL || g->gain == NULL || g->score == NULL)
        return -1;
    for (unsigned i = 0; i < g->slots; i++)
        if (open_slot(g, &g->slot[i]) != 0)
            return -1;
    return 0;
}

int golden_open(const struct ls_model *model, int act_bits, unsigned slots, unsigned sequences,
                uint32_t context, struct golden **golden, struct ls_error *err) {
    *golden = NULL;
    if (act_bits < 2 || act_bits > 16)
        return ls_error_set(err, "golden: %d activation bits; take 2 to 16", act_bits);
    if (slots == 0 || sequences == 0 || context == 0)
        return ls_error_set(err, "golden: slots, sequences and context must be at least 1");
    if (check_model(model, err) != 0)
        return -1;

    struct golden *g = calloc(1, sizeof *g);
    if (g == NULL)
        return ls_error_set(err, "golden: out of memory");
    g->model = model;
    g->act_bits = act_bits;
    g->slots = slots;
    g->sequences = sequences;
    g->context = context;
    g->head_blocks = (uint32_t)blocks_of(model->head_dim);
    g->ready = SIZE_MAX;
    if (allocate(g) != 0) {
        golden_close(g);
        return ls_error_set(err, "golden: out of memory for %u sequences of %u positions",
                            sequences, context);
    }

    golden_tables_init(&g->tables);
    g->eps = bits_of(model->norm_eps);
    g->attn_scale = bits_of(model->attn_scale);
    g->attn_cap = bits_of(model->attn_cap);
    g->attn_cap_slope = g->attn_cap != 0 ? golden_cap_slope(g->attn_cap) : 0;
    g->magnitude = bits_of(model->rope_magnitude);
    for (uint32_t j = 0; j < model->n_rot / 2; j++) {
        const float factor =
            model->rope_factors != NULL ? model->rope_factors[j] : model->rope_scale;
        g->increment[0][j] =
            golden_rope_increment(bits_of(model->rope_base), bits_of(factor), j, model->n_rot);
        if (g->increment[1] != NULL)
            g->increment[1][j] =
                golden_rope_increment(bits_of(model->local_rope_base), GOLDEN_ONE, j, model->n_rot);
    }
    *golden = g;
    return 0;
}

int golden_threads(struct golden *golden, unsigned threads, struct ls_error *err) {
    golden_pool_close(golden->pool);
    return golden_pool_open(threads, &golden->pool, err);
}

void golden_close(struct golden *golden) {
    if (golden == NULL)
        return;
    for (unsigned i = 0; golden->slot != NULL && i < golden->slots; i++) {
        free(golden->slot[i].record);
        free(golden->slot[i].view);
        free(golden->slot[i].chosen);
        free(golden->slot[i].logits);
        free(golden->slot[i].arena);
    }
    free(golden->slot);
    free(golden->plan.record);
    free(golden->plan.name);
    free(golden->length);
    free(golden->k);
    free(golden->v);
    free(golden->increment[0]);
    free(golden->increment[1]);
    free(golden->x_blocks);
    free(golden->product);
    golden_pool_close(golden->pool);
    free(golden->gain);
    free(golden->score);
    free(golden);
}

int golden_begin(struct golden *golden, unsigned slot, unsigned seq, uint32_t pos, uint32_t token,
                 bool want_logits, struct ls_error *err) {
    if (slot >= golden->slots || seq >= golden->sequences)
        return ls_error_set(err, "golden: slot %u of %u, sequence %u of %u: no such", slot,
                            golden->slots, seq, golden->sequences);
    if (token >= golden->model->vocab)
        return ls_error_set(err, "golden: token %u of a vocabulary of %u", token,
                            golden->model->vocab);
    const struct gguf_tensor *learned = golden->model->tensor[ROLE_POSITION_EMBD];
    if (pos >= golden->context || (learned != NULL && pos >= learned->ne[1]))
        return ls_error_set(err, "golden: position %u in a context of %u", pos,
                            learned != NULL && learned->ne[1] < golden->context
                                ? (uint32_t)learned->ne[1]
                                : golden->context);
    if (pos > golden->length[seq])
        return ls_error_set(err, "golden: position %u of sequence %u, which has %u tokens", pos,
                            seq, golden->length[seq]);
    struct golden_slot *s = &golden->slot[slot];
    golden->length[seq] = pos + 1;
    s->seq = seq;
    s->pos = pos;
    s->token = token;
    s->want = want_logits;
    s->records = s->used = 0;
    s->stop = (struct golden_stop){0};
    s->computing = true;
    s->ended = false;
    golden->ready = 0;
    return 0;
}

void golden_compute(struct golden *golden) {
    struct golden_run run = {.golden = golden, .model = golden->model, .layer = -1, .turn = -1};
    forward[golden->model->family->number](&run);
    EACH_SLOT (&run, slot)
        slot->computing = false;
}

void golden_release(struct golden *golden) {
    golden_publish(golden, SIZE_MAX);
}

int golden_run(struct golden *golden, unsigned slot, unsigned seq, uint32_t pos, uint32_t token,
               bool want_logits, struct ls_error *err) {
    if (golden_begin(golden, slot, seq, pos, token, want_logits, err) != 0)
        return -1;
    golden_compute(golden);
    golden_release(golden);
    const struct golden_stop *stop = &golden->slot[slot].stop;
    return stop->fault == GOLDEN_FAULT_NONE ? 0 : ls_error_set(err, "%s", stop->error.text);
}

int golden_run_together(struct golden *golden, unsigned seq, uint32_t pos, const uint32_t *tokens,
                        unsigned count, bool want_logits, struct ls_error *err) {
    unsigned begun = 0;
    while (begun < count && golden_begin(golden, begun, seq, pos + begun, tokens[begun],
                                         want_logits && begun + 1 == count, err) == 0)
        begun++;
    if (begun != 0) {
        golden_compute(golden);
        golden_release(golden);
    }
    if (begun != count)
        return -1;
    for (unsigned i = 0; i < count; i++) {
        const struct golden_stop *stop = &golden->slot[i].stop;
        if (stop->fault != GOLDEN_FAULT_NONE)
            return ls_error_set(err, "%s", stop->error.text);
    }
    return 0;
}

size_t golden_ready(const struct golden *golden) {
    return __atomic_load_n(&golden->ready, __ATOMIC_SEQ_CST);
}

bool golden_has_ended(const struct golden *golden, unsigned slot) {
    return __atomic_load_n(&golden->slot[slot].ended, __ATOMIC_ACQUIRE);
}

void golden_follow(struct golden *golden, void (*on_records)(void *told), void *told) {
    golden->on_records = on_records;
    golden->told = told;
}

const struct golden_record *golden_records(const struct golden *golden, unsigned slot,
                                           size_t *count) {
    *count = golden_has_ended(golden, slot) ? golden->slot[slot].records : golden_ready(golden);
    return golden->slot[slot].record;
}

const uint32_t *golden_logits(const struct golden *golden, unsigned slot) {
    const struct golden_slot *s = &golden->slot[slot];
    if (s->records == 0 || s->stop.fault != GOLDEN_FAULT_NONE)
        return NULL;
    const struct golden_record *last = &s->record[s->records - 1];
    return last->op == LOCKSTEP_OP_LOGITS  ? last->words
           : last->op == LOCKSTEP_OP_OFFER ? s->logits
                                           : NULL;
}

const struct golden_stop *golden_slot_stop(const struct golden *golden, unsigned slot) {
    return &golden->slot[slot].stop;
}

void golden_top_k(const uint32_t *logits, size_t n, size_t k, uint32_t *ids, uint32_t *values) {
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        if (found == k && (k == 0 || golden_compare(logits[i], values[k - 1]) <= 0))
            continue;
        /* Insert behind all that are at least as good: equals stay in order of id. */
        size_t at = found < k ? found++ : k - 1;
        for (; at > 0 && golden_compare(logits[i], values[at - 1]) > 0; at--) {
            ids[at] = ids[at - 1];
            values[at] = values[at - 1];
        }
        ids[at] = (uint32_t)i;
        values[at] = logits[i];
    }
}
