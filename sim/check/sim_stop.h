/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Whether a device that stopped with an error had reason to: the golden model must meet the same
 * error at the same place, the weight memory must have refused or kept back what the device says,
 * the die must be as hot. An error without its reason is a difference (docs/debugging.md, What
 * ends a run).
 *
 *     const struct sim_stop stop = {&firmware, &model, &memory, &power, cycle};
 *     if (!sim_stop_is_right(&stop, &board)) puts(board.first.text);
 */
#ifndef LOCKSTEP_SIM_STOP_H
#define LOCKSTEP_SIM_STOP_H

#include "csrc/model/model.h"
#include "firmware/driver.h"
#include "scoreboard.h"
#include "sim/device/weight_mem.h"
#include "sim_power.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_stop {
    const struct fw_device *firmware; /* its `fault` is the error */
    const struct ls_model *model;
    const struct weight_mem *memory;
    const struct sim_power *power;
    uint64_t cycle;
};

/* If not, board->first says why. */
bool sim_stop_is_right(const struct sim_stop *stop, struct scoreboard *board);

/* If it is, what it was: "NONFINITE (code 18) at op 18 MATVEC, layer 0, tensor
 * blk.0.ffn_up.weight, cycle 6383; the golden model meets it too: ...". */
void sim_stop_text(const struct sim_stop *stop, const struct scoreboard *board, char *text,
                   size_t room);

#ifdef __cplusplus
}
#endif
#endif
