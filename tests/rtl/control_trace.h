/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What a run of the engine must look like, from the passes and choices that it committed.
 */
#ifndef CONTROL_TRACE_H
#define CONTROL_TRACE_H

#include "control_bench.h"

/* Steps through the program for every pass and compares ops and fetches. */
void control_trace_check(struct bench *b);

#endif
