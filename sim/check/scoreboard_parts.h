/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the three files of the scoreboard share: scoreboard.c compares, scoreboard_stop.c knows
 * where the golden model stops, scoreboard_difference.c notes the first difference.
 */
#ifndef LOCKSTEP_SCOREBOARD_PARTS_H
#define LOCKSTEP_SCOREBOARD_PARTS_H

#include "scoreboard.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the slot must commit next; NULL: nothing of an op. */
const struct golden_record *board_next_record(const struct scoreboard *board, uint32_t slot);

/* Whatever is looked at of a record, in any slot, has been awaited: it stands now, or the pass has
 * met an error. */
void board_await(struct scoreboard *board, size_t record);
void board_await_pass(struct scoreboard *board);

/* scoreboard_order of a record of the slot. */
uint64_t board_order_of(const struct scoreboard *board, uint32_t slot, size_t record);

/* Whether the pass has ended for the slot where its next word would be. */
bool board_is_stopped(const struct scoreboard *board, uint32_t slot);

/* Notes the first difference, and returns false; `what` completes the sentence "token ..., ...: ",
 * and is this very text where the word itself is wrong. */
extern const char board_wrong_value[];
bool board_differ(struct scoreboard *board, const struct device_commit *commit, uint32_t slot,
                  uint32_t index, const char *tensor, uint32_t expected, uint32_t actual,
                  const char *what);

/* The same of what came where the golden model has stopped the pass. */
bool board_differ_stopped(struct scoreboard *board, const struct device_commit *commit,
                          uint32_t slot);

/* Behind the first difference: words of its op are kept, until another op commits. Returns whether
 * some are still to come. */
void board_begin_collecting(struct scoreboard *board);
bool board_collect(struct scoreboard *board, const struct device_commit *commit);

#ifdef __cplusplus
}
#endif
#endif
