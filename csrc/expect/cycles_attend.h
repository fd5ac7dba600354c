/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Cycles of the op ATTEND: rtl/attention/attention.v with attention_query.v, attention_keys.v,
 * attention_values.v and attention_out.v, four stages that hand groups of query heads on.
 * docs/cycles.md, Attention.
 *
 *     uint64_t n = cycles_attend(&shape, seen, slots);
 */
#ifndef LS_CYCLES_ATTEND_H
#define LS_CYCLES_ATTEND_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct cycles_attend {
    uint32_t lanes;           /* VLANES */
    uint32_t group;           /* ATTN_HEADS */
    uint32_t heads, kv_heads; /* of the model */
    uint32_t head_dim;
    bool capped; /* scores have a cap */
};

/* From start to done, with how many positions each active slot sees, in their order. */
uint64_t cycles_attend(const struct cycles_attend *shape, const uint32_t *seen, uint32_t slots);

#ifdef __cplusplus
}
#endif
#endif
