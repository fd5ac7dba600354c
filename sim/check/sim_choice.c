/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The records of an expert's ops say which one it is.
 */
#include "sim_choice.h"

#include <string.h>

void sim_choice_of(const struct golden *golden, uint32_t slot, uint32_t layers,
                   struct walk_choice *room) {
    size_t count;
    const struct golden_record *records = golden_records(golden, slot, &count);
    memset(room, 0, layers * sizeof *room);
    for (size_t i = 0; i < count; i++)
        if (records[i].expert >= 0) {
            const uint32_t expert = (uint32_t)records[i].expert;
            room[records[i].layer].experts[expert / 64] |= UINT64_C(1) << expert % 64;
        }
}

const struct walk_choice *sim_choice(struct scoreboard *board, uint32_t slot,
                                     struct walk_choice *room) {
    if (board == NULL || board->golden == NULL || board->model->experts == 0 ||
        slot >= board->slot_count)
        return NULL;
    scoreboard_await(board);
    sim_choice_of(board->golden, slot, board->model->layers, room);
    return room;
}
