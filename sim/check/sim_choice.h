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

/* Fills `room` [WALK_LAYERS] from the slot's records and returns it; NULL: the model has no
 * experts, or there is no board. */
const struct walk_choice *sim_choice(struct scoreboard *board, uint32_t slot,
                                     struct walk_choice *room);

#ifdef __cplusplus
}
#endif
#endif
