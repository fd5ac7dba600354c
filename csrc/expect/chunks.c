/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 */
#include "chunks.h"

#include "csrc/base/device_info.h"
#include "generated/device.h"

static uint32_t blocks_of(uint32_t elements) {
    return (elements + LOCKSTEP_BLOCK - 1) / LOCKSTEP_BLOCK;
}

uint32_t chunks_most(const struct fw_limits *limits, uint32_t type) {
    const struct type_info *const t = &type_info[type];
    const uint32_t unit = t->elements < LOCKSTEP_BLOCK ? LOCKSTEP_BLOCK : t->elements;
    uint32_t elements = unit;
    while (elements / t->elements * t->bytes < limits->port_bits / 8 &&
           elements < LOCKSTEP_BLOCK * limits->lanes)
        elements *= 2;
    return elements / LOCKSTEP_BLOCK;
}

struct chunks chunks_begin(const struct fw_limits *limits, uint32_t type, uint32_t rows,
                           uint32_t cols) {
    const uint32_t row_blocks = blocks_of(cols), lanes = limits->lanes;
    /* The activations hold whole words of a block a lane, one of them for copies. */
    const uint32_t words = (blocks_of(limits->vector_words) + lanes - 1) / lanes;
    return (struct chunks){.most = chunks_most(limits, type),
                           .rows = rows,
                           .cols = cols,
                           .row_blocks = row_blocks,
                           .joins =
                               cols % LOCKSTEP_BLOCK == 0 && row_blocks + lanes <= words * lanes};
}

bool chunks_next(struct chunks *c) {
    /* Behind the chunk before: in its row, in the one that it began, or at the start of a row. */
    if (c->blocks > c->first) {
        c->row++;
        c->block = c->blocks - c->first;
    } else {
        c->block += c->first;
    }
    if (c->block == c->row_blocks) {
        c->row++;
        c->block = 0;
    }
    if (c->row >= c->rows)
        return false;
    const uint32_t left = c->row_blocks - c->block;
    c->first = left < c->most ? left : c->most;
    c->blocks = c->first;
    if (c->joins && c->row + 1 < c->rows) {
        const uint32_t room = c->most - c->first;
        c->blocks += room < c->row_blocks ? room : c->row_blocks;
    }
    c->elements = c->first == left && !c->joins ? c->cols - c->block * LOCKSTEP_BLOCK
                                                : c->blocks * LOCKSTEP_BLOCK;
    return true;
}
