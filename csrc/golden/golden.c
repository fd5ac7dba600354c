/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The golden model's state: opening, closing, results, choosing tokens. The
 * computation is in golden_forward.c.
 */
#include "golden.h"

#include <stdlib.h>
#include <string.h>

#include "golden_dot.h"
#include "golden_state.h"

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

/* Words of all records of a token. */
static size_t token_words(const struct golden *g) {
    const struct ls_model *m = g->model;
    size_t q = (size_t)m->heads * m->head_dim;
    size_t kv = (size_t)m->kv_heads * m->head_dim;
    size_t kv_record = (size_t)2 * m->kv_heads * g->head_blocks * GOLDEN_KV_BLOCK_WORDS;
    size_t layer = 6 * (size_t)m->dim + 3 * q + 3 * kv + 3 * (size_t)m->hidden + kv_record;
    return 2 * (size_t)m->dim + m->layers * layer + m->vocab;
}

/* Whether the numbers of the model are in the specification's domain. */
static int check_model(const struct ls_model *m, struct ls_error *err) {
    uint32_t cols = max_u32(max_u32(m->dim, m->hidden), m->heads * m->head_dim);
    if (cols > GOLDEN_MAX_COLS)
        return ls_error_set(err, "golden: a matrix of %u columns; at most %u are exact", cols,
                            GOLDEN_MAX_COLS);
    if (bits_of(m->rms_eps) >= GOLDEN_EXPONENT)
        return ls_error_set(err, "golden: the RMSNorm epsilon is not a finite positive number");
    if (bits_of(m->rope_base) < GOLDEN_ONE || bits_of(m->rope_base) >= GOLDEN_EXPONENT)
        return ls_error_set(err, "golden: the rotary base is not a finite number of 1 or more");
    if (!(m->rope_scale >= 0x1p-16f) || bits_of(m->rope_scale) >= GOLDEN_EXPONENT)
        return ls_error_set(err, "golden: the rotary scaling factor is not in 2^-16 .. 2^127");
    return 0;
}

static int open_slot(const struct golden *g, struct golden_slot *slot) {
    size_t records = GOLDEN_LAYER_RECORDS * (size_t)g->model->layers + GOLDEN_OUTER_RECORDS;
    slot->record = calloc(records, sizeof *slot->record);
    slot->name = calloc(records, sizeof *slot->name);
    slot->arena = malloc(token_words(g) * sizeof *slot->arena);
    return slot->record != NULL && slot->name != NULL && slot->arena != NULL ? 0 : -1;
}

static int allocate(struct golden *g) {
    const struct ls_model *m = g->model;
    size_t cache = (size_t)m->layers * m->kv_heads * g->head_blocks;
    uint32_t longest = max_u32(max_u32(m->dim, m->hidden), m->heads * m->head_dim);
    if (__builtin_mul_overflow(cache, (size_t)g->context * g->sequences, &cache))
        return -1;
    g->slot = calloc(g->slots, sizeof *g->slot);
    g->length = calloc(g->sequences, sizeof *g->length);
    g->k = calloc(cache, sizeof *g->k);
    g->v = calloc(cache, sizeof *g->v);
    g->increment = calloc(m->n_rot / 2 + 1, sizeof *g->increment);
    g->x_blocks = malloc(blocks_of(longest) * sizeof *g->x_blocks);
    g->gain = malloc(m->dim * sizeof *g->gain);
    g->score = malloc(g->context * sizeof *g->score);
    if (g->slot == NULL || g->length == NULL || g->k == NULL || g->v == NULL ||
        g->increment == NULL || g->x_blocks == NULL || g->gain == NULL || g->score == NULL)
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
    if (allocate(g) != 0) {
        golden_close(g);
        return ls_error_set(err, "golden: out of memory for %u sequences of %u positions",
                            sequences, context);
    }

    enum golden_fault unused = GOLDEN_FAULT_NONE;
    golden_tables_init(&g->tables);
    g->eps = bits_of(model->rms_eps);
    g->dim_rcp = golden_rcp(&g->tables, golden_round32(model->dim, 0, &unused), &unused);
    g->score_unit = golden_inverse_root(model->head_dim);
    for (uint32_t j = 0; j < model->n_rot / 2; j++)
        g->increment[j] = golden_rope_increment(bits_of(model->rope_base),
                                                bits_of(model->rope_scale), j, model->n_rot);
    *golden = g;
    return 0;
}

void golden_close(struct golden *golden) {
    if (golden == NULL)
        return;
    for (unsigned i = 0; golden->slot != NULL && i < golden->slots; i++) {
        free(golden->slot[i].record);
        free(golden->slot[i].name);
        free(golden->slot[i].arena);
    }
    free(golden->slot);
    free(golden->length);
    free(golden->k);
    free(golden->v);
    free(golden->increment);
    free(golden->x_blocks);
    free(golden->gain);
    free(golden->score);
    free(golden);
}

int golden_run(struct golden *golden, unsigned slot, unsigned seq, uint32_t pos, uint32_t token,
               bool want_logits, struct ls_error *err) {
    if (slot >= golden->slots || seq >= golden->sequences)
        return ls_error_set(err, "golden: slot %u of %u, sequence %u of %u: no such", slot,
                            golden->slots, seq, golden->sequences);
    if (token >= golden->model->vocab)
        return ls_error_set(err, "golden: token %u of a vocabulary of %u", token,
                            golden->model->vocab);
    if (pos >= golden->context)
        return ls_error_set(err, "golden: position %u in a context of %u", pos, golden->context);
    if (pos > golden->length[seq])
        return ls_error_set(err, "golden: position %u of sequence %u, which has %u tokens", pos,
                            seq, golden->length[seq]);
    golden->length[seq] = pos + 1;
    return golden_forward(golden, &golden->slot[slot], seq, pos, token, want_logits, err);
}

const struct golden_record *golden_records(const struct golden *golden, unsigned slot,
                                           size_t *count) {
    *count = golden->slot[slot].records;
    return golden->slot[slot].record;
}

const uint32_t *golden_logits(const struct golden *golden, unsigned slot) {
    const struct golden_slot *s = &golden->slot[slot];
    if (s->records == 0 || s->stop.fault != GOLDEN_FAULT_NONE)
        return NULL;
    const struct golden_record *last = &s->record[s->records - 1];
    return last->op == GOLDEN_LOGITS ? last->words : NULL;
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

const char *golden_op_name(enum golden_op op) {
    static const char *const names[] = {"EMBED",  "NORM",   "MATVEC", "ROPE",  "KV",
                                        "ATTEND", "SWIGLU", "ADD",    "LOGITS"};
    return (unsigned)op < sizeof names / sizeof *names ? names[op] : "?";
}
