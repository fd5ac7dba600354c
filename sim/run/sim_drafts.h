/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A run with drafts: the prompts are requests of the scheduler, whose slots that nobody needs hold
 * what may come. In place of fw_configure, fw_prompt and fw_next.
 *
 *     struct sim_drafts *drafts;
 *     struct fw_event event;
 *     if (sim_drafts_open(rtl, &drafts, &err) == 0)
 *         while (sim_drafts_next(drafts, &event) == FW_OK)
 *             show(event.token);
 *     sim_drafts_close(drafts);
 */
#ifndef LOCKSTEP_SIM_DRAFTS_H
#define LOCKSTEP_SIM_DRAFTS_H

#include "rtl.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_drafts;

/* Submits the prompts; the model is loaded. Returns 0, or -1 with `err`. */
int sim_drafts_open(struct rtl *rtl, struct sim_drafts **drafts, struct ls_error *err);

/* As fw_next. */
enum fw_status sim_drafts_next(struct sim_drafts *drafts, struct fw_event *event);

void sim_drafts_close(struct sim_drafts *drafts); /* NULL is allowed */

#ifdef __cplusplus
}
#endif
#endif
