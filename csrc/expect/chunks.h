/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * How the rows of a matrix are cut into chunks, the blocks of 32 elements that the dot array takes
 * in a cycle (docs/architecture.md, Weight port), and which lane takes which block.
 *
 *     struct chunks c = chunks_begin(&limits, type, rows, cols);
 *     while (chunks_next(&c))
 *         look(c.row, c.block, c.blocks);
 */
#ifndef LS_CHUNKS_H
#define LS_CHUNKS_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/program.h"

#ifdef __cplusplus
extern "C" {
#endif

struct chunks {
    uint32_t most;       /* blocks of a chunk, P */
    uint32_t rows, cols; /* of the matrix */
    uint32_t row_blocks;
    bool joins; /* a chunk may go on into the next row */
    /* The chunk: where it begins, its blocks, how many of them belong to that row and its elements;
     * the others begin the next row. */
    uint32_t row, block, blocks, first, elements;
};

/* Blocks of a chunk at most: of the type's blocks the power of two next to what a beat holds, not
 * more than there are lanes, but one. */
uint32_t chunks_most(const struct fw_limits *limits, uint32_t type);

struct chunks chunks_begin(const struct fw_limits *limits, uint32_t type, uint32_t rows,
                           uint32_t cols);

/* The next chunk; false: there is none. */
bool chunks_next(struct chunks *chunks);

#ifdef __cplusplus
}
#endif
#endif
