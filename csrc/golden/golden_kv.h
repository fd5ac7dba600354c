/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The golden model's K,V cache word by word, as the device's KV SRAM holds it, and what the golden
 * model would have computed with one thing wrong.
 *
 *     struct golden_kv_place place = {.sequence = 0, .layer = 2, .head = 1, .position = 7};
 *     golden_kv_get(golden, &place, word);
 *     device_kv_write(&device, golden_kv_address(golden, &place), word);
 */
#ifndef LOCKSTEP_GOLDEN_KV_H
#define LOCKSTEP_GOLDEN_KV_H

#include "golden.h"

#ifdef __cplusplus
extern "C" {
#endif

struct golden_kv_place {
    uint32_t sequence, layer;
    uint32_t value; /* 0: K, 1: V */
    uint32_t head, position, block;
};

/* Blocks of a head. */
uint32_t golden_kv_blocks(const struct golden *golden);

/* Word address in the device's KV SRAM (docs/architecture.md). */
uint32_t golden_kv_address(const struct golden *golden, const struct golden_kv_place *place);

/* A block as 17 words: words 0..15 two mantissas each, the lower first; word 16 the shift. */
void golden_kv_get(const struct golden *golden, const struct golden_kv_place *place,
                   uint32_t word[GOLDEN_KV_BLOCK_WORDS]);
void golden_kv_set(struct golden *golden, const struct golden_kv_place *place,
                   const uint32_t word[GOLDEN_KV_BLOCK_WORDS]);

/* Positions that the cache of a sequence holds. golden_kv_resize says that golden_kv_set has
 * filled `length` of them. */
uint32_t golden_kv_length(const struct golden *golden, uint32_t sequence);
void golden_kv_resize(struct golden *golden, uint32_t sequence, uint32_t length);

/* Rotates x [heads * head_dim] of a layer as at position `position + wrong_position`, each pair
 * with the increment of the pair `wrong_pair` behind it (the first or the last at the ends). */
void golden_wrong_rope(const struct golden *golden, uint32_t layer, const uint32_t *x, size_t count,
                       uint32_t position, int wrong_position, int wrong_pair, uint32_t *y);

/* The same at the right position with the other bank of increments; false: there is but one. */
bool golden_wrong_bank(const struct golden *golden, uint32_t layer, const uint32_t *x, size_t count,
                       uint32_t position, uint32_t *y);

/* Attention of q [heads * head_dim] over positions first .. place->position of the place's sequence
 * and layer, with or without the cap of scores. False: it fails. */
bool golden_wrong_attend(const struct golden *golden, const struct golden_kv_place *place,
                         const uint32_t *q, uint32_t first, bool capped, uint32_t *y);

/* The first position that a token sees in a layer. */
uint32_t golden_first_position(const struct golden *golden, uint32_t layer, uint32_t position);

/* Rows first .. first + rows - 1 of the matrix times x [cols], with the weights `skip` bytes
 * further on. Returns how many rows could be computed. */
size_t golden_wrong_rows(const struct golden *golden, const struct gguf_tensor *weights,
                         const uint32_t *x, size_t first, size_t rows, int64_t skip, uint32_t *y);

#ifdef __cplusplus
}
#endif
#endif
