/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Which experts a slot's token chooses, as the golden model has it: what predictions of cycles,
 * fetches and events must be told of values (csrc/expect/walk.h).
 *
 *     struct walk_choice room[WALK_LAYERS];
 *     const struct walk_choice *choice = sim_choice(board, number, room); // committed by all slots
 */
#ifndef LOCKSTEP_SIM_CHOICE_H
#define LOCKSTEP_SIM_CHOICE_H

#include "csrc/expect/walk.h"
#include "scoreboard.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fills `room` [layers] from the records of the slot's last run. */
void sim_choice_of(const struct golden *golden, uint32_t slot, uint32_t layers,
                   struct walk_choice *room);

/* The same of a slot of the board, in `room` [WALK_LAYERS], which it returns; NULL: the model has
 * no experts, or there is no board. */
const struct walk_choice *sim_choice(struct scoreboard *board, uint32_t slot,
                                     struct walk_choice *room);

#ifdef __cplusplus
}
#endif
#endif
