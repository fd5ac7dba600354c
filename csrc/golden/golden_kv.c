/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Access to the golden model's state for tools; it changes nothing but what it is told to.
 */
#include "golden_kv.h"

#include <stdlib.h>

#include "golden_dot.h"
#include "golden_state.h"

static struct golden_block *block_at(const struct golden *g, const struct golden_kv_place *p) {
    const struct ls_model *m = g->model;
    const size_t row = (size_t)p->sequence * m->layers + p->layer;
    const size_t at =
        ((row * g->context + p->position) * m->kv_heads + p->head) * g->head_blocks + p->block;
    return (p->value ? g->v : g->k) + at;
}

uint32_t golden_kv_blocks(const struct golden *g) {
    return g->head_blocks;
}

uint32_t golden_kv_address(const struct golden *g, const struct golden_kv_place *p) {
    const struct ls_model *m = g->model;
    const uint32_t row = p->sequence * m->layers + p->layer, pair = p->head & ~1u;
    const uint32_t in_pair = pair + 1 < m->kv_heads ? 2 : 1; /* heads whose words lie in turn */
    uint32_t at = (row * m->kv_heads + pair) * g->context * g->head_blocks;
    at += (p->position * g->head_blocks + p->block) * in_pair + p->head - pair;
    return 2 * at + p->value;
}

void golden_kv_get(const struct golden *g, const struct golden_kv_place *place,
                   uint32_t word[GOLDEN_KV_BLOCK_WORDS]) {
    const struct golden_block *block = block_at(g, place);
    for (unsigned i = 0; i < GOLDEN_BLOCK / 2; i++)
        word[i] = (uint16_t)block->m[2 * i] | (uint32_t)(uint16_t)block->m[2 * i + 1] << 16;
    word[GOLDEN_BLOCK / 2] = (uint32_t)block->shift;
}

void golden_kv_set(struct golden *g, const struct golden_kv_place *place,
                   const uint32_t word[GOLDEN_KV_BLOCK_WORDS]) {
    struct golden_block *block = block_at(g, place);
    for (unsigned i = 0; i < GOLDEN_BLOCK; i++)
        block->m[i] = (int16_t)(uint16_t)(word[i / 2] >> (16 * (i % 2)));
    block->shift = (int32_t)(word[GOLDEN_BLOCK / 2] & 31u);
}

uint32_t golden_kv_length(const struct golden *g, uint32_t sequence) {
    return g->length[sequence];
}

void golden_kv_resize(struct golden *g, uint32_t sequence, uint32_t length) {
    g->length[sequence] = length;
}

void golden_wrong_rope(const struct golden *g, uint32_t layer, const uint32_t *x, size_t count,
                       uint32_t position, int wrong_position, int wrong_pair, uint32_t *y) {
    const struct golden_rotary rotary = golden_rotary_of(g, golden_bank(g, layer));
    enum golden_fault fault = GOLDEN_FAULT_NONE;
    golden_rope(&g->tables, &rotary, (uint64_t)((int64_t)position + wrong_position), wrong_pair, x,
                count, y, &fault);
}

bool golden_wrong_bank(const struct golden *g, uint32_t layer, const uint32_t *x, size_t count,
                       uint32_t position, uint32_t *y) {
    if (g->increment[1] == NULL)
        return false;
    const struct golden_rotary rotary = golden_rotary_of(g, 1 - golden_bank(g, layer));
    enum golden_fault fault = GOLDEN_FAULT_NONE;
    golden_rope(&g->tables, &rotary, position, 0, x, count, y, &fault);
    return true;
}

bool golden_wrong_attend(const struct golden *g, const struct golden_kv_place *place,
                         const uint32_t *q, uint32_t first, bool capped, uint32_t *y) {
    const struct ls_model *m = g->model;
    const size_t stride = (size_t)m->kv_heads * g->head_blocks;
    struct golden_kv_place at = *place;
    struct golden_attention attention = golden_attention_of(g);
    enum golden_fault fault = GOLDEN_FAULT_NONE;
    attention.cap = capped ? attention.cap : 0;
    attention.q = malloc(g->head_blocks * sizeof *attention.q);
    attention.score = malloc((place->position + 1 - first) * sizeof *attention.score);
    bool done = attention.q != NULL && attention.score != NULL;
    at.position = first;
    at.block = 0;
    for (uint32_t head = 0; head < m->heads && done; head++) {
        at.head = (uint32_t)((uint64_t)head * m->kv_heads / m->heads);
        at.value = 0;
        const struct golden_block *k = block_at(g, &at);
        at.value = 1;
        const struct golden_block *v = block_at(g, &at);
        const size_t element = (size_t)head * m->head_dim;
        golden_attend_head(&g->tables, &attention, q + element, k, v, stride,
                           place->position + 1 - first, y + element, &fault);
        done = fault == GOLDEN_FAULT_NONE;
    }
    free(attention.q);
    free(attention.score);
    return done;
}

uint32_t golden_first_position(const struct golden *g, uint32_t layer, uint32_t position) {
    return golden_first_seen(g->model, layer, position);
}

size_t golden_wrong_rows(const struct golden *g, const struct gguf_tensor *weights,
                         const uint32_t *x, size_t first, size_t rows, int64_t skip, uint32_t *y) {
    struct golden_matrix matrix = {.type = weights->type,
                                   .data = weights->data,
                                   .rows = (size_t)weights->ne[1],
                                   .cols = (size_t)weights->ne[0]};
    const size_t row_bytes = golden_row_bytes(&matrix);
    const size_t blocks = (matrix.cols + GOLDEN_BLOCK - 1) / GOLDEN_BLOCK;
    struct golden_block *x_blocks = malloc(blocks * sizeof *x_blocks);
    size_t done = 0;
    while (rows != 0 &&
           (int64_t)((first + rows) * row_bytes) + skip > (int64_t)(matrix.rows * row_bytes))
        rows--;
    if (x_blocks != NULL && rows != 0 && (int64_t)(first * row_bytes) + skip >= 0 &&
        golden_blocks_from(x, matrix.cols, g->act_bits, x_blocks) == GOLDEN_FAULT_NONE) {
        matrix.data += (int64_t)(first * row_bytes) + skip;
        matrix.rows = rows;
        golden_matvec(&matrix, x_blocks, g->act_bits, y, &done);
    }
    free(x_blocks);
    return done;
}
