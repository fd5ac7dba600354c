/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Models as large as the registers can say, of any geometry, and programs that are nothing but
 * numbers: what the engine makes of tokens, rows, layers and addresses that small ones do not have.
 */
#ifndef CONTROL_FAR_H
#define CONTROL_FAR_H

#include "control_bench.h"

/* Ends with the small model loaded. */
void control_far(struct bench *b);

#endif
